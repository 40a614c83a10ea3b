"""Whether a denoising autoencoder projects onto the data (K4), and the entries about geometry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.model.corruptions import Corruption, Gaussian, SaltPepper
from narrows.reproduce.dimensions import K6
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat, mse, reconstruct
from narrows.reproduce.manifolds import K13
from narrows.reproduce.spiral import MODELS, STD, Runs, arrows, distances, fit_both, spiral
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, mlp, nearest_distances, subset
from narrows.runs.run import Run
from narrows.training.devices import seeded

LEVELS = (0.1, 0.2, 0.3, 0.5, 0.7)
"""Standard deviations of the Gaussian noise in the test."""

SALT_PEPPER = 0.2
"""Share of pixels that the salt-and-pepper noise of the test makes black or white."""

TRAINED = f"σ = {STD:g}"
"""The noise that the denoising autoencoder is trained with."""

STRONG = (TRAINED, "σ = 0.5", "σ = 0.7", "salt and pepper")
"""The noise of the training, and stronger noise. The more robust model has smaller errors under all of it."""

IDENTITY_SHARE = 0.1
"""A model is close to the identity if it reduces the distance to the data by less than this share."""

DIMENSIONS = {"undercomplete": 32, "overcomplete": 1000}
"""Latent dimensions for 784 pixels."""

NETWORKS = {
    "undercomplete": {**mlp([256]), "bottleneck": {"latent_dim": 32}},
    "overcomplete": {
        "encoder": {"name": "layers", "down": "linear 1000, relu"},
        "bottleneck": {"project": "none", "latent_dim": None},
        "decoder": {"name": "layers", "up": "linear *"},
        "loss": SQUARED,
    },
}
"""One hidden layer in encoder and decoder each; and one wide ReLU layer that is the code, as in Vincent et
al. 2008."""

SHOWN = 10


class Behaviour(NamedTuple):
    """What a plain and a denoising autoencoder do to noisy images, by model (AE, DAE) and noise.

    Attributes:
        errors: mean squared error against the clean images, also without noise.
        distances: mean distance of the reconstructions from the nearest training image.
        passed: by model, the share of weak noise that is still in the reconstruction.
    """

    errors: dict[str, dict[str, float]]
    distances: dict[str, dict[str, float]]
    passed: dict[str, float]


class Input(NamedTuple):
    """Test images and the training images `(n, 784)`, and the test images under each noise."""

    x: Array
    train: Array
    noisy: dict[str, Array]

    def distances(self) -> dict[str, float]:
        """The mean distance of the noisy images from the nearest training image, by noise."""
        return {name: mean_distance(y, self.train) for name, y in self.noisy.items()}

    def errors(self) -> dict[str, float]:
        """The mean squared error of the noisy images, by noise."""
        return {name: mse(self.x, y) for name, y in self.noisy.items()}


def projects(lab: Lab) -> Finding:
    """The same network trained on clean and on noisy images, tested under several kinds of noise."""
    data, plane = subset(lab.digits, 6000), spiral(lab)
    pairs = {name: fit_pair(lab, data, name) for name in NETWORKS}
    given = corrupt_tests(data, pairs["overcomplete"]["AE"])
    behaviours = {name: observe(runs, given) for name, runs in pairs.items()}
    before, inputs = given.distances(), given.errors()
    on_plane = fit_both(lab, plane)
    on_spiral = {model: distances(run, plane) for model, run in on_plane.items()}
    return Finding(
        {
            "rows": len(data),
            **{name: b._asdict() for name, b in behaviours.items()},
            "spiral_distance_after": {model: after for model, (_, after) in on_spiral.items()},
        },
        {
            "error_of_the_noisy_image": inputs,
            "distance_of_the_noisy_image": before,
            "distance_of_the_clean_image": mean_distance(given.x, given.train),
            "spiral_distance_before": on_spiral["AE"][0],
        },
        (
            at_most(
                "DAE's distance to the data / before, largest", farthest(behaviours, before), 1, "before"
            ),
            at_most("DAE's error / the AE's, largest under strong noise", worst(behaviours), 1, "the AE"),
            at_least(
                "AE's distance to the spiral / before",
                on_spiral["AE"][1] / on_spiral["AE"][0],
                1 - IDENTITY_SHARE,
                "the identity, to a tenth",
            ),
        ),
        f"{len(data):,} training images. {image_sentence(behaviours, before[TRAINED], inputs[TRAINED])} "
        f"{unseen_sentence(behaviours)} {passed_sentence(behaviours)} {spiral_sentence(on_spiral)}",
        (
            arrows(on_plane, plane),
            noise_strip(pairs["overcomplete"], given),
            *(error_plot(name, b, inputs) for name, b in behaviours.items()),
            distance_table(behaviours, before),
        ),
    )


def fit_pair(lab: Lab, data: Data, name: str) -> Runs:
    """A plain and a denoising autoencoder with the same network."""
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD, "clamp": True}}}
    return {
        model: lab.fit(recipe, data, overrides={**NETWORKS[name], **noise[model]}, epochs=lab.pick(12, 6))
        for model, recipe in MODELS.items()
    }


def corrupt_tests(data: Data, run: Run) -> Input:
    x = flat(data.held_out.array)
    noisy = {name: corrupted(corruption, x) for name, corruption in noises(run).items()}
    return Input(x, flat(data.array), noisy)


def noises(run: Run) -> dict[str, Corruption]:
    """The corruptions of the test by name."""
    domain = run.schema.domain(run.scaling)
    normal = {f"σ = {std:g}": Gaussian(domain, std=std, clamp=True) for std in LEVELS}
    return {**normal, "salt and pepper": SaltPepper(domain, share=SALT_PEPPER)}


def corrupted(corruption: Corruption, x: Array) -> Array:
    """`x` corrupted, with the same noise each time."""
    with seeded(0, torch.device("cpu")):
        noisy: Tensor = corruption.corrupt(torch.as_tensor(x))
        return noisy.numpy()


def observe(runs: Runs, given: Input) -> Behaviour:
    """What `runs` do to the test images without noise and with each noise."""
    outputs = {
        model: {name: reconstruct(run, y) for name, y in {"clean": given.x, **given.noisy}.items()}
        for model, run in runs.items()
    }
    return Behaviour(
        {model: {name: mse(given.x, y) for name, y in of.items()} for model, of in outputs.items()},
        {
            model: {name: mean_distance(y, given.train) for name, y in of.items()}
            for model, of in outputs.items()
        },
        {model: passed_share(run, given.x) for model, run in runs.items()},
    )


def mean_distance(x: Array, train: Array) -> float:
    """The mean distance of the rows of `x` from the nearest row of `train`."""
    return float(nearest_distances(x, train).mean())


def passed_share(run: Run, x: Array, std: float = 0.1) -> float:
    """The share of weak noise that is still in the reconstruction: 1 for the identity, 0 for a constant.

    ⟨r(x + n) - r(x), n⟩ / ‖n‖², over all images and pixels.
    """
    noise = std * np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    change = reconstruct(run, x + noise) - reconstruct(run, x)
    return float((change * noise).sum() / (noise**2).sum())


def farthest(behaviours: Mapping[str, Behaviour], before: Mapping[str, float]) -> float:
    """The denoising autoencoders' distance to the data relative to that before; the largest by noise."""
    return max(b.distances["DAE"][name] / before[name] for b in behaviours.values() for name in before)


