"""The figures of the pages: SVG drawings in the colours of the page, and small pictures."""

from __future__ import annotations

import base64
import io
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator
from PIL import Image

from narrows.core.numbers import number
from narrows.data.schema import Array
from narrows.report.ranges import at_border
from narrows.runs.run import Run

# Placeholders for the colours of the page, which differ between its light and dark scheme.
INK, FAINT, OURS, PCA = "#010203", "#040506", "#070809", "#0a0b0c"
VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)", OURS: "var(--ours)", PCA: "var(--pca)"}

CLASSES = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#6bd034",
    "#7f6fd1",
    "#8c8c8c",
    "#a01464",
)
"""Ten colours; the first six are safe for colour-blind readers (Okabe & Ito 2008), all differ at a glance."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the style of the page; glyphs that the font of matplotlib lacks come from the browser."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        yield


def drawing(figure: Figure, name: str) -> str:
    """A figure as SVG for the page, its colours the page's variables."""
    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(stream, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>',
        rf'<svg viewBox="\1" role="img" aria-label="{name}">',
        svg,
        count=1,
    )


def axes(width: float = 5.6, height: float = 3.2) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots()


BARS = 24
"""Bars in a figure, at the most."""


def bars(names: Sequence[str], values: Array, label: str) -> str:
    """Bars to the side, one below the other."""
    figure, axis = axes(5.6, 0.8 + 0.24 * len(names))
    heights = np.arange(len(names))[::-1]
    axis.barh(heights, values, color=OURS, height=0.7)
    axis.set_yticks(heights, names)
    axis.tick_params(axis="y", length=0)
    axis.locator_params(axis="x", nbins=5)
    axis.set_xlabel(label)
    return drawing(figure, label)


def logarithmic(axis: Axes) -> None:
    """A logarithmic scale upwards, its ticks plain numbers and not too many of them."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    decades = math.log10(high / low)
    between = (2, 4, 6) if decades < 1.5 else (2, 5) if decades < 3 else ()
    axis.yaxis.set_minor_locator(LogLocator(subs=between))
    for set_formatter in (axis.yaxis.set_major_formatter, axis.yaxis.set_minor_formatter):
        set_formatter(FuncFormatter(lambda value, _: number(value, 6)))


def curves(run: Run) -> str:
    """The objective by epoch, for training and validation, the kept epoch marked; nothing of one epoch."""
    history = last_stage(run.history)
    if len(history) < 2:
        return ""
    figure, axis = axes()
    numbers = [epoch["number"] for epoch in history]
    best = [epoch for epoch in history if epoch["improved"]][-1]
    for part, colour in (("train", FAINT), ("validation", OURS)):
        axis.plot(
            numbers, [epoch[part]["total"] for epoch in history], color=colour, linewidth=1.8, label=part
        )
    kept = f"kept: epoch {best['number']}"
    axis.plot([best["number"]], [best["validation"]["total"]], "o", color=OURS, markersize=7, label=kept)
    axis.legend()
    axis.set_xlabel("epoch")
    axis.set_ylabel("objective per example")
    totals = [epoch[part]["total"] for epoch in history for part in ("train", "validation")]
    if min(totals) > 0 and max(totals) > 8 * min(totals):
        logarithmic(axis)
    return drawing(figure, "objective by epoch")


def last_stage(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The epochs of the last stage, in which the whole model is trained."""
    return [epoch for epoch in history if epoch["stage"] == history[-1]["stage"]]


MOST_CODES = 2000
"""Codes in a scatter plot, at the most."""


def codes(run: Run) -> tuple[str, str]:
    """Held-out codes as a scatter plot, and the sentence that says which plane is shown."""
    assert run.evidence.codes is not None
    found, labels = run.evidence.codes[:MOST_CODES], run.evidence.labels
    labels = None if labels is None else labels[: len(found)]
    plane, note = principal_plane(found)
    plane, far = at_border(plane)
    figure, axis = axes(6.4, 5.2)
    size = 26 if len(plane) < 500 else 12 if len(plane) < 1500 else 8
    if labels is None:
        axis.scatter(plane[:, 0], plane[:, 1], s=size, color=OURS, alpha=0.6, linewidths=0)
    elif len(np.unique(labels)) <= len(CLASSES):
        scatter_classes(axis, plane, labels, size, run.evidence.label_names)
    else:
        axis.scatter(plane[:, 0], plane[:, 1], s=size, c=labels, cmap="viridis", linewidths=0)
    axis.scatter(
        plane[far, 0], plane[far, 1], s=3 * size, marker="s", facecolors="none", edgecolors=INK, linewidths=1
    )
    axis.set_xticks([])
    axis.set_yticks([])
    return drawing(figure, "held-out codes"), f"{note}{outside(int(far.sum()))}"


def outside(n: int) -> str:
    """What is said of `n` codes that are drawn at the border of a map; nothing of none."""
    if not n:
        return ""
    codes = "One code lies" if n == 1 else f"{n:,} codes lie"
    return f" {codes} far outside and {'is' if n == 1 else 'are'} drawn at the border, in a square."


def scatter_classes(axis: Axes, plane: Array, labels: Array, size: float, names: Sequence[str]) -> None:
    for colour, label in zip(CLASSES, np.unique(labels), strict=False):
        mine = plane[labels == label]
        name = names[int(label)] if names else f"{label:g}"
        axis.scatter(mine[:, 0], mine[:, 1], s=size, color=colour, linewidths=0, alpha=0.8, label=name)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.1, markerscale=1.5)


def principal_plane(found: Array) -> tuple[Array, str]:
    """Two coordinates of each code and their meaning: its own two, or the first two principal components."""
    d = found.shape[1]
    if d == 1:
        jitter = np.random.default_rng(0).uniform(-1, 1, len(found))
        return np.column_stack([found[:, 0], jitter]), "The one latent dimension; heights are random."
    if d == 2 or len(found) < 3:
        return found[:, :2], "The two latent dimensions." if d == 2 else "The first two latent dimensions."
    centred = found - found.mean(axis=0)
    values, directions = np.linalg.svd(centred, full_matrices=False)[1:]
    share = (values[:2] ** 2).sum() / max((values**2).sum(), 1e-300)
    note = (
        f"The first two principal components of the {d} latent dimensions, with {100 * share:.0f} % of their "
        f"variance."
    )
    return centred @ directions[:2].T, note


def address(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
