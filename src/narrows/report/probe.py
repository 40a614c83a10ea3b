"""The page of few labels: accuracy against their number, with and without an encoder trained on all rows."""

from __future__ import annotations

from typing import Any

from narrows.report import figures
from narrows.report.template import fill
from narrows.tasks.few_labels.measures import MEASURES

NAMES = {
    "fine_tuned": "fine-tuned",
    "pretrained": "linear on codes",
    "random": "from scratch",
    "pixels": "linear on values",
    "pca": "linear on PCA",
}
"""The methods by the keys of `probe`, and their names on the page."""

NODE_NAMES = {
    "pretrained": "linear on codes",
    "features": "linear on features",
    "smoothed": "linear on S²X",
    "svd": "linear on the SVD",
}
"""Those of the nodes of a graph; without features two of them are missing."""

ENCODED = ("fine_tuned", "pretrained")
"""The methods with an encoder that was trained without labels."""


def names_of(found: dict[str, Any]) -> dict[str, str]:
    """The methods that were measured, and their names."""
    names = {"values": NAMES, "edges": NODE_NAMES}[found["judged_by"]]
    return {key: name for key, name in names.items() if key in found["rows"][0]}


def render_probe(found: dict[str, Any], name: str) -> str:
    """The page of what `probe` found on the data called `name`, as HTML."""
    with figures.house_style():
        contents = {"found": found, "name": name, "sentence": sentence(found), "figure": draw(found)}
        methods = names_of(found)
        names = {"methods": [*methods.values()], "keys": [*methods], "tables": tables(found)}
        return fill("probe.html", {**contents, **names})


def tables(found: dict[str, Any]) -> dict[str, str]:
    """The suffix of the keys of each table, and its heading: the accuracy, and with a rare class more."""
    shown = {"": "accuracy"}
    if found["rarest"] is not None:
        shown |= {f"_{name}": text for name, text in MEASURES.items()}
    return {suffix: text[0].upper() + text[1:] for suffix, text in shown.items()}


def sentence(found: dict[str, Any]) -> str:
    """The best method with an encoder beside the best without, at the fewest labels."""
    row, rarest = found["rows"][0], found["rarest"]
    start = f"With {row['labels']} label{'s' * (row['labels'] > 1)} per class"
    if rarest is None:
        ours, others = best(row, "")
        return (
            f"{start} {100 * ours:.1f} % of the test rows are classified correctly; without an encoder "
            f"{100 * others:.1f} %."
        )
    ours, others = best(row, "_balanced")
    return (
        f"{start} the balanced accuracy is {100 * ours:.1f} %; without an encoder {100 * others:.1f} %. "
        f"Class {rarest['name']} has {100 * rarest['share']:.2g} % of the rows."
    )


def best(row: dict[str, Any], suffix: str) -> tuple[float, float]:
    """The largest value of a measure with an encoder, and the largest without."""
    keys = [key for key in (*NAMES, *NODE_NAMES) if f"{key}{suffix}" in row]
    ours, others = (
        [row[f"{key}{suffix}"] for key in keys if (key in ENCODED) == ours] for ours in (True, False)
    )
    return max(ours), max(others)


def bars(row: dict[str, Any], key: str) -> tuple[float, float]:
    """How far the 95 % interval of a measure reaches below and above it, in percent."""
    low, high = row[f"{key}_ci95"] or (row[key], row[key])
    return 100 * (row[key] - low), 100 * (high - row[key])


def draw(found: dict[str, Any]) -> str:
    """Accuracy against labels per class, a line for each method; with a rare class balanced accuracy."""
    suffix, what = ("", "accuracy") if found["rarest"] is None else ("_balanced", MEASURES["balanced"])
    figure, axis = figures.axes(6.4, 4.0)
    rows = found["rows"]
    sizes = [row["labels"] for row in rows]
    colours = [figures.OURS, figures.CLASSES[2], figures.CLASSES[3], figures.CLASSES[8], figures.PCA]
    for (key, name), colour in zip(names_of(found).items(), colours, strict=False):
        values = [100 * row[f"{key}{suffix}"] for row in rows]
        spread = list(zip(*(bars(row, f"{key}{suffix}") for row in rows), strict=True))
        axis.errorbar(
            sizes, values, yerr=spread, marker="o", markersize=5, capsize=3, color=colour, label=name,
            clip_on=False,
        )  # fmt: skip
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    low, high = axis.get_ylim()
    axis.set_ylim(max(0, low), min(100, high))
    axis.set_xlabel("labels per class")
    axis.set_ylabel(f"{what} on test rows, %")
    axis.legend()
    return figures.drawing(figure, f"{what} against labels")