def worst(behaviours: Mapping[str, Behaviour]) -> float:
    """The denoising autoencoders' error relative to the plain ones'; the largest under strong noise."""
    return max(b.errors["DAE"][name] / b.errors["AE"][name] for b in behaviours.values() for name in STRONG)


def is_identity(before: float, after: float) -> bool:
    """Whether a distance is hardly reduced."""
    return after > (1 - IDENTITY_SHARE) * before


def image_sentence(behaviours: Mapping[str, Behaviour], before: float, noisy: float) -> str:
    over, under = behaviours["overcomplete"], behaviours["undercomplete"]
    return (
        f"Test images with noise of {TRAINED} have a mean distance of {number(before)} from the nearest "
        f"training image. With {DIMENSIONS['overcomplete']} latent dimensions the denoising autoencoder "
        f"reduces it to {number(over.distances['DAE'][TRAINED])} and the plain one to "
        f"{number(over.distances['AE'][TRAINED])}. Their test errors are "
        f"{number(over.errors['DAE'][TRAINED])} and {number(over.errors['AE'][TRAINED])}, that of the noisy "
        f"images {number(noisy)}. With {DIMENSIONS['undercomplete']} latent dimensions the test errors are "
        f"{number(under.errors['DAE'][TRAINED])} and {number(under.errors['AE'][TRAINED])}."
    )


