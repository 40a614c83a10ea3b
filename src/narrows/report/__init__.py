"""One page that says what was fitted, how well it did, and shows it.

It is one file without an address in it: it opens anywhere, offline. Its one script is that of its live part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array, Column, blocks, cells
from narrows.doctor.runs import CHECKS, leaks
from narrows.report import figures
from narrows.report.card import card
from narrows.report.code import meaning
from narrows.report.composition import HEIGHT, WIDTH, error_unit, hourglass, in_words, references
from narrows.report.findings import diagnosis
from narrows.report.live import live_part
from narrows.report.pages import fill
from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample

GROUPS = {
    "best": "Reconstructed best",
    "median": "In the middle",
    "worst": "Reconstructed worst",
}


def render(run: Run, *beside: Run) -> str:
    """The page of `run` as HTML, in its live part the runs `beside` it.

    Raises:
        InputError: when its training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    show = images if run.schema.kind == "images" else rows
    with figures.house_style():
        return fill("page.html", {**contents(run), **show(run), **live_part([run, *beside])})


def render_live(run: Run) -> str:
    """The live part of the page of `run` alone, as a page of HTML.

    Raises:
        InputError: when its training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    return fill("frame.html", live_part([run]))


def contents(run: Run) -> dict[str, Any]:
    """What the page shows of every kind of data."""
    scatter, plane = figures.codes(run) if "codes" in run.evidence else ("", "")
    return {
        "run": run,
        "title": f"{run.config['data']['name']} · {run.config['recipe']}",
        "held_out": run.metrics["held_out"],
        "verdict": run.metrics["verdict"],
        "bars": bars(run),
        "warnings": [w for w in run.config.get("warnings", []) if w not in leaks(run)],
        "explained": explained(run),
        "diagnosis": diagnosis(run),
        "checks": ", ".join(CHECKS),
        "meaning": meaning(run),
        "by_heart": by_heart(run.history),
        "unit": error_unit(run.schema),
        "hourglass": hourglass(run),
        "size": (WIDTH, HEIGHT),
        "parts": in_words(run),
        "curves": figures.curves(run),
        "codes": scatter,
        "plane": plane,
        "references": references(run),
        "command": run.config.get("command", ""),
    }


def bars(run: Run) -> list[tuple[str, float, float, str]]:
    """What is compared: a name, its error, its length in percent of the longest, its colour."""
    found = run.metrics["held_out"]
    d = run.model.code_size
    names = (f"PCA, {d} component{'s' * (d > 1)}", f"this autoencoder, {d} number{'s' * (d > 1)}")
    if run.model.bypassed:
        names = ("PCA, each component weighed to restore most", "this model")
    errors = [
        ("the training mean, no code at all", found["mean_mse"], "faint"),
        (names[0], found["pca_mse"], "pca"),
        (names[1], found["mse"], "ours"),
    ]
    longest = max(error for _, error, _ in errors) or 1.0
    return [(name, error, 100 * error / longest, colour) for name, error, colour in errors]


MOST_COLUMNS = 24
"""Columns that are listed with the share explained: beyond that the best and the worst half of them."""


def explained(run: Run) -> list[tuple[str, float, float]]:
    """How much of each column of a table is left after the bottleneck, on held-out rows.

    Returns:
        Of each column that varies its name and the percent of its variance that the model and that PCA
        explain, best first; nothing for other kinds of data.
    """
    if "mean_by_column" not in run.evidence:
        return []
    order = blocks(run.schema.columns)
    ours, pca, mean = (run.evidence[f"{name}_by_column"] for name in ("ours", "pca", "mean"))
    found = [
        (run.schema.columns[j].name, 100 * (1 - ours[i] / mean[i]), 100 * (1 - pca[i] / mean[i]))
        for i, j in enumerate(order)
        if mean[i] > 0
    ]
    found.sort(key=lambda row: -row[1])
    half = MOST_COLUMNS // 2
    return found if len(found) <= MOST_COLUMNS else [*found[:half], *found[-half:]]


def by_heart(history: list[dict[str, Any]]) -> str:
    """What to say when the validation rose again while the training went on falling."""
    history = figures.last_stage(history)
    best = [epoch for epoch in history if epoch["improved"]][-1]
    last = history[-1]
    rise = last["validation"]["total"] - best["validation"]["total"]
    fall = best["train"]["total"] - last["train"]["total"]
    start = history[0]["validation"]["total"] - best["validation"]["total"]
    if last["number"] - best["number"] < 3 or fall <= 0 or rise < 0.02 * max(start, 1e-300):
        return ""
    return (
        f"After epoch {best['number']} it went on learning its training rows by heart: their objective fell, "
        f"that of the validation rows rose. The weights of epoch {best['number']} were kept. More rows, a "
        f"smaller code or network, or a recipe that adds noise (denoising) would help."
    )


def images(run: Run) -> dict[str, Any]:
    """Originals beside reconstructions, samples and a path, as pictures."""
    shown = run.evidence
    lines = {"original": "originals", "seen": "seen", "reconstructed": "reconstructions"}
    arrays = {
        (name, title): shown[f"{name}_{line}"]
        for name in GROUPS
        for title, line in lines.items()
        if f"{name}_{line}" in shown
    }
    low, high = figures.display_range(arrays.values(), run.schema.dtype)
    drawings = {key: figures.pictures(run, array, low, high) for key, array in arrays.items()}
    return {
        "groups": [
            (GROUPS[name], [(title, drawn) for (group, title), drawn in drawings.items() if group == name])
            for name in GROUPS
        ],
        **made_up(run, low, high),
        "profiles": "",
        "small": max(run.schema.model_shape[1:]) <= 64,
        "table": None,
    }


def made_up(run: Run, low: float, high: float) -> dict[str, Any]:
    """Samples and a path as pictures; of a model that cannot decode codes, none."""
    if run.model.bypassed:
        return {"samples": [], "path": [], "sample_note": ""}
    shown = run.evidence
    drawn, note = sample(run, 32)
    ends = np.stack([shown["median_originals"][0], shown["best_originals"][-1]])
    return {
        "samples": figures.pictures(run, drawn, low, high),
        "path": figures.pictures(run, interpolate(run, ends, 12)["linear"].values, low, high),
        "sample_note": note,
    }


def rows(run: Run) -> dict[str, Any]:
    """A row each that was reconstructed best, middling and worst, and samples as a table."""
    shown = run.evidence
    pairs = {
        title: (shown[f"{name}_originals"][0], shown[f"{name}_reconstructions"][0])
        for name, title in GROUPS.items()
    }
    table, note = ([], "") if run.model.bypassed else made_up_rows(run)
    return {
        "groups": [],
        "samples": [],
        "path": [],
        "small": False,
        "sample_note": note,
        "profiles": figures.profiles(run, pairs),
        "table": table,
    }


def made_up_rows(run: Run) -> tuple[list[tuple[str, list[str], list[str]]], str]:
    """By column its name, its cells in samples and on a path; and where the samples' codes were drawn."""
    shown = run.evidence
    drawn, note = sample(run, 6)
    ends = np.stack([shown["median_originals"][0], shown["worst_originals"][0]])
    walk = interpolate(run, ends, 6)["linear"].values
    columns = zip(run.schema.columns, drawn.T, walk.T, strict=True)
    return [(column.name, in_print(a, column), in_print(b, column)) for column, a, b in columns], note


def in_print(codes: Array, column: Column) -> list[str]:
    """The cells of a column as they are shown."""
    return [f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in cells(codes, column).tolist()]


def documents(run: Run) -> dict[str, str]:
    """What a run folder holds for people, by file name: the page, and the card that introduces the folder."""
    return {"report.html": render(run), "README.md": card(run)}


__all__ = ["documents", "render", "render_live"]
