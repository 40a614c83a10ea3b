"""The page of a comparison: the curves, the knee, and the numbers."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from narrows.report import figures
from narrows.report.template import fill


def render_comparison(found: dict[str, Any], name: str, unit: str) -> str:
    """The page of the comparison `found` on the data called `name`, as HTML; `unit` is that of the errors."""
    with figures.house_style():
        return fill("comparison.html", {"found": found, "name": name, "unit": unit, "figure": draw(found)})


def draw(found: dict[str, Any]) -> str:
    """Held-out error against latent dimensions: a line for each recipe, a dashed one for PCA."""
    figure, axis = figures.axes(6.4, 4.0)
    rows = found["rows"]
    # Orange is left out: on every page it is PCA.
    colours = [figures.OURS, *figures.CLASSES[2:]]
    for colour, recipe in zip(colours, dict.fromkeys(row["recipe"] for row in rows), strict=False):
        line(axis, [row for row in rows if row["recipe"] == recipe], "mse", recipe, color=colour)
    first = [row for row in rows if row["recipe"] == rows[0]["recipe"]]
    if first[0]["pca_mse"] is not None:
        line(axis, first, "pca_mse", "PCA", color=figures.PCA, linestyle="--")
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
    axis.set_ylabel("held-out mean squared error")
    axis.legend()
    return figures.drawing(figure, "held-out error against latent dimensions")


def line(axis: Axes, rows: list[dict[str, Any]], key: str, name: str, **style: Any) -> None:
    sizes, values = [row["latent_dim"] for row in rows], [row[key] for row in rows]
    axis.plot(sizes, values, marker="o", markersize=5, label=name, **style)
