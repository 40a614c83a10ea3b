"""A spiral in a plane: where autoencoders move what lies beside their data."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.report import figures
from narrows.reproduce.drawings import axes_of
from narrows.reproduce.lab import Figure, Lab, reconstruct
from narrows.reproduce.trials import nearest_distances
from narrows.runs.run import Run

STD = 0.3
"""Of the noise that denoising is learned on."""

KINDS = {"AE": "autoencoder", "DAE": "denoising"}
"""What is compared, and the recipes."""

NETWORK = {
    "encoder": {"name": "mlp", "widths": [64, 64], "activation": "silu"},
    "bottleneck": {"latent_dim": 8},
    "loss": {"name": "squared"},
}
"""With a code of 8 numbers for 2 coordinates."""

Runs = dict[str, Run]


def spiral(lab: Lab) -> Data:
    """1000 points of a plane on a spiral; in the test part many in a row, for distances."""
    rng = np.random.default_rng(lab.seed)
    schema = describe(on_spiral(np.zeros(1)))
    test = Data(InMemory(on_spiral(np.linspace(0, 1, 2000))), schema, "spiral")
    return Data(InMemory(on_spiral(rng.random(1000))), schema, "spiral", test=test)


def on_spiral(share: Array) -> Array:
    """The places so far along a spiral of a turn and a half, `(n, 2)`."""
    angle = 3 * np.pi * np.sqrt(share)
    radius = 0.3 + angle / (3 * np.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def both_on_spiral(lab: Lab, toy: Data) -> Runs:
    """A plain and a denoising autoencoder of the same network."""
    noise: dict[str, Any] = {"AE": {}, "DAE": {"corruption": {"std": STD}}}
    return {
        kind: lab.fit(recipe, toy, overrides={**NETWORK, **noise[kind]}, epochs=lab.pick(150, 70))
        for kind, recipe in KINDS.items()
    }


def to_the_data(run: Run, toy: Data) -> tuple[float, float]:
    """The mean distance to the spiral of noisy points, and of what a run makes of them."""
    curve = run.scaled(toy.held_out.array)
    noisy = curve + STD * np.random.default_rng(0).standard_normal(curve.shape)
    return float(nearest_distances(noisy, curve).mean()), float(
        nearest_distances(reconstruct(run, noisy), curve).mean()
    )


def field(runs: Runs, toy: Data) -> Figure:
    """Arrows from places in the plane to their reconstructions."""
    titles = {"AE": "plain autoencoder", "DAE": "denoising autoencoder"}
    with figures.house_style():
        figure, first = figures.axes(9.0, 4.4)
        first.remove()
        for axis, (kind, run) in zip(axes_of(figure, len(runs)), runs.items(), strict=True):
            curve = run.scaled(toy.held_out.array)
            places = around(curve)
            ways = reconstruct(run, places) - places
            axis.plot(*curve.T, color=figures.PCA, linewidth=2)
            # Arrows in the units of the axes: each ends at the reconstruction.
            units: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}
            axis.quiver(*places.T, *ways.T, color=figures.OURS, width=0.004, **units)
            axis.set_aspect("equal")
            axis.set_axis_off()
            axis.set_title(titles[kind], fontsize=11)
        figure.tight_layout()
        caption = (
            "Arrows lead from a place in the plane to its reconstruction; the data are the orange line. Both "
            "have 8 numbers in the code for 2 coordinates. Trained with noise, reconstruction leads to the "
            "data; trained without, places stay about where they are, as under the identity."
        )
        return Figure(figures.drawing(figure, "arrows to reconstructions, AE beside DAE"), caption)


def around(curve: Array) -> Array:
    """Places of a square grid that are near a curve `(n, 2)`."""
    side = np.linspace(-2.3, 2.3, 20)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return places[nearest_distances(places, curve) < 0.7]
