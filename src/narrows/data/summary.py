"""The output of `narrows data`: a summary of data, with the scaling and loss that a fit would choose.

These are chosen from the training part, as `narrows doctor` and `narrows fit` do.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.examples import Data
from narrows.data.recordings.recording import Recordings
from narrows.data.scaling import Choice
from narrows.data.schema import Array, Schema
from narrows.data.tables.dates import is_clock
from narrows.data.tables.identifiers import check_identifiers, check_ids
from narrows.data.tensors import is_nan


def summarise(data: Data) -> dict[str, Any]:
    """Kind, size, range, missing cells, the columns, scaling and loss with the reasons, and warnings."""
    values, schema = data.drawn().array, data.schema
    choice, part = chosen(data.drawn())
    cells = is_nan(values)
    missing, inside = (cells, cells.size) if schema.columns else schema.missing(schema.arrange(values))
    by_column = cells.sum(axis=0).ravel() if schema.columns else []
    warnings = [found.sentence for found in (check_identifiers(data), check_ids(data)) if found is not None]
    return {
        "name": data.name,
        "kind": schema.kind,
        "n": len(data) + (len(data.test) if data.test is not None else 0),
        "shape": list(schema.shape),
        "dtype": schema.dtype,
        "range": [float(np.nanmin(values)), float(np.nanmax(values))],
        "range_text": range_text(values, schema),
        "missing": int(missing.sum()),
        "missing_share": float(missing.sum() / max(1, inside)),
        "recordings": None if data.recordings is None else describe_recordings(data.recordings),
        **({"graph": dict(data.counts)} if data.counts else {}),
        **({} if data.scan is None else {"scan": data.scan.to_json()}),
        "columns": [describe_column(*each) for each in zip(schema.columns, by_column, strict=True)],
        "scaling": choice.name,
        "loss": choice.losses["error"]["name"],
        "why": [*data.notes, *part, *choice.why],
        "warnings": [*data.warnings, *warnings],
        "hints": [*hints(data)],
    }


def describe_recordings(recordings: Recordings) -> dict[str, Any]:
    """The number, the lengths and the channels of recordings, and their axis of time."""
    lengths = recordings.lengths
    return {
        "n": len(recordings),
        "lengths": [int(lengths.min()), float(np.median(lengths)), int(lengths.max())],
        "channels": list(recordings.channels),
        "time": asdict(recordings.axis),
    }


def hints(data: Data) -> tuple[str, ...]:
    """A sentence about a table whose rows may be a recording over time: their dates rise from row to row."""
    columns = [(j, c) for j, c in enumerate(data.schema.columns) if c.dates and not is_clock(c.dates.format)]
    rising = [c.name for j, c in columns if len(data) > 2 and (np.diff(data.drawn().array[:, j]) > 0).all()]
    return tuple(
        f"The dates in {name!r} rise from row to row; if the rows are a recording over time, "
        f"--kind sequences reads them as one."
        for name in rising[:1]
    )


def chosen(data: Data) -> tuple[Choice, tuple[str, ...]]:
    """The scaling and loss for the training part that a fit with seed 0 makes, and what is said of it.

    Of data with too few rows for parts all rows are looked at, and of those whose training part cannot be
    fitted.
    """
    try:
        index = data.parts(0).train
        rows = data.schema.arrange(data.training(index).source.all())
        data.schema.check_training(rows, data.name)
    except InputError:
        return data.schema.choose(data.schema.arrange(data.array)), ("Scaling and loss are from all rows.",)
    return data.schema.choose(rows), ()


def range_text(values: Array, schema: Schema) -> str:
    """The smallest and the largest of `values (n, …)`, numbers of a table in the notation of their column."""
    ends = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    return " to ".join(column_of(end, values, schema).notation.show(float(end)) for end in ends)


def column_of(value: float, values: Array, schema: Schema) -> Column:
    """The column of the first of `values (n, …)` that equals `value`; a plain one where there are none."""
    place = int((values == value).argmax())
    return schema.columns[place % len(schema.columns)] if schema.columns else Column("")


def describe_column(column: Column, missing: int) -> dict[str, Any]:
    words = {"levels": list(column.levels)} if column.levels else {}
    return {
        "name": column.name,
        "nature": column.nature,
        "dtype": column.dtype,
        "missing": int(missing),
        **words,
    }
