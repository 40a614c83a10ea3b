"""Where data lie and what an autoencoder does with what lies beside them (decks P, Y and S)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.model.corruptions import Corruption, Gaussian, SaltPepper
from narrows.reproduce.dimensions import K6
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat, mse, reconstruct
from narrows.reproduce.manifolds import K13
from narrows.reproduce.spiral import KINDS, STD, Runs, both_on_spiral, field, spiral, to_the_data
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, mlp, nearest_distances, subset
from narrows.runs.run import Run

LEVELS = (0.1, 0.2, 0.3, 0.5, 0.7)
"""Standard deviations of the noise of the test."""

SALTED = 0.2
"""Share of the pixels that are black or white in the other noise of the test."""

LEARNED = f"σ = {STD:g}"
"""The noise that denoising is learned on."""

HEAVY = (LEARNED, "σ = 0.5", "σ = 0.7", "salt and pepper")
"""Noise at least as strong as that: who errs less under all of these is more robust."""

SAME = 0.1
"""A code by which points come nearer to the data by less than this share is near the identity."""

SIZES = {"undercomplete": 32, "overcomplete": 1000}
"""Numbers in a code, of 784 pixels."""

NETWORKS = {
    "undercomplete": {**mlp([256]), "bottleneck": {"latent_dim": 32}},
    "overcomplete": {
        "encoder": {"name": "layers", "down": "linear 1000, relu"},
        "bottleneck": {"project": "none", "latent_dim": None},
        "decoder": {"name": "layers", "up": "linear *"},
        "loss": SQUARED,
    },
}
"""A hidden layer each way; and a wide layer of rectified linear units that is itself the code, as of
Vincent et al. 2008."""

SHOWN = 10


class Judged(NamedTuple):
    """What a pair of autoencoders does to noisy images, by kind (AE, DAE) and by noise.

    Attributes:
        errors: against the clean image, also without noise.
        distances: to the nearest training image.
        passed: share of a little noise that is still there behind the model, by kind.
    """

    errors: dict[str, dict[str, float]]
    distances: dict[str, dict[str, float]]
    passed: dict[str, float]


def projects(lab: Lab) -> Finding:
    """The same network trained on clean and on noisy images, under noise that neither has seen."""
    data = subset(lab.digits, 6000)
    x, train = flat(data.held_out.array), flat(data.array)
    pairs = {name: both(lab, data, name) for name in NETWORKS}
    noisy = {name: shown(kind, x) for name, kind in noises(pairs["overcomplete"]["AE"]).items()}
    found = {name: judged(runs, x, train, noisy) for name, runs in pairs.items()}
    before = {name: float(nearest_distances(y, train).mean()) for name, y in noisy.items()}
    inputs = {name: mse(x, y) for name, y in noisy.items()}
    toy = spiral(lab)
    planar = both_on_spiral(lab, toy)
    ways = {kind: to_the_data(run, toy) for kind, run in planar.items()}
    nearer = all(f.distances["DAE"][key] < before[key] for f in found.values() for key in noisy)
    robust = all(f.errors["DAE"][key] < f.errors["AE"][key] for f in found.values() for key in HEAVY)
    identity = ways["AE"][1] > (1 - SAME) * ways["AE"][0]
    return Finding(
        {
            "rows": len(data),
            **{name: f._asdict() for name, f in found.items()},
            "spiral_distance_after": {kind: after for kind, (_, after) in ways.items()},
        },
        {
            "error_of_the_noisy_image": inputs,
            "distance_of_the_noisy_image": before,
            "distance_of_the_clean_image": float(nearest_distances(x, train).mean()),
            "spiral_distance_before": ways["AE"][0],
        },
        nearer and robust and identity,
        f"{len(data):,} images. {told(found, before[LEARNED], inputs[LEARNED])} {told_of_spiral(ways)}",
        (
            field(planar, toy),
            faces(pairs["overcomplete"], x, noisy),
            *(drawn(name, f, inputs) for name, f in found.items()),
            numbers(found, before),
        ),
    )


def both(lab: Lab, data: Data, name: str) -> Runs:
    """A plain and a denoising autoencoder of the same network."""
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD, "clamp": True}}}
    return {
        kind: lab.fit(recipe, data, overrides={**NETWORKS[name], **noise[kind]}, epochs=lab.pick(12, 6))
        for kind, recipe in KINDS.items()
    }


def noises(run: Run) -> dict[str, Corruption]:
    """The noises of the test by name."""
    domain = run.schema.domain(run.scaling)
    normal = {f"σ = {std:g}": Gaussian(domain, std=std, clamp=True) for std in LEVELS}
    return {**normal, "salt and pepper": SaltPepper(domain, share=SALTED)}


def shown(corruption: Corruption, x: Array) -> Array:
    """`x` after a corruption, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found: Tensor = corruption.corrupt(torch.as_tensor(x))
        return found.numpy()


def judged(runs: Runs, x: Array, train: Array, noisy: dict[str, Array]) -> Judged:
    """What `runs` do to the images `x` without noise and with each."""
    outputs = {
        kind: {name: reconstruct(run, seen) for name, seen in {"clean": x, **noisy}.items()}
        for kind, run in runs.items()
    }
    return Judged(
        {kind: {name: mse(x, y) for name, y in of.items()} for kind, of in outputs.items()},
        {
            kind: {name: float(nearest_distances(y, train).mean()) for name, y in of.items()}
            for kind, of in outputs.items()
        },
        {kind: passed_on(run, x) for kind, run in runs.items()},
    )


