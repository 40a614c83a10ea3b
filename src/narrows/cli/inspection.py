"""Verbs that look at data, or at a run, without training: data, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads
from narrows.cli.options import DataArgument
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.core.findings import Finding
    from narrows.data.readers import Reading


@reads
def data(source: DataArgument, how: Reading) -> Result:
    """Describe DATA as they are read, and the scaling and loss that would be chosen."""
    from narrows.data.readers import read
    from narrows.data.summary import summarise

    found = summarise(read(source, how))
    return Result(found, "\n".join(described(found)))


def described(found: dict[str, Any]) -> list[str]:
    """The lines of a summary, for a person."""
    columns = (
        f"  {c['name']}: {c['nature']}, {c['dtype']}, {c['missing']:,} missing"
        for c in found["columns"][:MOST_COLUMNS]
    )
    return [
        f"{found['n']:,} examples, {found['kind']}, each {found['shape']} of {found['dtype']}",
        f"range {found['range'][0]:g} to {found['range'][1]:g}, {found['missing']:,} cells missing",
        f"scaling {found['scaling']}, loss {found['loss']}",
        *found["why"],
        *columns,
    ]


MOST_COLUMNS = 30
"""How many columns of a table are listed."""


Source = Annotated[str, typer.Argument(metavar="DATA|RUN", help="data as fit takes them, or a run folder")]


@reads
def doctor(source: Source, how: Reading) -> Result:
    """Report what is wrong with DATA before training, or with the finished RUN, and what to do."""
    from dataclasses import asdict

    from narrows.core.findings import worst

    name, findings = examined(source, how)
    record = {"name": name, "worst": worst(findings), "findings": [asdict(f) for f in findings]}
    text = "\n".join(finding.paragraph for finding in findings)
    return Result(record, text or "Nothing is wrong with this run, as far as is known here.")


def examined(source: str, how: Reading) -> tuple[str, list[Finding]]:
    """The name of the data or of the run at `source`, and what the doctor finds."""
    from narrows.data.readers import Reading, read

    if not (Path(source) / "config.json").is_file():
        from narrows.doctor.data import examine

        found = read(source, how)
        return found.name, examine(found)
    from narrows.doctor.runs import examine as examine_run
    from narrows.runs.run import Run

    if how != Reading():
        raise InputError(f"{source} is a run, which is examined as it was fitted; leave the options out.")
    return Path(source).resolve().name, examine_run(Run.load(Path(source)))
