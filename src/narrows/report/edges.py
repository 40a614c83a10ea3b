"""What the page and the card of a graph show: how well edges are predicted, and likely ones."""

from __future__ import annotations

from typing import Any

from narrows.core.findings import from_config
from narrows.doctor.runs import CHECKS, OF_FIT
from narrows.evaluation.link_verdict import LinkVerdict, Quality
from narrows.report import figures
from narrows.report.composition import in_words, latent_dimensions, references
from narrows.report.findings import diagnosis
from narrows.report.kinds import DRAWN
from narrows.report.partners import likely_edges, shown_partners
from narrows.runs.run import Run
from narrows.training.history import early_stop


def edge_contents(run: Run) -> dict[str, Any]:
    """What the page of a graph shows."""
    scatter, plane = figures.codes(run)
    return {
        "run": run,
        "title": f"{run.config['data']['name']} · {run.config['recipe']}",
        "held_out": LinkVerdict.from_metrics(run.metrics),
        "verdict": run.metrics["verdict"],
        "bars": edge_bars(run),
        "warnings": [f.sentence for f in from_config(run.config) if f.name not in OF_FIT],
        "reasons": [r for r in run.config["why"] if r not in run.config.get("warnings", [])],
        "diagnosis": diagnosis(run),
        "checks": ", ".join(CHECKS),
        "read": DRAWN[run.schema.kind].size(run),
        "parts": in_words(run),
        "codes": scatter,
        "plane": plane,
        "shown": shown(run),
        "likely": likely(run),
        "among": among(run),
        "overfitting": "",
        "curves": figures.curves(run),
        "early_stop": "" if run.interrupted else early_stop(run.history),
        "references": references(run),
        "command": run.config.get("command", ""),
    }


def qualities(run: Run) -> list[tuple[str, Quality, str]]:
    """Each method with its quality and the colour of its bar, the model last."""
    found = LinkVerdict.from_metrics(run.metrics)
    ours = f"this autoencoder, {latent_dimensions(run.model.code_size)}"
    return [*((name, each, "pca") for name, each in found.yardsticks.items()), (ours, found.ours, "ours")]


def edge_bars(run: Run) -> list[tuple[str, list[tuple[str, float, str]]]]:
    """For each measure the methods with their values and colours."""
    rows = qualities(run)
    return [
        ("AUC, in percent", [(name, each.auc, colour) for name, each, colour in rows]),
        ("Average precision, in percent", [(name, each.ap, colour) for name, each, colour in rows]),
    ]


def edge_table(run: Run) -> str:
    """The same as a table in Markdown."""
    rows = (f"| {name} | {100 * each.auc:.1f} | {100 * each.ap:.1f} |" for name, each, _ in qualities(run))
    heading = "Held-out edges told from pairs of nodes that no edge joins, in percent:"
    return "\n".join([heading, "", "| | AUC | average precision |", "|---|---|---|", *rows])


def shown(run: Run) -> str:
    """Which nodes the map of codes has."""
    assert run.evidence.codes is not None
    n = len(run.evidence.codes)
    return "All nodes" if n <= figures.MOST_CODES else f"The first {figures.MOST_CODES:,} of {n:,} nodes"


def likely(run: Run) -> list[tuple[str, str, float]]:
    """The likeliest edges that are not there: both nodes by name, and the log-odds."""
    found, names = likely_edges(shown_partners(run)), run.evidence.ids
    pairs = [[names[i] if names else str(i) for i in pair] for pair in found.pairs.tolist()]
    return [(one, other, odds) for (one, other), odds in zip(pairs, found.log_odds.tolist(), strict=True)]


def among(run: Run) -> str:
    """Between which nodes likely edges were looked for, if not between all."""
    assert run.evidence.codes is not None
    assert run.evidence.nodes is not None
    scored, shown, n = len(shown_partners(run).nodes), len(run.evidence.nodes.rows), len(run.evidence.codes)
    if scored == n:
        return ""
    return f"Looked for between {scored:,} of the nodes and {shown:,} others, drawn at random from all {n:,}."


def edge_uses(run: Run) -> list[str]:
    """Commands that use the run from inside its folder, in which nothing else is written."""
    return ["narrows encode . DATA -o ../codes.csv", "narrows links . -o ../pairs.csv"]
