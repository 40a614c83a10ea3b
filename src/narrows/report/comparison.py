"""The page of a comparison: the curves, the knee, and the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from narrows.core.numbers import number, times
from narrows.evaluation.link_verdict import percent
from narrows.report import figures
from narrows.report.template import fill


def render_comparison(found: dict[str, Any], name: str, unit: str) -> str:
    """The page of the comparison `found` on the data called `name`, as HTML; `unit` is that of the errors."""
    with figures.house_style():
        return fill(
            "comparison.html",
            {
                "found": found,
                "name": name,
                "unit": unit,
                "figure": draw(found),
                "headings": SHOWN[found["judged_by"]].headings,
                "rows": [SHOWN[found["judged_by"]].cells(row) for row in found["rows"]],
            },
        )


class Shown(NamedTuple):
    """How a comparison is shown.

    Attributes:
        ours: the entry of a row that is drawn.
        theirs: that of the yardstick.
        yardstick: its name.
        axis: what is drawn.
        headings: of the table.
        cells: of a row of the table.
    """

    ours: str
    theirs: str
    yardstick: str
    axis: str
    headings: tuple[str, ...]
    cells: Callable[[dict[str, Any]], tuple[str, ...]]


def of_values(row: dict[str, Any]) -> tuple[str, ...]:
    """The error, PCA's, their ratio and the verdict."""
    ours, theirs = row["mse"], row["pca_mse"]
    ratio = "–" if theirs is None or theirs <= 1e-12 else times(ours / theirs, 3)
    return number(ours), "–" if theirs is None else number(theirs), ratio, row["verdict"]


def of_edges(row: dict[str, Any]) -> tuple[str, ...]:
    """AUC and average precision, those of the yardstick and its name, the interval and the verdict."""
    shares = [percent(row[key]) for key in ("auc", "yardstick_auc", "ap", "yardstick_ap")]
    low, high = (f"{100 * end:+.1f}" for end in row["gain_ci95"])
    return (*shares, row["yardstick"], f"{low} to {high}", row["verdict"])


SHOWN = {
    "values": Shown(
        "mse",
        "pca_mse",
        "PCA",
        "held-out mean squared error",
        ("error", "PCA's", "ratio", "verdict"),
        of_values,
    ),
    "edges": Shown(
        "error",
        "yardstick_error",
        "the best without training",
        "1 - AUC on held-out edges",
        (
            "AUC",
            "the yardstick's",
            "average precision",
            "the yardstick's",
            "yardstick",
            "95 % interval of the gain in AUC, points",
            "verdict",
        ),
        of_edges,
    ),
}
"""By `Schema.judged_by`."""


def draw(found: dict[str, Any]) -> str:
    """Held-out error against latent dimensions: a line for each recipe, a dashed one for the yardstick."""
    figure, axis = figures.axes(6.4, 4.0)
    rows, shown = found["rows"], SHOWN[found["judged_by"]]
    # Orange is left out: on every page it is the yardstick.
    colours = [figures.OURS, *figures.CLASSES[2:]]
    for colour, recipe in zip(colours, dict.fromkeys(row["recipe"] for row in rows), strict=False):
        line(axis, [row for row in rows if row["recipe"] == recipe], shown.ours, recipe, color=colour)
    first = [row for row in rows if row["recipe"] == rows[0]["recipe"]]
    if first[0][shown.theirs] is not None:
        line(axis, first, shown.theirs, shown.yardstick, color=figures.PCA, linestyle="--")
    if found["knee"] is not None:
        axis.axvline(found["knee"], color=figures.FAINT, linewidth=1)
        axis.annotate(
            f"knee: {found['knee']}", (found["knee"], 1), xycoords=("data", "axes fraction"),
            xytext=(4, -4), textcoords="offset points", va="top",
        )  # fmt: skip
    axis.set_xscale("log", base=2)
    figures.logarithmic(axis)  # after all lines, as it reads their range
    sizes = sorted({row["latent_dim"] for row in rows})
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.set_xlabel("latent dimensions")
    axis.set_ylabel(shown.axis)
    axis.legend()
    return figures.drawing(figure, "held-out error against latent dimensions")


def line(axis: Axes, rows: list[dict[str, Any]], key: str, name: str, **style: Any) -> None:
    sizes, values = [row["latent_dim"] for row in rows], [row[key] for row in rows]
    axis.plot(sizes, values, marker="o", markersize=5, label=name, **style)
