"""The verb that finds what does not belong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.common import (
    DataArgument,
    Id,
    Json,
    Quiet,
    RunArgument,
    opened,
    output,
    reading_again,
    say,
)
from narrows.core.errors import InputError
from narrows.data.formats import SCORES, form_for

if TYPE_CHECKING:
    from narrows.tasks.anomalies.detector import Survey


def anomalies(
    run: RunArgument,
    data: DataArgument,
    out: Annotated[Path, output(*SCORES)],
    expect: Annotated[
        float, typer.Option(help="share of rows like the training data that may be flagged, as 0.01")
    ] = 0.01,
    maps: Annotated[
        Path | None,
        typer.Option(help="a folder for what every column or pixel adds to the scores"),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="of a table, the column that says what is an anomaly, to be judged by")
    ] = None,
    id_column: Id = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score how little each row of DATA belongs to what RUN was fitted to, and say why."""
    from dataclasses import replace

    from narrows.data.readers import read
    from narrows.data.writers import check_target, write_columns, write_text
    from narrows.report.anomalies import render_anomalies
    from narrows.tasks.anomalies.detector import Survey, write_contributions

    form_for("Scores", out, SCORES)
    page = out.with_suffix(".html")
    for target in (out, page, *(() if maps is None else (maps,))):
        check_target(target, data)
    if maps is not None and maps.exists() and not maps.is_dir():
        raise InputError(f"{maps} is a file; --maps takes a folder.")
    loaded = opened(run)
    how = reading_again(loaded)
    found = read(data, replace(how, label=label, id=id_column or how.id))
    if id_column is not None and not found.ids:
        raise InputError(f"{data} has no column {id_column!r}.")
    result = Survey(loaded, found, expect, judge=label is not None)
    write_columns(result.columns(), out, result.ids)
    if maps is not None:
        write_contributions(result, maps)
    write_text(render_anomalies(result), page)
    record = {"out": str(out), "page": str(page), **result.record()}
    say(record, f"{told(result, record)}\n{out}\n{page}", as_json)


def told(result: Survey, record: dict[str, Any]) -> str:
    """What was found, for a person."""
    lines = [result.sentence]
    if "auroc" in record:
        rows = {**record["yardsticks"], "this detector": record["auroc"]}
        lines += [f"{name:<22} AUROC {value:.4f}" for name, value in rows.items()]
    return "\n".join(lines)
