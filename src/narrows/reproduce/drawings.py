"""The figures that entries share: strips of images, line plots, scatter plots of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator
from PIL import Image

from narrows.data.schema import Array
from narrows.report import figures
from narrows.report.composition import layers
from narrows.reproduce.findings import Figure
from narrows.runs.run import Run

GAP = 2
"""Pixels between two images of a strip."""

TICKS = 8
"""Values named on a logarithmic axis, at the most."""

COLOURS = (figures.OURS, figures.PCA, *figures.CLASSES[2:])
"""The colours of the lines of a plot, in order: blue for the first, orange for the second."""


def strip(rows: Mapping[str, Array], caption: str, scale: int = 2) -> Figure:
    """One row of images for each name, such as Original, Noisy, Reconstructed.

    Args:
        rows: by name, images `(n, height, width[, 1 or 3])` in [0, 1]; the same n in each.
        caption: what the figure shows.
        scale: screen pixels per image pixel.
    """
    cells = "".join(
        f'<tr><th scope="row">{name}</th><td>{picture(tile(images, len(images)), name, scale)}</td></tr>'
        for name, images in rows.items()
    )
    return Figure(f'<div class="scroll"><table class="strip">{cells}</table></div>', caption)


def wall(images: Array, columns: int, caption: str, scale: int = 2) -> Figure:
    """Images `(n, height, width)` in [0, 1] in a grid with `columns` columns."""
    return Figure(picture(tile(images, columns), caption, scale), caption)


def tile(images: Array, columns: int) -> Array:
    """One image `(height, width[, channels])` that shows `images` in a grid, on white."""
    n, h, w, *channels = images.shape
    rows = -(-n // columns)
    sheet = np.ones((rows * (h + GAP) - GAP, columns * (w + GAP) - GAP, *channels))
    for i, image in enumerate(images):
        top, left = i // columns * (h + GAP), i % columns * (w + GAP)
        sheet[top : top + h, left : left + w] = image
    return sheet


def picture(pixels: Array, name: str, scale: int) -> str:
    """An image `(height, width[, 1 or 3])` in [0, 1] as an HTML element; `name` is its alternative text."""
    pixels = pixels[..., 0] if pixels.shape[2:] == (1,) else pixels
    image = Image.fromarray((np.clip(pixels, 0, 1) * 255).round().astype(np.uint8))
    width = scale * image.width
    return f'<img class="pixels" src="{figures.address(image)}" width="{width}" alt="{name}">'


def lines(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    caption: str,
    *,
    across: str,
    up: str,
    log_x: bool = False,
    log_y: bool = False,
) -> Figure:
    """Line plots over the same `x`, by name; `across` labels the horizontal axis, `up` the vertical one."""
    with figures.house_style():
        figure, axis = figures.axes()
        for colour, (name, y) in zip(COLOURS, curves.items(), strict=False):
            axis.plot(x, y, marker="o", markersize=4, color=colour, label=name)
        if log_x:
            axis.set_xscale("log")
            ticks = list(x)[:: -(-len(x) // TICKS)]
            axis.set_xticks(ticks, [f"{value:g}" for value in ticks])
            axis.minorticks_off()
        elif all(float(value).is_integer() for value in x):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        if log_y:
            figures.logarithmic(axis)
        axis.set_xlabel(across)
        axis.set_ylabel(up)
        if len(curves) > 1:
            axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return Figure(figures.drawing(figure, f"{up} against {across}"), caption)


def scatters(panels: Mapping[str, tuple[Array, Array]], caption: str) -> Figure:
    """Scatter plots side by side, by title: codes `(n, 2)`, coloured by label `(n,)`."""
    with figures.house_style():
        figure = Canvas(figsize=(max(6.4, 4.4 * len(panels)), 4.4))
        for axis, (title, (codes, labels)) in zip(axes_of(figure, len(panels)), panels.items(), strict=True):
            for colour, label in zip(figures.CLASSES, np.unique(labels), strict=False):
                chosen = codes[labels == label]
                axis.scatter(chosen[:, 0], chosen[:, 1], s=5, color=colour, linewidths=0, label=f"{label:g}")
                name_class(axis, np.median(chosen, axis=0), f"{label:g}", colour)
            axis.set_title(title, fontsize=11)
        handles = axis.get_legend_handles_labels()
        figure.legend(*handles, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
        figure.tight_layout()
        return Figure(figures.drawing(figure, caption), caption)


def name_class(axis: Axes, place: Array, name: str, colour: str) -> None:
    """Write the name of a class over the middle of its points, white on a disc of its colour."""
    box = {"boxstyle": "circle,pad=0.15", "color": colour, "linewidth": 0}
    axis.text(place[0], place[1], name, color="white", fontsize=9, ha="center", va="center", bbox=box)


def architecture(run: Run) -> Figure:
    """The shapes of the arrays from layer to layer."""
    shapes = [layer.label for layer in layers(run)]
    return Figure(f'<p class="chain">{" → ".join(shapes)}</p>', "The shape of an image after each layer.")


def axes_of(figure: Any, n: int) -> Iterable[Axes]:
    """`n` axes side by side."""
    return np.atleast_1d(figure.subplots(1, n))