def unseen_sentence(behaviours: Mapping[str, Behaviour]) -> str:
    """Under which noise, of that which was not in the training, the denoising autoencoder is better."""
    names = [f"σ = {std:g}" for std in LEVELS if std != STD] + ["salt and pepper"]
    parts = []
    for which, b in behaviours.items():
        better = [name for name in names if b.errors["DAE"][name] < b.errors["AE"][name]]
        parts.append(f"{', '.join(better) or 'none'} with {DIMENSIONS[which]} latent dimensions")
    return (
        f"Neither model was trained with noise of {', '.join(names)}. Of these the denoising autoencoder has "
        f"the smaller test error under {'; '.join(parts)}."
    )


def passed_sentence(behaviours: Mapping[str, Behaviour]) -> str:
    passed = behaviours["overcomplete"].passed
    return (
        f"Of weak noise the plain autoencoder with {DIMENSIONS['overcomplete']} latent dimensions keeps "
        f"{percent(passed['AE'])} and the denoising one {percent(passed['DAE'])}; the identity keeps all."
    )


def spiral_sentence(on_spiral: Mapping[str, tuple[float, float]]) -> str:
    before, after = on_spiral["AE"]
    identity = "close to the identity" if is_identity(before, after) else "not close to the identity"
    return (
        f"In a plane, with 8 latent dimensions for 2 coordinates, the plain autoencoder is {identity}: noisy "
        f"points have a mean distance of {number(before)} from a spiral, and their reconstructions "
        f"{number(after)}. With the denoising autoencoder it is {number(on_spiral['DAE'][1])}."
    )


def noise_strip(runs: Runs, given: Input) -> Figure:
    """Noisy test images, and their reconstructions by both models."""
    side = round(given.x.shape[1] ** 0.5)
    rows = {"Original": given.x[:SHOWN]}
    for name in ("σ = 0.5", "salt and pepper"):
        noisy = given.noisy[name][:SHOWN]
        rows[name] = noisy
        rows |= {f"{model}, {name}": reconstruct(run, noisy) for model, run in runs.items()}
    images = {name: row.reshape(-1, side, side) for name, row in rows.items()}
    caption = f"Noise that neither model was trained with; {DIMENSIONS['overcomplete']} latent dimensions."
    return strip(images, caption)


def error_plot(name: str, behaviour: Behaviour, inputs: Mapping[str, float]) -> Figure:
    """The test error by the standard deviation of the noise."""
    levels = ["clean", *(f"σ = {std:g}" for std in LEVELS)]
    return lines(
        [0.0, *LEVELS],
        {
            "denoising": [behaviour.errors["DAE"][level] for level in levels],
            "plain": [behaviour.errors["AE"][level] for level in levels],
            "noisy image": [inputs.get(level, 0.0) for level in levels],
        },
        f"Error against the clean test images by the noise on the input, with {DIMENSIONS[name]} latent "
        f"dimensions ({name}). The denoising autoencoder was trained with {TRAINED}.",
        across="σ of the noise",
        up="mean squared error",
    )


def distance_table(behaviours: Mapping[str, Behaviour], before: Mapping[str, float]) -> Figure:
    """Distances from the data, and the share of noise that is kept."""
    rows = [
        (
            f"{model}, {DIMENSIONS[name]} dimensions",
            *(number(b.distances[model][noise]) for noise in before),
            percent(b.passed[model]),
        )
        for name, b in behaviours.items()
        for model in MODELS
    ]
    return table(
        ("", *before, "noise kept"),
        [("noisy image", *map(number, before.values()), percent(1)), *rows],
        "Mean distance from the nearest training image by the noise on the test images, and the share of "
        "weak noise (σ = 0.1) that is still in the reconstruction.",
    )


K4 = Entry(
    "K4",
    "a denoising autoencoder projects onto the data",
    "A denoising autoencoder learns a projection from a neighbourhood of the training data back onto them "
    "and is more robust; a plain one learns the identity function, which brings the risk of overfitting.",
    projects,
)

ENTRIES: tuple[Entry, ...] = (K4, K6, K13)
