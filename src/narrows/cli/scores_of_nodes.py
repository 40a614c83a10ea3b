"""The outputs of anomalies for the nodes of a graph: scores with reasons, and their page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.commands import Result
from narrows.core.errors import InputError

NAMED = 10
"""Nodes that are named, those with the highest scores."""

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.runs.run import Run
    from narrows.tasks.anomalies.flagging import Rule
    from narrows.tasks.anomalies.node_survey import NodeSurvey


def score_nodes(
    run: Run, data: Data, rule: Rule, out: Path, maps: Path | None, *, judge: bool, quiet: bool
) -> Result:
    """Write the scores of the nodes of a graph with their reasons, and their page."""
    from narrows.data.writers import write_columns, write_text
    from narrows.report.node_anomalies import render_node_anomalies
    from narrows.tasks.anomalies.node_survey import NodeSurvey

    if maps is not None:
        raise InputError("--maps is for columns, pixels and channels; scores of nodes name their reasons.")
    found, page = NodeSurvey(run, data, rule, judge=judge), out.with_suffix(".html")
    write_columns(found.columns(), out, found.ids)
    write_text(render_node_anomalies(found), page)
    record = {"out": str(out), "page": str(page), "warnings": [*data.warnings], **found.record()}
    return Result(record, "\n".join([*described(found, record), str(out), str(page)]))


def described(found: NodeSurvey, record: Mapping[str, Any]) -> list[str]:
    """The lines of the result, for a person."""
    lines = [found.flags.sentence, "Highest scores:", *(node(found, i) for i in found.order[:NAMED])]
    if "auroc" not in record:
        return lines
    rows = {**record["yardsticks"], "this detector": record["auroc"]}
    return [*lines, *(f"{name:<22} AUROC {value:.4f}" for name, value in rows.items())]


def node(found: NodeSurvey, i: int) -> str:
    """A line about a node."""
    from narrows.tasks.anomalies.node_reasons import WHY

    line = f"  {found.ids[i]} ({found.scores[i]:.3g}): {WHY[found.reasons.largest[i]]}"
    unlike = [found.ids[j] for j in found.reasons.neighbours[i] if j >= 0]
    return f"{line}; improbable edges to {', '.join(unlike)}" if unlike else line
