"""Pictures of the maps of a scan, each with a scale bar, and of the mean signals of its clusters."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log10
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from narrows.core.files import new_file
from narrows.core.numbers import number
from narrows.data.calibration import Axis
from narrows.data.columns import Array
from narrows.report.figures import CLASSES
from narrows.tasks.maps.maps import Maps

COLOURS = {"error": "magma", "anomaly": "magma", "angle": "twilight"}
"""The colour maps of maps that are not of codes, which have viridis; that of angles is cyclic."""

LIMITS = {"angle": (-180.0, 180.0)}
"""The ends of colour maps that do not depend on the values."""

BAR = 0.25
"""The share of the width that a scale bar has at the most."""

SIDE, DPI = 4.0, 160
"""The longer side of a map in inches, and the dots of a picture in an inch."""


def write_maps(maps: Maps, folder: Path) -> list[Path]:
    """Write each map, and the mean of each cluster, as PNG to `folder`.

    Returns:
        The files; a scan of more than two axes has one picture for each place along the first ones.
    """
    written = []
    for name, values in maps.arrays.items():
        for ending, plane in planes(values):
            file = folder / f"{name}{ending}.png"
            save(drawn(maps, name, plane), file)
            written.append(file)
    for i, mean in enumerate(maps.means):
        file = folder / f"cluster-{i}-mean.png"
        save(signal(maps, i, mean), file)
        written.append(file)
    return written


def planes(values: Array) -> Iterator[tuple[str, Array]]:
    """The pictures `(height, width)` in values of a scan, each with the end of its name.

    >>> [(ending, plane.shape) for ending, plane in planes(np.zeros((2, 5, 6)))]
    [('-0', (5, 6)), ('-1', (5, 6))]
    """
    if values.ndim <= 2:
        yield "", np.atleast_2d(values)
        return
    for place in np.ndindex(values.shape[:-2]):
        yield "".join(f"-{i}" for i in place), values[place]


def save(figure: Figure, file: Path) -> None:
    with new_file(file) as part, mpl.rc_context({"savefig.facecolor": "white"}):
        figure.savefig(part, format="png", dpi=DPI, bbox_inches="tight")


def drawn(maps: Maps, name: str, plane: Array) -> Figure:
    """One map: its values in colours, a bar of these, and a scale bar."""
    height, width = plane.shape
    stretch = pixel_ratio(maps.scan.axes)
    tall = height * stretch / width
    size = (SIDE * min(1, 1 / tall) + 1.2, max(0.6, SIDE * min(1, tall)))
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    if name == "cluster":
        draw_clusters(figure, axis, plane, len(maps.means))
    else:
        shown = axis.imshow(plane, cmap=COLOURS.get(name, "viridis"), interpolation="nearest")
        shown.set_clim(*LIMITS.get(name, shown.get_clim()))
        figure.colorbar(shown, ax=axis, shrink=0.85)
    axis.set_aspect(stretch if height > 1 else "auto")
    axis.set_title(TITLES.get(name, f"code {name}"), fontsize=11)
    axis.set_axis_off()
    draw_scale(axis, maps.scan.axes[-1], height, width)
    return figure


TITLES = {
    "error": "reconstruction error, mean squared per value",
    "anomaly": "anomaly score",
    "cluster": "clusters of the codes",
    "angle": "angle, degrees from x to y",
    "shift_x": "shift along x, pixels",
    "shift_y": "shift along y, pixels",
    "scale": "scale",
}


def draw_clusters(figure: Figure, axis: Axes, plane: Array, count: int) -> None:
    """Clusters in the colours of classes."""
    colours = ListedColormap([CLASSES[i % len(CLASSES)] for i in range(count)])
    norm = BoundaryNorm(np.arange(count + 1) - 0.5, count)
    shown = axis.imshow(plane, cmap=colours, norm=norm, interpolation="nearest")
    figure.colorbar(shown, ax=axis, shrink=0.85, ticks=np.arange(count))


def pixel_ratio(axes: tuple[Axis, ...]) -> float:
    """Height over width of a place of the scan, where both are calibrated in one unit."""
    if len(axes) < 2 or not axes[-1].calibrated or axes[-1].unit != axes[-2].unit:
        return 1.0
    return abs(axes[-2].scale / axes[-1].scale)


def draw_scale(axis: Axes, along: Axis, height: int, width: int) -> None:
    """A bar of a round length, with that length in the unit of the axis, or in pixels."""
    step = abs(along.scale) if along.calibrated else 1.0
    length = round_length(BAR * width * step)
    x, y = -0.5 + 0.04 * width, height - 0.5 - 0.06 * height
    thick = max(0.02 * height, 0.4)
    axis.add_patch(
        Rectangle((x, y - thick), length / step, thick, facecolor="white", edgecolor="black", lw=0.7)
    )
    text = f"{number(length)} {along.unit if along.calibrated else 'px'}"
    label = axis.text(x + length / step / 2, y - 1.4 * thick, text, color="white", ha="center", va="bottom")
    label.set_path_effects([withStroke(linewidth=2, foreground="black")])


def round_length(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most `most`.

    >>> round_length(37.0), round_length(0.6), round_length(2.0)
    (20.0, 0.5, 2.0)
    """
    power = 10.0 ** floor(log10(most))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= most * (1 + 1e-9))


def signal(maps: Maps, cluster: int, mean: Array) -> Figure:
    """The mean signal of a cluster: a spectrum over its axis, or a pattern."""
    share = maps.sizes[cluster] / len(maps.clusters)
    figure = Figure(figsize=(5.6, 3.0) if mean.ndim == 1 else (SIDE, SIDE), layout="constrained")
    axis = figure.subplots()
    axis.set_title(f"mean of cluster {cluster}, {100 * share:.0f} % of the places", fontsize=11)
    if mean.ndim == 1:
        draw_spectrum(axis, maps.scan.signal[0], mean, CLASSES[cluster % len(CLASSES)])
    else:
        shown = axis.imshow(mean, cmap="magma", norm="log" if mean.min() > 0 else None)
        figure.colorbar(shown, ax=axis, shrink=0.85)
        axis.set_axis_off()
        draw_scale(axis, maps.scan.signal[-1], *mean.shape)
    return figure


def draw_spectrum(axis: Axes, along: Axis, mean: Array, colour: str) -> None:
    """A spectrum over its calibrated axis, or over channels."""
    axis.plot(along.values if along.calibrated else np.arange(len(mean)), mean, color=colour, lw=1.2)
    axis.set_xlabel(f"{along.letter} ({along.unit})" if along.calibrated else "channel")
    axis.spines[["top", "right"]].set_visible(False)
    axis.margins(x=0)
