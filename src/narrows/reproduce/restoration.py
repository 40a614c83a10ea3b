"""The uses that restore images: denoising, colouring, removing watermarks, filling holes, enlarging.

Each is judged by the PSNR of test images that were damaged at random: beside the damaged image as it is,
methods without a network, and the best linear filter, all fitted to the same training images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.errors import errors
from narrows.evaluation.restoration import damage_by, untouched_name
from narrows.evaluation.restored import OURS, ROUNDING, decibels
from narrows.fitting.restorations import methods, within_range
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_least, at_most, mean_of, median_of
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.photographs import photographs
from narrows.reproduce.tables import number, table
from narrows.runs.run import Run

SHOWN = 8
"""Images in a strip."""

SAME = "the best other method, on the same images"
"""The source of the bounds."""


class Trial(NamedTuple):
    """Test images restored by every method.

    Attributes:
        clean: the test images, `(n, channels, height, width)`, in [0, 1].
        made: by the name of the method, what it makes of the damaged ones; the first are these as they are.
        models: what each of the models makes of them, one for each seed.
    """

    clean: Array
    made: Mapping[str, Array]
    models: Sequence[Array]

    @property
    def psnr(self) -> dict[str, Array]:
        """PSNR in dB of each image that the damage changed, `(n,)`; the models' is the mean over seeds."""
        changed = mse_of(next(iter(self.made.values())), self.clean) > ROUNDING
        found = {name: decibels(mse_of(each, self.clean)[changed], 1.0) for name, each in self.made.items()}
        ours = [decibels(mse_of(each, self.clean)[changed], 1.0) for each in self.models]
        return {**found, OURS: np.mean(ours, axis=0)}

    @property
    def mse(self) -> dict[str, float]:
        """Mean squared error per value, without the models'."""
        return {name: float(mse_of(each, self.clean).mean()) for name, each in self.made.items()}

    @property
    def error(self) -> Estimate:
        """The models' mean squared error per value."""
        return median_of([float(mse_of(each, self.clean).mean()) for each in self.models])


def mse_of(made: Array, clean: Array) -> Array:
    """The mean squared error of each image, `(n,)`."""
    return errors(clean.reshape(len(clean), -1), made.reshape(len(made), -1)).per_value


def attempt(lab: Lab, recipe: str, data: Data, **options: Any) -> Trial:
    """Train `recipe` on `data`, damage its test images, and restore them by all methods."""
    runs = lab.fit_seeds(recipe, data, **options)
    run = runs[0]
    test = run.scaler.prepare(data.held_out.array[: lab.pick(1000, 200)])
    clean, damaged = as_images(run, test.flat), run.corrupted(test)
    made = {untouched_name(damage_by(run.config["spec"]["corruption"]["name"])): as_images(run, damaged)}
    for name, method in methods(run, run.scaler.prepare(data.array)).items():
        made[name] = as_images(run, method(damaged.reshape(-1, *run.schema.model_shape)))
    return Trial(clean, made, [as_images(each, each.restored(test)) for each in runs])


def as_images(run: Run, values: Array) -> Array:
    """Values on the model's scale as images `(n, channels, height, width)` in [0, 1]."""
    limited = within_range(run, values).reshape(-1, *run.schema.model_shape)
    return (limited - run.scaling.low) / (run.scaling.high - run.scaling.low)


def checks(what: str, found: Trial) -> tuple[Check, ...]:
    """Whether the model restores better than every other method: by PSNR, and by squared error."""
    psnr, mse = found.psnr, found.mse
    best = max(found.made, key=lambda name: float(psnr[name].mean()))
    least = min(mse, key=mse.__getitem__)
    gains = (psnr[OURS] - psnr[best]).tolist()
    gain = mean_of(gains)
    return (
        at_least(f"{what}: gain in PSNR over {best}, dB", Estimate(gain.value, gain.low, gain.high), 0, SAME),
        at_most(f"{what}: squared error", found.error, mse[least], f"{least}, on the same images"),
    )


def decibel_rows(found: Trial) -> list[tuple[str, float, float]]:
    """Name, mean PSNR and squared error of each method, the model last."""
    mse = {**found.mse, OURS: found.error.value}
    return [(name, float(each.mean()), mse[name]) for name, each in found.psnr.items()]


