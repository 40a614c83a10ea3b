"""Where data lie and what an autoencoder does with what lies beside them (decks P, Y and S)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.corruptions import Corruption, Gaussian, SaltPepper
from narrows.data.kinds import Array, Data, describe
from narrows.report import figures
from narrows.reproduce.dimensions import K6
from narrows.reproduce.drawings import axes_of, lines, strip
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat, mse
from narrows.reproduce.manifolds import K13
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import LAST, SQUARED, held_out, mlp, nearest, part, through
from narrows.run import Run

STD = 0.3
"""Of the noise that denoising is learned on."""

LEVELS = (0.1, 0.2, 0.3, 0.5, 0.7)
"""Standard deviations of the noise of the test."""

SALTED = 0.2
"""Share of the pixels that are black or white in the other noise of the test."""

STRONG = ("σ = 0.3", "σ = 0.5", "σ = 0.7", "salt and pepper")
"""Noise at least as strong as that which denoising is learned on: robust is who errs less under these."""

SIZES = {"undercomplete": 32, "overcomplete": 1000}
"""Numbers in a code, of 784 pixels."""

UNDER = {**mlp([256]), "bottleneck": {"latent_dim": SIZES["undercomplete"]}}
"""A hidden layer each way."""

OVER = {
    "encoder": {"name": "layers", "down": f"linear {SIZES['overcomplete']}, relu"},
    "bottleneck": {"project": "none", "latent_dim": None},
    "decoder": {"name": "layers", "up": "linear *"},
    "loss": SQUARED,
    "training": LAST,
}
"""The code is a wide layer of rectified linear units, as of Vincent et al. 2008, and nothing else."""

KINDS = {"AE": "autoencoder", "DAE": "denoising"}
"""What is compared, and the recipes."""

SHOWN = 10

Runs = dict[str, Run]


def projects(lab: Lab) -> Finding:
    """The same network trained on clean and on noisy images, under noise that neither has seen."""
    data = part(lab.digits, 6000)
    pairs = {name: both(lab, data, size) for name, size in SIZES.items()}
    x = flat(held_out(data).array)
    noisy = {name: shown(kind, x) for name, kind in noises(pairs["undercomplete"]["AE"]).items()}
    errors = {name: by_noise(runs, x, noisy) for name, runs in pairs.items()}
    distances = {name: distance(runs, data, noisy) for name, runs in pairs.items()}
    passed = {name: {kind: passed_on(run, x) for kind, run in of.items()} for name, of in pairs.items()}
    toy = spiral(lab)
    arrows = both_on_spiral(lab, toy)
    ways = {kind: to_the_data(run, toy) for kind, run in arrows.items()}
    usual = f"σ = {STD:g}"
    inputs = mse(x, noisy[usual])
    nearer = all(of["DAE"][key] < of["noisy"][key] for of in distances.values() for key in noisy)
    robust = all(of["DAE"][key] < of["AE"][key] for of in errors.values() for key in STRONG)
    before, after = ways["AE"]
    copies = after > 0.9 * before
    over, under = errors["overcomplete"], errors["undercomplete"]
    far = distances["overcomplete"]
    return Finding(
        {
            "rows": len(data),
            "error": errors,
            "distance_to_the_data": distances,
            "noise_passed_on": passed,
            "spiral_distance_after": {kind: after for kind, (_, after) in ways.items()},
        },
        {
            "error_of_the_noisy_image": {name: mse(x, y) for name, y in noisy.items()},
            "clean_to_the_data": float(nearest(x, flat(data.array)).mean()),
            "spiral_distance_before": ways["DAE"][0],
        },
        nearer and robust and copies,
        f"Noise of σ = {STD:g} puts test images {number(far['noisy'][usual])} from the nearest training image; "
        f"the denoising autoencoder brings them to {number(far['DAE'][usual])}, the plain one with an "
        f"overcomplete code to {number(far['AE'][usual])} ({number(distances['undercomplete']['DAE'][usual])} "
        f"and {number(distances['undercomplete']['AE'][usual])} with {SIZES['undercomplete']} numbers). The error "
        f"of the noisy images is {number(inputs)}, of the denoising autoencoder {number(over['DAE'][usual])} and "
        f"of the plain one {number(over['AE'][usual])} ({number(under['DAE'][usual])} and "
        f"{number(under['AE'][usual])}); {unseen(errors)} With {SIZES['overcomplete']} numbers for 784 pixels "
        f"the plain one passes {percent(passed['overcomplete']['AE'])} of the noise on, where the identity passes "
        f"100 %, the denoising one {percent(passed['overcomplete']['DAE'])}. Wherever images vary it may be the "
        f"identity, but most of the noise lies elsewhere. In a plane it shows: noisy points, {number(before)} "
        f"from a spiral, the plain one leaves {number(after)} away, the denoising one {number(ways['DAE'][1])}.",
        (
            field(arrows, toy),
            faces(pairs["overcomplete"], data, noisy),
            *(drawn(name, of, x, noisy) for name, of in errors.items()),
            numbers(distances, passed, noisy),
        ),
    )


def both(lab: Lab, data: Data, size: int) -> Runs:
    """A plain and a denoising autoencoder of the same network, with `size` numbers in the code."""
    network = UNDER if size == SIZES["undercomplete"] else OVER
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD, "clamp": True}}}
    return {
        kind: lab.fit(recipe, data, overrides={**network, **noise[kind]}, epochs=lab.pick(12, 8))
        for kind, recipe in KINDS.items()
    }


def noises(run: Run) -> dict[str, Corruption]:
    """The noises of the test by name."""
    domain = run.scaling.domain(run.schema)
    normal = {f"σ = {std:g}": Gaussian(domain, std=std, clamp=True) for std in LEVELS}
    return {**normal, "salt and pepper": SaltPepper(domain, share=SALTED)}


def shown(corruption: Corruption, x: Array) -> Array:
    """`x` after a corruption, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found: Tensor = corruption(torch.as_tensor(x))
        return found.numpy()


