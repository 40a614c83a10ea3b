"""A spiral in a plane, and the reconstructions of points beside it by a plain and a denoising autoencoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.report import figures
from narrows.reproduce.drawings import axes_of
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import Lab, reconstruct
from narrows.reproduce.trials import nearest_distances
from narrows.runs.run import Run

STD = 0.3
"""Standard deviation of the noise in training."""

MODELS = {"AE": "autoencoder", "DAE": "denoising"}
"""The two models and their recipes."""

NETWORK = {
    "encoder": {"name": "mlp", "widths": [64, 64], "activation": "silu"},
    "bottleneck": {"latent_dim": 8},
    "loss": {"name": "squared"},
}
"""With 8 latent dimensions for 2 coordinates."""

TITLES = {"AE": "plain autoencoder", "DAE": "denoising autoencoder"}

Runs = dict[str, Run]
"""A plain and a denoising autoencoder, by the names of `MODELS`."""


def spiral(lab: Lab) -> Data:
    """1000 random training points on a spiral, and 2000 test points along it, to measure distances."""
    rng = np.random.default_rng(lab.seed)
    schema = describe(on_spiral(np.zeros(1)))
    test = Data(InMemory(on_spiral(np.linspace(0, 1, 2000))), schema, "spiral")
    return Data(InMemory(on_spiral(rng.random(1000))), schema, "spiral", test=test)


def on_spiral(share: Array) -> Array:
    """Points `(n, 2)` on a spiral of one and a half turns; `share (n,)` goes from 0 to 1 along it."""
    angle = 3 * np.pi * np.sqrt(share)
    radius = 0.3 + angle / (3 * np.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def fit_both(lab: Lab, data: Data) -> Runs:
    """A plain and a denoising autoencoder with the same network, trained on the spiral."""
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD}}}
    return {
        model: lab.fit(recipe, data, overrides={**NETWORK, **noise[model]}, epochs=lab.pick(150, 70))
        for model, recipe in MODELS.items()
    }


def distances(run: Run, data: Data) -> tuple[float, float]:
    """The mean distance from the spiral of noisy points, and of their reconstructions."""
    curve = run.scaled(data.held_out.array)
    noisy = curve + STD * np.random.default_rng(0).standard_normal(curve.shape)
    before, after = (nearest_distances(points, curve) for points in (noisy, reconstruct(run, noisy)))
    return float(before.mean()), float(after.mean())


def arrows(runs: Runs, data: Data) -> Figure:
    """Arrows from points in the plane to their reconstructions, for each model."""
    caption = (
        "Each arrow leads from a point in the plane to its reconstruction; the orange line is the data. Both "
        "models have 8 latent dimensions for 2 coordinates. An arrow of length zero is the identity; an "
        "arrow that ends on the line is a projection onto the data."
    )
    with figures.house_style():
        figure, first = figures.axes(9.0, 4.4)
        first.remove()
        for axis, (model, run) in zip(axes_of(figure, len(runs)), runs.items(), strict=True):
            draw_arrows(axis, run, run.scaled(data.held_out.array))
            axis.set_title(TITLES[model], fontsize=11)
        figure.tight_layout()
        return Figure(figures.drawing(figure, "arrows to reconstructions, AE beside DAE"), caption)


def draw_arrows(axis: Any, run: Run, curve: Array) -> None:
    """Draw a curve `(n, 2)`, and arrows from points near it to their reconstructions."""
    starts = grid_near(curve)
    steps = reconstruct(run, starts) - starts
    axis.plot(*curve.T, color=figures.PCA, linewidth=2)
    # Arrows in the units of the axes: each ends at the reconstruction.
    units: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}
    axis.quiver(*starts.T, *steps.T, color=figures.OURS, width=0.004, **units)
    axis.set_aspect("equal")
    axis.set_axis_off()


def grid_near(curve: Array) -> Array:
    """Points of a square grid that are near a curve `(n, 2)`."""
    side = np.linspace(-2.3, 2.3, 20)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return points[nearest_distances(points, curve) < 0.7]
