"""The verb that scores anomalies: anomalies."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, tell
from narrows.cli.inputs import open_run, read_data, reading_for, warned, warned_of_ids
from narrows.cli.options import DataArgument, Device, Id, Nodes, Quiet, RunArgument, output, whole
from narrows.cli.parsing import parse_share
from narrows.cli.scores_of_nodes import score_nodes
from narrows.cli.scores_on_time import intervals_of, page_of, score_on_time
from narrows.core.errors import InputError
from narrows.core.shell import quoted
from narrows.core.steps import step
from narrows.data.formats import SCORES, form_for

NAMED = 10
"""Rows that are named, those with the highest scores."""

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.runs.run import Run
    from narrows.tasks.anomalies.flagging import Rule
    from narrows.tasks.anomalies.survey import Survey


def share(text: str) -> Any:
    """The option for a share, with its help `text`."""
    return typer.Option(parser=parse_share, metavar="SHARE", help=f"share of {text}")


Scores = Annotated[Path, output(*SCORES)]
Expect = Annotated[float | None, share("rows like the training data to flag, as 0.5%; default: 0.01")]
Contaminated = Annotated[float | None, share("the training rows that are anomalies, as 0.02 or 2%")]
Top = Annotated[int | None, whole("flag the N rows that score highest")]
Maps = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="a folder for what each column, pixel or channel adds; of patches pixel scores",
    ),
]
Truth = Annotated[
    str | None, typer.Option("--label", help="the column that says which rows are anomalies, to judge by")
]


def anomalies(
    run: RunArgument,
    data: DataArgument,
    out: Scores,
    expect: Expect = None,
    contaminated: Contaminated = None,
    top: Top = None,
    maps: Maps = None,
    label: Truth = None,
    id_column: Id = None,
    nodes: Nodes = None,
    device: Device = "auto",
    quiet: Quiet = False,
) -> Result:
    """Score how unlike the training data each row or time step of DATA is, and name what made it so.

    The nodes of a graph are compared with each other, by their edges and their features.
    """
    check_outputs(out, maps, data)
    from narrows.tasks.anomalies.flagging import Rule

    rule, loaded = Rule(expect, contaminated, top), open_run(run, device=device)
    found = read_named(loaded, data, label, id_column, quiet, nodes)
    score = SCORED[loaded.schema.judged_by] if found.window is None else score_on_time
    return score(loaded, found, rule, out, maps, judge=label is not None, quiet=quiet)


def score_rows(
    run: Run, found: Data, rule: Rule, out: Path, maps: Path | None, *, judge: bool, quiet: bool
) -> Result:
    """Write the scores of rows, and their page."""
    from narrows.data.writers import write_columns, write_text
    from narrows.report.anomalies import render_anomalies
    from narrows.tasks.anomalies.contributions import write_contributions
    from narrows.tasks.anomalies.survey import Survey
    from narrows.training.progress import counted

    counting, page = partial(counted, quiet=quiet), page_of(out)
    result = Survey(run, found, rule, judge=judge, explain=maps is not None, progress=counting)
    step("explaining and writing the scores")
    write_columns(result.columns(), out, result.ids)
    if maps is not None:
        write_contributions(result, maps)
    elif result.pixels is not None and found.source.in_memory:
        result.pixels.measure()
    step("drawing the page")
    write_text(render_anomalies(result), page)
    drift = [] if result.drift is None else [result.drift.sentence]
    for warning in drift:
        tell(f"warning: {warning}", quiet)
    record = {"out": str(out), "page": str(page), "warnings": [*found.warnings, *drift], **result.record()}
    return Result(record, "\n".join([*described(result, record), str(out), str(page)]))


SCORED = {"values": score_rows, "edges": score_nodes}
"""What writes scores that are not on time, by `Schema.judged_by`."""


def check_outputs(out: Path, maps: Path | None, data: str) -> None:
    """Refuse outputs that cannot be written, before anything is computed."""
    from narrows.data.writers import check_target

    form_for("Scores", out, SCORES)
    for target in (out, page_of(out), intervals_of(out), *(() if maps is None else (maps,))):
        check_target(target, data)
    if maps is not None and maps.exists() and not maps.is_dir():
        raise InputError(f"{maps} is a file; --maps takes a folder.")


def read_named(
    run: Run, source: str, label: str | None, id_column: str | None, quiet: bool, nodes: str | None = None
) -> Data:
    """The data for `run`, with the columns that label and name the rows; unknown words are far."""
    how = reading_for(run)
    table = nodes or how.nodes
    named = replace(how, label=label, id=id_column or how.id, nodes=table, unknown="far")
    found = read_data(source, named, quiet)
    if id_column is not None and not found.ids:
        raise InputError(f"{source} has no column {id_column!r}.")
    if label in run.schema.names:
        seen = f"{label} is among the values that the run was fitted to, so its scores know the labels"
        found = warned(found, f"{seen}; fit it with --label {quoted(str(label))}.", quiet)
    return warned_of_ids(found, quiet)


def described(result: Survey, record: dict[str, Any]) -> list[str]:
    """The lines of the result, for a person."""
    pixels = result.pixels.sentence if result.pixels is not None and result.pixels.shown else ""
    said = (result.flags.sentence, result.places_sentence, highest(result), pixels)
    first = [line for line in said if line]
    if "auroc" not in record:
        return first
    rows = {**record["yardsticks"], "this detector": record["auroc"]}
    return [*first, *(f"{name:<22} AUROC {value:.4f}" for name, value in rows.items())]


def highest(result: Survey) -> str:
    """The names, scores and places of the rows that score highest."""
    rows = [f"{result.ids[i]} ({result.scores[i]:.3g}, {result.places[i]})" for i in result.order[:NAMED]]
    return f"Highest scores: {', '.join(rows)}."