def by_noise(runs: Runs, x: Array, noisy: dict[str, Array]) -> dict[str, dict[str, float]]:
    """The error of each run against the clean `x`, by the noise it was shown."""
    return {
        kind: {
            "clean": mse(x, through(run, x)),
            **{name: mse(x, through(run, y)) for name, y in noisy.items()},
        }
        for kind, run in runs.items()
    }


def distance(runs: Runs, data: Data, noisy: dict[str, Array]) -> dict[str, dict[str, float]]:
    """The mean distance to the nearest training image: of noisy images, and of what runs make of them."""
    train = flat(data.array)
    found = {"noisy": {name: float(nearest(y, train).mean()) for name, y in noisy.items()}}
    for kind, run in runs.items():
        found[kind] = {name: float(nearest(through(run, y), train).mean()) for name, y in noisy.items()}
    return found


def passed_on(run: Run, x: Array, std: float = 0.1) -> float:
    """The share of a little noise that is still there behind the model: of the identity 1, of a constant 0.

    ⟨r(x + n) - r(x), n⟩ / ‖n‖², over all images and pixels.
    """
    noise = std * np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    change = through(run, x + noise) - through(run, x)
    return float((change * noise).sum() / (noise**2).sum())


def unseen(errors: dict[str, dict[str, dict[str, float]]]) -> str:
    """In how many of the noises that the training had not the denoising autoencoder is better."""
    known = ("clean", f"σ = {STD:g}")
    pairs = [
        (of["DAE"][key], of["AE"][key]) for of in errors.values() for key in of["AE"] if key not in known
    ]
    better = sum(ours < theirs for ours, theirs in pairs)
    return (
        f"under noise that neither was trained on, σ from {LEVELS[0]:g} to {LEVELS[-1]:g} and salt and pepper, the "
        f"denoising one is better in {better} of {len(pairs)} cases."
    )


def spiral(lab: Lab) -> Data:
    """Points of a plane on a spiral; in its test part many of them, for distances."""
    rng = np.random.default_rng(lab.seed)
    schema = describe(on_spiral(np.zeros(1)))
    test = Data(on_spiral(np.linspace(0, 1, 2000)), schema, "spiral")
    return Data(on_spiral(rng.random(1000)), schema, "spiral", test=test)


