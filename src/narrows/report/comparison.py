"""The page of a comparison: the curves, the knee, and the numbers."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, stdev
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from narrows.core.numbers import mean_and_spread, percents, times
from narrows.report import figures
from narrows.report.template import fill

Row = dict[str, Any]


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
    cells: Callable[[Row], tuple[str, ...]]


def of_values(row: Row) -> tuple[str, ...]:
    """The error, PCA's, their ratio and the verdict."""
    ours, theirs = ([fit[key] for fit in row["fits"]] for key in ("mse", "pca_mse"))
    if theirs[0] is None:
        return mean_and_spread(ours), "–", "–", verdict(row)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True) if b > 1e-12]
    ratio = mean_and_spread(ratios, lambda value: times(value, 3)) if len(ratios) == len(ours) else "–"
    return mean_and_spread(ours), mean_and_spread(theirs), ratio, verdict(row)


def of_edges(row: Row) -> tuple[str, ...]:
    """AUC and average precision, those of the yardstick and its name, the gain in AUC and the verdict."""
    fits = row["fits"]
    shares = [percents([fit[key] for fit in fits]) for key in ("auc", "yardstick_auc", "ap", "yardstick_ap")]
    if len(fits) == 1:
        low, high = (f"{100 * end:+.1f}" for end in fits[0]["gain_ci95"])
        return (*shares, row["yardstick"], f"{low} to {high}", verdict(row))
    gains = mean_and_spread([100 * (fit["auc"] - fit["yardstick_auc"]) for fit in fits], "{:+.1f}".format)
    return (*shares, row["yardstick"], gains.replace("± +", "± "), verdict(row))


def verdict(row: Row) -> str:
    """The verdict of a row, or how many of its fits beat the yardstick, where they disagree.

    >>> verdict({"fits": [{"verdict": "beats"}, {"verdict": "cannot tell"}, {"verdict": "beats"}]})
    'beats in 2 of 3'
    """
    outcomes = [fit["verdict"] for fit in row["fits"]]
    if len(set(outcomes)) == 1:
        return str(outcomes[0])
    return f"beats in {outcomes.count('beats')} of {len(outcomes)}"


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
            "gain in AUC, points (95 % interval, or over seeds)",
            "verdict",
        ),
        of_edges,
    ),
}
"""By `Schema.judged_by`."""


def draw(found: dict[str, Any]) -> str:
    """Held-out error against latent dimensions: a line for each recipe, a dashed one for the yardstick.

    Of several seeds lines are means; bands are as wide as the standard deviation to both sides, and dots are
    single fits.
    """
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


def line(axis: Axes, rows: list[Row], key: str, name: str, *, color: str, **style: Any) -> None:
    """The mean of `key` over seeds against latent dimensions, with its spread."""
    points = {row["latent_dim"]: [fit[key] for fit in row["fits"]] for row in rows}
    sizes, values = [*points], [*map(fmean, points.values())]
    axis.plot(sizes, values, marker="o", markersize=5, label=name, color=color, **style)
    if max(map(len, points.values())) == 1:
        return
    low, high = zip(*map(band, points.values()), strict=True)
    axis.fill_between(sizes, low, high, color=color, alpha=0.15, linewidth=0)
    for size, each in points.items():
        axis.plot([size] * len(each), each, ".", markersize=3, color=color, alpha=0.6)


def band(values: list[float]) -> tuple[float, float]:
    """The mean of errors less and plus their standard deviation; none of them is below 0.

    >>> band([1.0, 3.0, 2.0])
    (1.0, 3.0)
    """
    mean, spread = fmean(values), stdev(values) if len(values) > 1 else 0.0
    return mean - spread if mean > spread else min(values), mean + spread
