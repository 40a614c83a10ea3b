"""Rows of Parquet files of numbers, which are read one row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, few, reason
from narrows.data.columns import Array
from narrows.data.sources import on_disk
from narrows.data.sources.base import Index, Source
from narrows.data.sources.on_disk import consecutive


class ParquetRows(Source):
    """The columns of numbers of several Parquet files, one file after the other; a block is a row group.

    Args:
        files: of the same columns.
        names: of the columns, at least one.

    Raises:
        InputError: for a file that cannot be read, lacks a column, or has one that holds no numbers.
    """

    in_memory = False

    def __init__(self, files: Sequence[Path], names: Sequence[str]) -> None:
        self.files, self.names = files, list(names)
        opened = [open_file(file) for file in files]
        types = {
            column_type(file, each, name) for file, each in zip(files, opened, strict=True) for name in names
        }
        self.dtype = np.result_type(*types, np.float32)
        sizes = [
            (number, group, each.metadata.row_group(group).num_rows)
            for number, each in enumerate(opened)
            for group in range(each.num_row_groups)
        ]
        self.groups = [group for group in sizes if group[2]]
        self.begins = np.array([0, *accumulate(group[2] for group in self.groups)])
        self.shape = (int(self.begins[-1]), len(self.names))

    def blocks(self) -> Sequence[Index]:
        """The row groups."""
        return [range(*pair) for pair in pairwise(self.begins.tolist())]

    def together(self, index: Index) -> Iterator[NDArray[np.intp]]:
        """The places in `index` of rows of one row group."""
        groups = np.searchsorted(self.begins, np.asarray(index), side="right") - 1
        order = np.argsort(groups, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else ()

    def take(self, index: Index) -> Array:
        rows, taken = np.asarray(index, dtype=np.intp), np.empty((len(index), *self.shape[1:]), self.dtype)
        for places in self.together(rows):
            group = int(np.searchsorted(self.begins, rows[places[0]], side="right")) - 1
            within = consecutive(rows[places] - self.begins[group])
            whole = self._group(group)
            taken[places] = whole[within.start : within.stop] if isinstance(within, range) else whole[within]
        return taken

    def _group(self, number: int) -> Array:
        """The rows of a row group; null is NaN."""
        file, group, _ = self.groups[number]
        try:
            table = open_file(self.files[file]).read_row_group(group, columns=self.names)
            columns = [table.column(name).to_numpy() for name in self.names]
        except InputError:
            raise
        except Exception as error:  # a damaged page may raise anything in the library
            raise InputError(f"A part of {self.files[file].name} cannot be read: {reason(error)}.") from error
        return np.column_stack([column.astype(self.dtype) for column in columns])


def open_file(file: Path) -> Any:
    """A Parquet file, of which nothing but its description is read.

    Raises:
        InputError: when that cannot be read, or the extra is missing.
    """
    try:
        from pyarrow.parquet import ParquetFile

        return ParquetFile(file)
    except ImportError as error:
        raise InputError("Apache Parquet needs the extra 'tables': pip install 'narrows[tables]'.") from error
    except Exception as error:  # a damaged file may raise anything in the library
        raise InputError(f"{file.name} cannot be read as Apache Parquet: {reason(error)}.") from error


def large(files: Sequence[Path]) -> bool:
    """Whether the cells of `files` together, 8 bytes each, stay on disk."""
    about = [open_file(file).metadata for file in files]
    return sum(8 * each.num_rows * each.num_columns for each in about) >= on_disk.LARGE


def column_names(file: Path) -> tuple[str, ...]:
    """The names of the columns of a Parquet file."""
    return tuple(open_file(file).schema_arrow.names)


def column_type(file: Path, opened: Any, name: str) -> np.dtype[Any]:
    """The type of the numbers in a column.

    Raises:
        InputError: when the file has no such column, or it holds no numbers.
    """
    from pyarrow import types

    schema = opened.schema_arrow
    if name not in schema.names:
        raise InputError(f"{file.name} has no column {name!r}; it has {few(schema.names)}.")
    kind = schema.field(name).type
    if not (types.is_integer(kind) or types.is_floating(kind)):
        raise InputError(
            f"The column {name!r} of {file.name} holds {kind}, but of Parquet files of over 1 GiB together "
            f"numbers are read; leave it out with --drop {name}."
        )
    return np.dtype(kind.to_pandas_dtype())