def in_words(what: str, found: Trial) -> str:
    """The PSNR of the model, with its interval over images, and of all others."""
    (ours, *others) = sorted(found.psnr.items(), key=lambda pair: pair[0] != OURS)
    mean = mean_of(ours[1].tolist())
    rest = ", ".join(f"{name} {each.mean():.2f}" for name, each in others)
    return f"{what}: mean PSNR {mean.value:.2f} dB ({mean.low:.2f} to {mean.high:.2f} over images); {rest}."


def figures(what: str, found: Trial) -> tuple[Figure, Figure]:
    """Images before and after, spread evenly over the test images, and a table of all methods."""
    shown = np.linspace(0, len(found.clean) - 1, SHOWN).astype(int)
    rows = {**found.made, OURS: found.models[0], "the original": found.clean}
    pictures = {name[:1].upper() + name[1:]: np.moveaxis(each[shown], 1, -1) for name, each in rows.items()}
    cells = ((name, f"{psnr:.2f}", number(mse)) for name, psnr, mse in decibel_rows(found))
    caption = f"{what}: damaged test images, as they are and restored, and the originals."
    return (
        strip(pictures, caption),
        table(("method", "mean PSNR, dB", "squared error"), cells, f"{what}: all methods, same images."),
    )


def finding(trials: Mapping[str, Trial], note: str = "") -> Finding:
    """The finding of an entry, from its trials by what they restore."""
    measured: dict[str, float] = {}
    yardstick: dict[str, float] = {}
    for what, found in trials.items():
        for name, psnr, _ in decibel_rows(found):
            target = measured if name == OURS else yardstick
            target[f"PSNR in dB, {what.lower()}" + ("" if name == OURS else f", {name}")] = psnr
    return Finding(
        measured,
        yardstick,
        tuple(check for what, found in trials.items() for check in checks(what, found)),
        " ".join(filter(None, (*(in_words(*pair) for pair in trials.items()), note))),
        tuple(figure for pair in trials.items() for figure in figures(*pair)),
    )


def few(lab: Lab, data: Data) -> Data:
    """The first training images of `data`, as many as small networks need."""
    return lab.first(data, lab.pick(5000, 1500))


def network(lab: Lab) -> dict[str, Any]:
    """Changes to a recipe: in the quick table a narrower network, which learns faster."""
    narrow = {"encoder": {"name": "unet", "widths": [16, 16, 16], "blocks": 1}}
    return lab.pick({}, {**narrow, "training": {"learning_rate": 5e-3}})


def denoising(lab: Lab) -> Finding:
    noise = {"corruption": {"name": "gaussian", "std": 0.3, "clamp": True}}
    changes = {"encoder": {"name": "unet", "widths": [32, 32, 32], "blocks": 1}, **network(lab), **noise}
    changes |= {"bottleneck": {"project": "none", "latent_dim": None}, "output": {"name": "residual"}}
    options = {"overrides": {**changes, "loss": {"name": "squared"}}, "epochs": lab.pick(10, 8)}
    found = attempt(lab, "denoising", few(lab, lab.digits), **options)
    note = (
        "The noise is the lecture's, of standard deviation 0.3; the network has skips, and P2 a short code."
    )
    return finding({"Denoising": found}, note)


def colouring(lab: Lab) -> Finding:
    options = {"overrides": network(lab), "epochs": lab.pick(30, 10)}
    found = attempt(lab, "colouring", photographs(lab.pick(16, 32)), **options)
    note = (
        "Pieces of two photographs are coloured after training on other parts of the same photographs; "
        "the colours of another photograph are not in these data. Pieces of one photograph are alike, so "
        "that the true interval is wider."
    )
    return finding({"Colouring": found}, note)


def covered(lab: Lab) -> Finding:
    data, options = few(lab, lab.fashion), {"overrides": network(lab), "epochs": lab.pick(6, 4)}
    return finding(
        {
            "Removing watermarks": attempt(lab, "watermark-removal", data, **options),
            "Filling holes": attempt(lab, "inpainting", data, **options),
        }
    )


def enlarging(lab: Lab) -> Finding:
    options = {"overrides": network(lab), "epochs": lab.pick(6, 4)}
    found = attempt(lab, "super-resolution", few(lab, lab.fashion), **options)
    return finding({"Enlarging from 14×14 to 28×28": found})


ENTRIES = (
    Entry("U3", "denoising", "An autoencoder removes noise from images.", denoising),
    Entry("U9", "image colouring", "An autoencoder adds the colours to grey images.", colouring),
    Entry(
        "U10",
        "watermark removal and inpainting",
        "An autoencoder removes what covers a part of an image.",
        covered,
    ),
    Entry("U11", "super-resolution", "An autoencoder enlarges images.", enlarging),
)
