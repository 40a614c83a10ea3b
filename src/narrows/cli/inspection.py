"""Verbs that look at data, or at a run, without training: data, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads
from narrows.cli.options import OptionalData, RecipeName
from narrows.core.errors import InputError, few
from narrows.core.findings import percent
from narrows.core.numbers import count
from narrows.data.formats import FORMATS

if TYPE_CHECKING:
    from narrows.core.findings import Finding
    from narrows.data.reading import Reading


@reads
def data(how: Reading, source: OptionalData = None) -> Result:
    """Describe DATA as they are read, with scaling and loss. Without DATA, list what can be read."""
    from narrows.data.readers import read
    from narrows.data.summary import summarise

    if source is None:
        return list_readable()
    found = summarise(read(source, how))
    return Result(found, "\n".join(described(found)))


def list_readable() -> Result:
    """The named sets, the endings of files and the kinds of data that there are."""
    from narrows.data.datasets import DATASETS
    from narrows.data.kinds import KINDS

    endings = {ending: known.title for known in FORMATS.values() if known.read for ending in known.endings}
    kinds = {name: kind.description() for name, kind in KINDS.items()}
    record = {"datasets": list(DATASETS), "endings": endings, "kinds": kinds}
    lines = ["datasets:", f"  {', '.join(DATASETS)}", "endings of files:"]
    lines += [f"  {ending or 'none':<10} {title}" for ending, title in endings.items()]
    lines += ["kinds of data:", *(f"  {name:<10} {text}" for name, text in kinds.items())]
    return Result(record, "\n".join(lines))


def described(found: dict[str, Any]) -> list[str]:
    """The lines of a summary, for a person."""
    share = f" ({percent(found['missing_share'])})" if found["missing"] else ""
    columns = (
        f"  {c['name']}: {c['nature']}, {c['dtype']}, {c['missing']:,} missing"
        for c in found["columns"][:MOST_COLUMNS]
    )
    return [
        f"{count(found['n'], 'example')}, {found['kind']}, each {found['shape']} of {found['dtype']}",
        f"range {found['range_text']}, {found['missing']:,} cells missing{share}",
        f"scaling {found['scaling']}, loss {found['loss']}",
        *recordings(found["recordings"]),
        *found["why"],
        *found["hints"],
        *(f"warning: {warning}" for warning in found["warnings"]),
        *columns,
    ]


def recordings(found: dict[str, Any] | None) -> list[str]:
    """The line about recordings, if the data are of recordings."""
    if found is None:
        return []
    shortest, median, longest = found["lengths"]
    of_each = f"{longest:,}" if shortest == longest else f"{shortest:,} to {longest:,} (median {median:,.0f})"
    channels = f"{len(found['channels'])} channel{'s' * (len(found['channels']) > 1)}"
    n = f"{found['n']:,} recording{'s' * (found['n'] > 1)}"
    return [f"{n} of {of_each} time steps, {channels}: {few(found['channels'])}"]


MOST_COLUMNS = 30
"""How many columns of a table are listed."""


Source = Annotated[str, typer.Argument(metavar="DATA|RUN", help="data as fit takes them, or a run folder")]


@reads
def doctor(source: Source, how: Reading, recipe: RecipeName = "autoencoder") -> Result:
    """Report what is wrong with DATA before training, or with the finished RUN, and what to do."""
    from dataclasses import asdict

    from narrows.core.findings import worst

    name, findings = examined(source, how, recipe)
    record = {"name": name, "worst": worst(findings), "findings": [asdict(f) for f in findings]}
    text = "\n".join(finding.paragraph for finding in findings)
    return Result(record, text or "Nothing is wrong with this run, as far as is known here.")


def examined(source: str, how: Reading, recipe: str) -> tuple[str, list[Finding]]:
    """The name of the data or of the run at `source`, and what the doctor finds."""
    from narrows.data.readers import read
    from narrows.data.reading import Reading
    from narrows.runs.folder import load_run

    if not (Path(source) / "config.json").is_file():
        from narrows.doctor.data import examine

        found = read(source, how)
        return found.name, examine(found, recipe)
    from narrows.doctor.runs import examine as examine_run

    if how != Reading() or recipe != "autoencoder":
        raise InputError(f"{source} is a run, which is examined as it was fitted; leave the options out.")
    return Path(source).resolve().name, examine_run(load_run(Path(source)))
