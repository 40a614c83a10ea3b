"""A spiral in a plane, and the reconstructions of points beside it by a plain and a denoising autoencoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.report import figures
from narrows.reproduce.drawings import axes_of
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import Lab, reconstruct
from narrows.reproduce.robustness import MODELS
from narrows.reproduce.tables import number, percent
from narrows.runs.run import Run

STD = 0.3
"""The largest standard deviation of the noise in training and test; it is drawn from 0 to this."""

NETWORK: dict[str, Any] = {
    "encoder": {"name": "mlp", "widths": [64, 64], "activation": "silu"},
    "bottleneck": {"latent_dim": 8},
    "loss": {"name": "squared"},
    "training": {"batch_size": 128, "learning_rate": 1e-2},
}
"""With 8 latent dimensions for 2 coordinates."""

TITLES = {"AE": "plain autoencoder", "DAE": "denoising autoencoder"}

NEAR = 0.45
"""Arrows begin at most this far from the spiral: half the distance between its arms."""

SHARES = np.linspace(0, 1, 2000)
"""Places along the spiral, to measure distances."""


class Plane(NamedTuple):
    """Both models trained on the spiral.

    Attributes:
        runs: by model and seed.
        before: mean distance of noisy points from the spiral.
        after: by model and seed, mean distance of their reconstructions from that point of the spiral which
            was nearest to the noisy point.
    """

    runs: Mapping[str, Sequence[Run]]
    before: float
    after: Mapping[str, Sequence[float]]

    def named(self, model: str) -> dict[str, float]:
        """The results of a model, with names for the page."""
        return {f"{model} distance from the spiral": float(np.mean(self.after[model]))}


def spiral(points: int, seed: int) -> Data:
    """Random training points on a spiral, and 2000 test points along it, to measure distances."""
    rng = np.random.default_rng(seed)
    schema = describe(on_spiral(np.zeros(1)))
    test = Data(InMemory(on_spiral(SHARES)), schema, "spiral")
    return Data(InMemory(on_spiral(rng.random(points))), schema, "spiral", test=test)


def on_spiral(share: Array) -> Array:
    """Points `(n, 2)` on a spiral of one and a half turns; `share (n,)` goes from 0 to 1 along it."""
    angle = angles(share)
    radius = 0.3 + angle / (3 * np.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def angles(share: Array) -> Array:
    """The angles in radians at these shares of the way along the spiral."""
    return np.asarray(3 * np.pi * np.sqrt(share))


def compare(lab: Lab) -> Plane:
    """Train both models with several seeds, and measure where noisy points are led."""
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD, "std_low": 0.0}}}
    sets = [spiral(lab.pick(4000, 2000), seed) for seed in lab.seeds]
    runs = {
        model: [
            lab.fit(recipe, data, overrides={**NETWORK, **noise[model]}, epochs=lab.pick(60, 12), seed=seed)
            for seed, data in zip(lab.seeds, sets, strict=True)
        ]
        for model, recipe in MODELS.items()
    }
    ways = {model: [distances(run) for run in of] for model, of in runs.items()}
    return Plane(
        runs,
        float(np.mean([before for before, _ in ways["AE"]])),
        {model: [after for _, after in pairs] for model, pairs in ways.items()},
    )


def curve_of(run: Run) -> Array:
    """Points `(n, 2)` along the spiral, on the scale of the model."""
    return run.scaled(on_spiral(SHARES))


def distances(run: Run) -> tuple[float, float]:
    """Mean distances from the nearest points of the spiral, of noisy points and of their reconstructions."""
    rng, curve = np.random.default_rng(0), curve_of(run)
    std = STD * rng.random((len(curve), 1))
    noisy = curve + std * rng.standard_normal(curve.shape)
    nearest = curve[nearest_on(curve, noisy)]
    before, after = (np.linalg.norm(y - nearest, axis=1).mean() for y in (noisy, reconstruct(run, noisy)))
    return float(before), float(after)


def nearest_on(curve: Array, points: Array) -> Array:
    """The index into `curve (m, 2)` of the point nearest to each of `points (n, 2)`."""
    from sklearn.neighbors import NearestNeighbors

    return np.asarray(NearestNeighbors(n_neighbors=1).fit(curve).kneighbors(points)[1][:, 0])


class Arrows(NamedTuple):
    """Points near the spiral, and where a model leads them.

    Attributes:
        starts: points `(n, 2)` of a square grid.
        ends: their reconstructions.
        nearest: the point of the spiral nearest to each start.
        same_arm: whether an end is on the arm of the spiral that is nearest to its start: the spiral's points
            nearest to both are less than a quarter turn apart.
    """

    starts: Array
    ends: Array
    nearest: Array
    same_arm: Array


def arrows_of(run: Run) -> Arrows:
    """Arrows from the points of a grid that are near the spiral."""
    curve, side = curve_of(run), np.linspace(-2.3, 2.3, 20)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    starts = grid[np.linalg.norm(grid - curve[nearest_on(curve, grid)], axis=1) < NEAR]
    ends = reconstruct(run, starts)
    first, last = (nearest_on(curve, points) for points in (starts, ends))
    turn = np.abs(angles(SHARES[first]) - angles(SHARES[last]))
    return Arrows(starts, ends, curve[first], turn < np.pi / 2)


def arrows(plane: Plane) -> Figure:
    """Arrows from points in the plane to their reconstructions, for each model with the first seed."""
    led = {model: arrows_of(runs[0]) for model, runs in plane.runs.items()}
    with figures.house_style():
        figure, first = figures.axes(9.0, 4.4)
        first.remove()
        for axis, (model, of) in zip(axes_of(figure, len(led)), led.items(), strict=True):
            draw_arrows(axis, curve_of(plane.runs[model][0]), of)
            axis.set_title(TITLES[model], fontsize=11)
        figure.tight_layout()
        return Figure(
            figures.drawing(figure, "arrows to reconstructions, AE beside DAE"), arrow_caption(led["DAE"])
        )


def arrow_caption(led: Arrows) -> str:
    before, after = (
        float(np.linalg.norm(points - led.nearest, axis=1).mean()) for points in (led.starts, led.ends)
    )
    return (
        "Each arrow leads from a point near the orange line, the data, to its reconstruction. Both models "
        "have 8 latent dimensions for 2 coordinates. An arrow of length zero is the identity. Of the "
        f"denoising autoencoder's {len(led.starts)} arrows {percent(float(led.same_arm.mean()))} end at the "
        f"arm that is nearest to their start; from the nearest point of the line they start {number(before)} "
        f"away on average and end {number(after)} away."
    )


def draw_arrows(axis: Any, curve: Array, led: Arrows) -> None:
    """Draw a curve `(n, 2)` and arrows."""
    axis.plot(*curve.T, color=figures.PCA, linewidth=2)
    # Arrows in the units of the axes: each ends at the reconstruction.
    units: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}
    steps = led.ends - led.starts
    axis.quiver(*led.starts.T, *steps.T, color=figures.OURS, width=0.004, **units)
    axis.set_aspect("equal")
    axis.set_axis_off()
