"""The page of few labels: accuracy against their number, with and without an encoder trained on all rows."""

from __future__ import annotations

from typing import Any

from narrows.report import figures
from narrows.report.template import fill

NAMES = {
    "fine_tuned": "fine-tuned",
    "pretrained": "linear on codes",
    "random": "from scratch",
    "pixels": "linear on values",
    "pca": "linear on PCA",
}
"""The methods by the keys of `probe`, and their names on the page."""


def render_probe(found: dict[str, Any], name: str) -> str:
    """The page of what `probe` found on the data called `name`, as HTML."""
    with figures.house_style():
        contents = {"found": found, "name": name, "sentence": sentence(found), "figure": draw(found)}
        return fill("probe.html", {**contents, "methods": [*NAMES.values()], "keys": [*NAMES]})


def sentence(found: dict[str, Any]) -> str:
    """The best method with an encoder beside the best without, at the fewest labels."""
    row = found["rows"][0]
    ours, others = (
        max(row[name] for name in names)
        for names in (("fine_tuned", "pretrained"), ("random", "pixels", "pca"))
    )
    return (
        f"With {row['labels']} label{'s' * (row['labels'] > 1)} per class {100 * ours:.1f} % of the test "
        f"rows are classified correctly; without an encoder {100 * others:.1f} %."
    )


def draw(found: dict[str, Any]) -> str:
    """Accuracy against labels per class, a line for each method."""
    figure, axis = figures.axes(6.4, 4.0)
    rows = found["rows"]
    sizes = [row["labels"] for row in rows]
    colours = [figures.OURS, figures.CLASSES[2], figures.CLASSES[3], figures.CLASSES[8], figures.PCA]
    for (key, name), colour in zip(NAMES.items(), colours, strict=True):
        values = [100 * row[key] for row in rows]
        spread = [100 * (row[key] - row[f"{key}_ci95"][0]) if row[f"{key}_ci95"] else 0.0 for row in rows]
        axis.errorbar(
            sizes, values, yerr=spread, marker="o", markersize=5, capsize=3, color=colour, label=name
        )
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.set_xlabel("labels per class")
    axis.set_ylabel("accuracy on test rows, %")
    axis.legend()
    return figures.drawing(figure, "accuracy against labels")
