"""The outputs of anomalies for recordings: scores of time steps, flagged intervals, and their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.commands import Result, tell

NAMED = 10
"""Intervals that are named, those with the highest scores."""

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.runs.run import Run
    from narrows.tasks.anomalies.flagging import Rule
    from narrows.tasks.anomalies.time_survey import TimeSurvey


def page_of(out: Path) -> Path:
    """The page beside the scores."""
    return out.with_suffix(".html")


def intervals_of(out: Path) -> Path:
    """The table of intervals beside the scores of time steps."""
    return out.with_name(f"{out.stem}-intervals{out.suffix}")


def score_on_time(
    run: Run, data: Data, rule: Rule, out: Path, maps: Path | None, *, judge: bool, quiet: bool
) -> Result:
    """Write the scores of the time steps of recordings, the flagged intervals, and their page.

    What each channel adds at each time step goes to `contributions.csv` in the folder `maps`, if it is given.
    """
    from narrows.data.recordings.write import write_columns as write_steps
    from narrows.data.writers import write_columns, write_text
    from narrows.tasks.anomalies.time_survey import TimeSurvey
    from narrows.training.progress import counted

    found = TimeSurvey(run, data, rule, judge=judge, progress=partial(counted, quiet=quiet))
    files = {"out": out, "intervals": intervals_of(out), "page": page_of(out)}
    write_steps(found.columns(), found.recordings, files["out"])
    write_columns(found.interval_columns(), files["intervals"], ())
    if maps is not None:
        write_steps(found.contributions(), found.recordings, maps / "contributions.csv")
    drift = [] if found.drift is None else [found.drift.sentence]
    for warning in drift:
        tell(f"warning: {warning}", quiet)
    warnings = [*data.warnings, *drift]
    write_text(page(found, warnings), files["page"])
    named = {name: str(file) for name, file in files.items()}
    record = {**named, "warnings": warnings, **found.record()}
    return Result(record, "\n".join([*described(found, record), *named.values()]))


def page(found: TimeSurvey, warnings: Sequence[str]) -> str:
    """The page of scores on time."""
    from narrows.report.on_time import render_on_time

    return render_on_time(
        found.data.name,
        found.found,
        found.recordings.channels,
        found.recordings.axis,
        window=found.detector.length,
        sentence=found.flags.sentence,
        warnings=warnings,
        judged=None if found.truth is None else found.judged,
    )


def described(found: TimeSurvey, record: Mapping[str, Any]) -> list[str]:
    """The lines of the result, for a person."""
    lines = [found.flags.sentence, *highest(found)]
    if "auroc" not in record:
        return lines
    methods = {**record["yardsticks"], "this detector": record}
    return [*lines, *(quality(name, of) for name, of in methods.items())]


def highest(found: TimeSurvey) -> list[str]:
    """The intervals with the highest scores, a line for each, in order of time."""
    columns = found.interval_columns()
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    chosen = sorted(range(len(rows)), key=lambda i: -rows[i]["score"])[:NAMED]
    return [interval(rows[i]) for i in sorted(chosen)]


def interval(row: Mapping[str, Any]) -> str:
    """A line about an interval."""
    place = ", ".join(str(cell) for name, cell in row.items() if name not in MEASURED)
    return f"{place}{': ' if place else ''}{row['start']} to {row['end']}, score {row['score']:.3g}"


MEASURED = ("start", "end", "peak", "score", "p", "channels")
"""The columns of intervals other than the recording's name."""


def quality(name: str, of: Mapping[str, Any]) -> str:
    """A line about how well a method agrees with the labels."""
    volume = "" if of["vus_pr"] is None else f", VUS-PR {of['vus_pr']:.4f}"
    return f"{name:<22} AUROC {of['auroc']:.4f}{volume}"