def on_spiral(share: Array) -> Array:
    """The places so far along a spiral of a turn and a half, `(n, 2)`."""
    angle = 3 * np.pi * np.sqrt(share)
    radius = 0.3 + angle / (3 * np.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def both_on_spiral(lab: Lab, toy: Data) -> Runs:
    """The same network with a code of 8 numbers for 2 coordinates."""
    network: dict[str, Any] = {"name": "mlp", "widths": [64, 64], "activation": "silu"}
    found = {}
    for kind, recipe in KINDS.items():
        overrides = {"encoder": network, "loss": {"name": "squared"}, "training": LAST}
        if kind == "DAE":
            overrides["corruption"] = {"std": STD}
        found[kind] = lab.fit(recipe, toy, latent_dim=8, overrides=overrides, epochs=lab.pick(150, 70))
    return found


def to_the_data(run: Run, toy: Data) -> tuple[float, float]:
    """The mean distance to the spiral of noisy points, and of what a run makes of them."""
    curve = run.scaled(held_out(toy).array)
    noisy = curve + STD * np.random.default_rng(0).standard_normal(curve.shape).astype(np.float32)
    return float(nearest(noisy, curve).mean()), float(nearest(through(run, noisy), curve).mean())


def field(runs: Runs, toy: Data) -> Figure:
    """Arrows from places in the plane to their reconstructions."""
    with figures.house_style():
        figure, _ = figures.axes(9.0, 4.3)
        figure.clear()
        for axis, (kind, run) in zip(axes_of(figure, len(runs)), runs.items(), strict=True):
            curve = run.scaled(held_out(toy).array)
            side = np.linspace(-2.2, 2.2, 18)
            places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
            places = places[nearest(places, curve) < 0.7]
            ways = through(run, places) - places
            axis.plot(*curve.T, color=figures.PCA, linewidth=2)
            options: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.004}
            axis.quiver(*places.T, *ways.T, color=figures.OURS, **options)
            axis.set(aspect="equal", xticks=[], yticks=[])
            axis.set_title({"AE": "plain autoencoder", "DAE": "denoising autoencoder"}[kind], fontsize=11)
            for spine in axis.spines.values():
                spine.set_visible(False)
        figure.tight_layout()
        caption = (
            "Arrows lead from a place in the plane to its reconstruction; the data are the orange line. Both have "
            "8 numbers in the code for 2 coordinates. Trained with noise, reconstruction is a projection onto the "
            "data; trained without, most places stay where they are, as under the identity."
        )
        return Figure(figures.drawing(figure, "arrows to reconstructions, AE beside DAE"), caption)


def faces(runs: Runs, data: Data, noisy: dict[str, Array]) -> Figure:
    """Noisy test images, and what the two make of them."""
    names = ("σ = 0.5", "salt and pepper")
    rows = {"Original": held_out(data).array[:SHOWN] / 255}
    for name in names:
        seen = noisy[name][:SHOWN]
        rows[name] = seen.reshape(rows["Original"].shape)
        for kind, run in runs.items():
            rows[f"{kind} of {name}"] = through(run, seen).reshape(rows["Original"].shape)
    return strip(rows, f"Noise that neither was trained on; {SIZES['overcomplete']} numbers in the code.")


def drawn(name: str, of: dict[str, dict[str, float]], x: Array, noisy: dict[str, Array]) -> Figure:
    """The error against the strength of the noise."""
    curves = {kind: [by["clean"], *(by[f"σ = {std:g}"] for std in LEVELS)] for kind, by in of.items()}
    shown = [0.0, *(mse(x, noisy[f"σ = {std:g}"]) for std in LEVELS)]
    return lines(
        [0.0, *LEVELS],
        {"denoising": curves["DAE"], "plain": curves["AE"], "noisy image": shown},
        f"Error against the clean test images by the noise on the input, with {SIZES[name]} numbers in the "
        f"code ({name}). The denoising one was trained at σ = {STD:g}.",
        across="σ of the noise",
        up="mean squared error",
    )


def numbers(
    distances: dict[str, dict[str, dict[str, float]]],
    passed: dict[str, dict[str, float]],
    noisy: dict[str, Array],
) -> Figure:
    """Distances to the data, and the share of noise passed on."""
    rows = [("noisy image", *(number(distances["overcomplete"]["noisy"][key]) for key in noisy), percent(1))]
    rows += [
        (
            f"{kind}, {SIZES[name]} numbers",
            *(number(distances[name][kind][key]) for key in noisy),
            percent(passed[name][kind]),
        )
        for name in SIZES
        for kind in KINDS
    ]
    return table(
        ("", *noisy, "noise passed on"),
        rows,
        "Mean distance to the nearest training image, by the noise on the test images, and the share of a "
        "little noise (σ = 0.1) that is still there behind the model.",
    )


K4 = Entry(
    "K4",
    "a denoising autoencoder projects onto the data",
    "A denoising autoencoder learns a projection from a neighbourhood of the training data back onto them and is "
    "more robust; a plain one learns the identity function, which brings the risk of overfitting.",
    projects,
)

ENTRIES: tuple[Entry, ...] = (K4, K6, K13)