def passed_on(run: Run, x: Array, std: float = 0.1) -> float:
    """The share of a little noise that is still there behind the model: of the identity 1, of a constant 0.

    ⟨r(x + n) - r(x), n⟩ / ‖n‖², over all images and pixels.
    """
    noise = std * np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    change = reconstruct(run, x + noise) - reconstruct(run, x)
    return float((change * noise).sum() / (noise**2).sum())


def told(found: dict[str, Judged], before: float, inputs: float) -> str:
    """Distances and errors of images in words."""
    over, under = found["overcomplete"], found["undercomplete"]
    size, small = SIZES["overcomplete"], SIZES["undercomplete"]
    near, far = over.distances["DAE"][LEARNED], over.distances["AE"][LEARNED]
    good, bad = over.errors["DAE"][LEARNED], over.errors["AE"][LEARNED]
    return (
        f"Noise of {LEARNED} puts test images {number(before)} from the nearest training image. With {size} "
        f"numbers in the code the denoising autoencoder brings them to {number(near)} and the plain one to "
        f"{number(far)}; their errors are {number(good)} and {number(bad)}, the noisy image's is "
        f"{number(inputs)} (with {small} numbers: {number(under.errors['DAE'][LEARNED])} and "
        f"{number(under.errors['AE'][LEARNED])}). {unseen(found)} Of a little noise the plain one with "
        f"{size} numbers passes {percent(over.passed['AE'])} on and the denoising one "
        f"{percent(over.passed['DAE'])}; the identity would pass all of it."
    )


def told_of_spiral(ways: dict[str, tuple[float, float]]) -> str:
    """What becomes of points beside the spiral."""
    before, after = ways["AE"]
    identity = "all but the identity" if after > (1 - SAME) * before else "not the identity"
    return (
        f"In a plane, with 8 numbers for 2 coordinates, the plain one is {identity}: noisy points lie "
        f"{number(before)} from a spiral before and {number(after)} after it, {number(ways['DAE'][1])} after "
        "the denoising one."
    )


def unseen(found: dict[str, Judged]) -> str:
    """Under which of the noises that the training had not the denoising one is better, by size of code."""
    names = [f"σ = {std:g}" for std in LEVELS if std != STD] + ["salt and pepper"]
    parts = []
    for which, f in found.items():
        better = [name for name in names if f.errors["DAE"][name] < f.errors["AE"][name]]
        parts.append(f"{', '.join(better) or 'none'} with {SIZES[which]} numbers")
    return (
        f"Of the noises that neither was trained on ({', '.join(names)}) the denoising one errs less under "
        f"{'; '.join(parts)}; under the others the plain one does."
    )


def faces(runs: Runs, x: Array, noisy: dict[str, Array]) -> Figure:
    """Noisy test images, and what the two make of them."""
    side = round(x.shape[1] ** 0.5)
    rows = {"Original": x[:SHOWN]}
    for name in ("σ = 0.5", "salt and pepper"):
        seen = noisy[name][:SHOWN]
        rows[name] = seen
        rows |= {f"{kind} of {name}": reconstruct(run, seen) for kind, run in runs.items()}
    images = {name: row.reshape(-1, side, side) for name, row in rows.items()}
    return strip(images, f"Noise that neither was trained on; {SIZES['overcomplete']} numbers in the code.")


def drawn(name: str, found: Judged, inputs: dict[str, float]) -> Figure:
    """The error against the strength of the noise."""
    levels = ["clean", *(f"σ = {std:g}" for std in LEVELS)]
    return lines(
        [0.0, *LEVELS],
        {
            "denoising": [found.errors["DAE"][level] for level in levels],
            "plain": [found.errors["AE"][level] for level in levels],
            "noisy image": [inputs.get(level, 0.0) for level in levels],
        },
        f"Error against the clean test images by the noise on the input, with {SIZES[name]} numbers in the "
        f"code ({name}). The denoising one was trained at {LEARNED}.",
        across="σ of the noise",
        up="mean squared error",
    )


def numbers(found: dict[str, Judged], before: dict[str, float]) -> Figure:
    """Distances to the data, and the share of noise passed on."""
    rows = [
        (
            f"{kind}, {SIZES[name]} numbers",
            *(number(f.distances[kind][key]) for key in before),
            percent(f.passed[kind]),
        )
        for name, f in found.items()
        for kind in KINDS
    ]
    return table(
        ("", *before, "noise passed on"),
        [("noisy image", *map(number, before.values()), percent(1)), *rows],
        "Mean distance to the nearest training image, by the noise on the test images; and the share of a "
        "little noise (σ = 0.1) that is still there behind the model.",
    )


K4 = Entry(
    "K4",
    "a denoising autoencoder projects onto the data",
    "A denoising autoencoder learns a projection from a neighbourhood of the training data back onto them "
    "and is more robust; a plain one learns the identity function, which brings the risk of overfitting.",
    projects,
)

ENTRIES: tuple[Entry, ...] = (K4, K6, K13)
