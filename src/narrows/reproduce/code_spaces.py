"""Pictures of latent spaces: codes in space, and decoded points placed in the plane of the codes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from scipy.stats import norm

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.report import figures
from narrows.reproduce.drawings import wall
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import Lab, decode
from narrows.reproduce.latent_models import plane_model
from narrows.runs.run import Run

MOST = 2000
"""Codes in a scatter plot, at the most."""


def in_space(lab: Lab, run: Run, caption: str) -> Figure:
    """Codes of three dimensions of test images as points in space, coloured by digit."""
    test = lab.digits.held_out
    assert test.labels is not None
    codes, labels = run.encode(test.array[:MOST]), test.labels[:MOST]
    with figures.house_style():
        figure = Canvas(figsize=(6.4, 5.2))
        axis = figure.add_subplot(projection="3d")
        for colour, label in zip(figures.CLASSES, np.unique(labels), strict=False):
            chosen = codes[labels == label].T
            axis.scatter(*chosen, s=4, color=colour, linewidths=0, depthshade=False, label=f"{label:g}")
        for name, set_label in zip("123", (axis.set_xlabel, axis.set_ylabel, axis.set_zlabel), strict=True):
            set_label(f"code {name}")
        axis.tick_params(labelsize=8)
        figure.legend(loc="center right", markerscale=2)
        return Figure(figures.drawing(figure, caption), caption)


def throughout(lab: Lab, run: Run, side: int = 12) -> Figure:
    """Decoded points throughout the latent space of a VAE, on the two dimensions that codes use most.

    Along each they are the quantiles of N(0, 1) from 2 to 98 %; the other dimensions are 0.
    """
    codes = run.encode(lab.digits.held_out.array[:MOST])
    first, second = np.argsort(-codes.var(axis=0))[:2]
    quantiles = norm.ppf(np.linspace(0.02, 0.98, side))
    z = np.zeros((side * side, codes.shape[1]), np.float32)
    z[:, first], z[:, second] = np.tile(quantiles, side), np.repeat(quantiles[::-1], side)
    return wall(
        images_of(decode(run, z)),
        side,
        f"Decoded points throughout the latent space: dimensions {first} and {second}, in which the means "
        "of codes vary most, from the 2 % to the 98 % quantile of N(0, 1); the other dimensions are 0.",
        scale=1,
    )


def latent_plane(lab: Lab) -> Figure:
    """A VAE with a code of two dimensions, and points of that plane decoded where they lie."""
    return placed(
        plane_model(lab),
        lab.digits.held_out,
        "The latent plane of a VAE with two latent dimensions: codes of test images by digit, and what is "
        "decoded at points of the plane.",
    )


def placed(run: Run, shown: Data, caption: str, side: int = 10) -> Figure:
    """Points of the plane of a code of two dimensions, decoded where they lie, below the codes of `shown`."""
    codes, labels = run.encode(shown.array[:MOST]), shown.labels
    assert labels is not None
    (left, bottom), (right, top) = np.quantile(codes, [0.01, 0.99], axis=0)
    x, y = np.meshgrid(np.linspace(left, right, side), np.linspace(bottom, top, side))
    z = np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)
    with figures.house_style():
        figure, axis = figures.axes(6.0, 6.0)
        for colour, label in zip(figures.CLASSES, np.unique(labels), strict=False):
            chosen = codes[labels[:MOST] == label]
            axis.scatter(chosen[:, 0], chosen[:, 1], s=9, color=colour, linewidths=0, zorder=5)
        for point, image in zip(z, images_of(decode(run, z)), strict=True):
            drawn = OffsetImage(np.repeat(1 - image[..., None], 3, axis=2), zoom=30 / len(image), alpha=0.4)
            axis.add_artist(AnnotationBbox(drawn, tuple(point), frameon=False, pad=0))
        axis.set_xlabel("code 1")
        axis.set_ylabel("code 2")
        return Figure(figures.drawing(figure, caption), caption)


def images_of(rows: Array) -> Array:
    """Rows `(n, values)` as square images."""
    side = round(rows.shape[1] ** 0.5)
    return rows.reshape(-1, side, side)
