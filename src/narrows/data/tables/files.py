"""Read tables with typed columns: Parquet, Feather and JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError, few, reason
from narrows.core.memory import check_room
from narrows.data.formats import FORMATS, format_of, need
from narrows.data.tables.cells import LARGEST_EXACT
from narrows.data.tables.frame_dates import with_index
from narrows.data.tables.table import Table, from_frame

if TYPE_CHECKING:
    from pandas import DataFrame

Loaded = tuple["DataFrame", tuple[str, ...]]
"""A data frame, and sentences about how it was read."""

FEWEST_RECORDS, USUAL = 4, 0.9
"""The objects that a description is told from, and the share of them that has a name of a column."""

MOST_BYTES_PER_BYTE = 20
"""The memory that a byte of a file may take when it is read."""


def read_frame(file: Path, *, index: bool = False) -> Table:
    """The typed columns of a Parquet, Feather or JSON lines file, with `index` also those of its index.

    Raises:
        InputError: when the extra is missing, or the file cannot be read.
    """
    load = {"parquet": parquet, "feather": feather, "jsonl": json_lines}[format_of(file)]
    frame, notes = loaded(load, file)
    return replace(from_frame(with_index(frame) if index else frame, file.name), notes=notes)


def read_frames(files: Sequence[Path], name: str) -> Table:
    """The rows of several Parquet files of the same columns, one file after the other.

    Raises:
        InputError: for files of other columns or types, and as `read_frame`.
    """
    import pyarrow

    tables = [loaded(parquet_table, file) for file in files]
    for file, table in zip(files, tables, strict=True):
        if table.schema.names != tables[0].schema.names:
            raise InputError(
                f"The files of {name} have the same columns in the same order, but {files[0].name} and "
                f"{file.name} differ."
            )
    try:
        whole = pyarrow.concat_tables(tables, promote_options="permissive")
    except pyarrow.ArrowException as error:
        raise InputError(f"The columns of the files of {name} have other types: {reason(error)}.") from error
    return from_frame(exact_frame(whole), name)


def loaded(load: Any, file: Path, *more: Any) -> Any:
    """What `load` reads from a file; whatever it raises is an `InputError`."""
    title = FORMATS[format_of(file)].title.partition(";")[0]
    try:
        return load(file, *more)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"{title} {need(format_of(file))}.") from error
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as {title}: {reason(error)}.") from error


def parquet(file: Path) -> Loaded:
    return exact_frame(parquet_table(file)), ()


def parquet_table(file: Path) -> Any:
    """The Arrow table of a Parquet file."""
    import pyarrow.parquet

    about = pyarrow.parquet.ParquetFile(file).metadata
    check_room(8 * about.num_rows * about.num_columns, f"The cells of {file.name} are")
    return pyarrow.parquet.read_table(file)


def feather(file: Path) -> Loaded:
    import pyarrow.feather

    return exact_frame(pyarrow.feather.read_table(file)), ()


def exact_frame(table: Any) -> DataFrame:
    """The data frame of an Arrow table: integers beyond those that floats hold stay exact beside nulls."""
    import pandas
    import pyarrow

    frame = table.to_pandas()
    for field, column in zip(table.schema, table.columns, strict=True):
        whole = pyarrow.types.is_integer(field.type) and field.name in frame.columns
        if whole and column.null_count and beyond_floats(column):
            signed = pyarrow.types.is_signed_integer(field.type)
            frame[field.name] = pandas.array(column.to_pylist(), dtype="Int64" if signed else "UInt64")
    return frame


def beyond_floats(column: Any) -> bool:
    """Whether a column of integers has one that a float does not hold."""
    import pyarrow.compute

    ends = pyarrow.compute.min_max(column).as_py().values()
    return any(end is not None and abs(end) > LARGEST_EXACT for end in ends)


def json_lines(file: Path) -> Loaded:
    """Numbers, booleans, texts and nulls; objects and lists are refused. Integers are read exactly."""
    import pandas

    check_room(MOST_BYTES_PER_BYTE * file.stat().st_size, f"The cells of {file.name} may take")
    with file.open(encoding="utf-8-sig") as stream:
        records, notes = without_metadata([json.loads(line) for line in stream if line.strip()], file.name)
    frame = pandas.DataFrame(records)
    for name in large_integers(records):
        cells = [record.get(name) for record in records]
        frame[name] = [None if cell is None else str(cell) for cell in cells]
    for name in frame.columns:
        nested = [cell for cell in frame[name] if isinstance(cell, (dict, list))]
        if nested:
            raise InputError(
                f"The column {str(name)!r} of {file.name} holds objects or lists, but wanted is one number "
                f"or word in a cell; leave it out of the file, or write a column for each of its parts."
            )
    return frame, notes


def large_integers(records: Sequence[Any]) -> list[str]:
    """The names of the columns of JSON objects with integers that a float does not hold."""
    cells = ((name, cell) for record in records if isinstance(record, dict) for name, cell in record.items())
    return list({name: 0 for name, cell in cells if type(cell) is int and abs(cell) > LARGEST_EXACT})


def without_metadata(records: list[Any], file: str) -> tuple[list[Any], tuple[str, ...]]:
    """JSON objects without a first or last one that describes the file, and sentences about it.

    Such an object has a name that no other has, and less than half of the names that nine in ten others have.
    """
    if len(records) < FEWEST_RECORDS or not all(isinstance(record, dict) for record in records):
        return records, ()
    counts = Counter(name for record in records for name in record)
    usual = {name for name, count in counts.items() if count >= USUAL * (len(records) - 2)}

    def describes(record: dict[str, Any]) -> bool:
        own = any(counts[name] == 1 for name in record)
        return own and 2 * len(usual & {*record}) < len(usual)

    ends = {"first": records[0], "last": records[-1]}
    left = {end: record for end, record in ends.items() if describes(record)}
    notes = (
        f"The {end} object of {file} is left out, as a description of the file: it has {few(list(record))}, "
        f"but the others have {few(sorted(usual))}."
        for end, record in left.items()
    )
    return records["first" in left : len(records) - ("last" in left)], tuple(notes)
