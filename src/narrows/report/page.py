"""The page of a run: what was fitted, how well it does, and examples.

The page is one file that refers to no address, so it opens offline. Its only script is that of the live part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from narrows.core.errors import InputError
from narrows.core.findings import from_config
from narrows.doctor.runs import OF_FIT, checks_of
from narrows.evaluation.restored import OURS
from narrows.evaluation.rounded_codes import rounds
from narrows.evaluation.verdict import PCA, Verdict
from narrows.report import figures
from narrows.report.card import besides, card
from narrows.report.code import meaning
from narrows.report.code_maps import code_maps
from narrows.report.composition import STEP, WIDTH, hourglass, in_words, latent_dimensions, references
from narrows.report.edges import edge_contents
from narrows.report.findings import diagnosis
from narrows.report.kinds import DRAWN
from narrows.report.live import live_part
from narrows.report.rate_distortion import draw, lines_of_rates, rows_of_rates
from narrows.report.template import fill
from narrows.runs.run import Run
from narrows.training.history import early_stop


def documents(run: Run) -> dict[str, str]:
    """What a run folder holds for people, by file name: the page, and the card that introduces the folder."""
    return {"report.html": render(run), "README.md": card(run)}


def render(run: Run, *beside: Run) -> str:
    """The page of `run` as HTML, in its live part the runs `beside` it.

    Raises:
        InputError: when its training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    with figures.house_style():
        return PAGES[run.schema.judged_by](run, *beside)


def value_page(run: Run, *beside: Run) -> str:
    """The page of a run that is judged by reconstructed values."""
    return fill("page.html", {**contents(run), **examples(run), **live_part([run, *beside])})


def edge_page(run: Run, *beside: Run) -> str:
    """The page of a run of a graph, in its live part the runs `beside` it."""
    return fill("edges.html", {**edge_contents(run), **live_part([run, *beside])})


PAGES: dict[str, Callable[..., str]] = {"values": value_page, "edges": edge_page}
"""By `Schema.judged_by`."""


def render_live(run: Run) -> str:
    """The live part of the page of `run` alone, as a page of HTML.

    Raises:
        InputError: when its training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    return fill("frame.html", live_part([run]))


def contents(run: Run) -> dict[str, Any]:
    """What the page shows of the model and its errors."""
    drawn = hourglass(run)
    scatter, plane = figures.codes(run) if run.evidence.codes is not None else ("", "")
    return {
        "run": run,
        "title": f"{run.config['data']['name']} · {run.config['recipe']}",
        "held_out": Verdict.from_metrics(run.metrics),
        "rates": rates(run),
        "verdict": run.metrics["verdict"],
        "beside": " ".join(each.sentence for each in besides(run) if not each.complete),
        "fitted": " ".join(each.fit for each in besides(run) if each.complete),
        "bars": bars(run),
        "warnings": [f.sentence for f in from_config(run.config) if f.name not in OF_FIT],
        "reasons": [r for r in run.config["why"] if r not in run.config.get("warnings", [])],
        "diagnosis": diagnosis(run),
        "checks": ", ".join(checks_of(run)),
        "overfitting": overfitting(run.history),
        "hourglass": drawn,
        "size": (WIDTH, STEP * len(drawn)),
        "parts": in_words(run),
        "curves": figures.curves(run),
        "early_stop": "" if run.interrupted else early_stop(run.history),
        "codes": scatter,
        "code_maps": code_maps(run),
        "plane": plane,
        "references": references(run),
        "command": run.config.get("command", ""),
    }


def examples(run: Run) -> dict[str, Any]:
    """What the page shows of the examples, as their kind of data is drawn."""
    drawing, found = DRAWN[run.schema.kind], meaning(run)
    return {
        "read": drawing.size(run),
        "unit": drawing.error_unit(run.schema),
        "explained": drawing.explained(run),
        "examples": drawing.examples(run),
        "corrupted": drawing.corrupted_examples(run),
        "denoised": drawing.denoised_examples(run),
        "new_examples": "" if run.model.bypassed or rounds(run) else drawing.new_examples(run),
        "meaning": found,
        "dimensions": drawing.dimensions(run, found) if found else "",
        "dimensions_note": drawing.dimensions_note(run.schema),
    }


def rates(run: Run) -> dict[str, Any]:
    """Bytes at the same quality, of a model that is judged by these; else nothing."""
    found = Verdict.from_metrics(run.metrics).rates
    if found is None:
        return {}
    return {"found": found, "figure": draw(lines_of_rates(found), found.noun), "rows": rows_of_rates(found)}


def bars(run: Run) -> list[tuple[str, float, float, str]]:
    """The errors that are compared: name, error, length of the bar in percent of the longest, colour."""
    found, d = Verdict.from_metrics(run.metrics).usual, run.model.numbers
    pca = f"PCA, {d} component{'s' * (d > 1)}"
    ours = " and ".join(
        (f"this autoencoder, {latent_dimensions(run.model.code_size)}", *run.model.pose_names)
    )
    errors = [
        ("the training mean, without a code", found.mean_mse, "faint"),
        (pca if found.yardstick == PCA else found.yardstick, found.yardstick_mse, "pca"),
        *((each.title, each.mse, "pca") for each in besides(run) if each.complete),
        (ours, found.mse, "ours"),
    ]
    if found.restoration is not None:
        named = found.restoration.mse.items()
        errors = [(name, error, "ours" if name == OURS else "pca") for name, error in named]
    known = [(name, error, colour) for name, error, colour in errors if error is not None]
    longest = max(error for _, error, _ in known) or 1.0
    return [(name, error, 100 * error / longest, colour) for name, error, colour in known]


def overfitting(history: list[dict[str, Any]]) -> str:
    """A warning, if the validation objective rose again while the training objective went on falling."""
    history = figures.last_stage(history)
    best = [epoch for epoch in history if epoch["improved"]][-1]
    last = history[-1]
    rise = last["validation"]["total"] - best["validation"]["total"]
    fall = best["train"]["total"] - last["train"]["total"]
    start = history[0]["validation"]["total"] - best["validation"]["total"]
    if last["number"] - best["number"] < 3 or fall <= 0 or rise < 0.02 * max(start, 1e-300):
        return ""
    return (
        f"Overfitting after epoch {best['number']}: the training objective went on falling while that of the "
        f"validation rows rose. The weights of epoch {best['number']} were kept. More rows, fewer latent "
        f"dimensions, a smaller network or a recipe that adds noise (denoising) can help."
    )
