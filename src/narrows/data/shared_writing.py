"""An array in a file that several processes write together, each its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.core.files import new_file, new_folder, writing
from narrows.core.processes import Processes
from narrows.data.columns import Array
from narrows.data.formats import format_of
from narrows.data.instruments.writing import Writable, in_zarr, opened_zarr
from narrows.data.layout import unnamed
from narrows.data.sources import Index
from narrows.data.sources.npy import read_header


class Shared(NamedTuple):
    """How a format is written by several processes.

    Attributes:
        new: a temporary path that becomes the target at the end.
        make: makes an array of a shape and type there.
        open: opens it to write to it.
        in_turn: whether one process writes at a time, because two may write to one piece of the file.
    """

    new: Callable[[Path], AbstractContextManager[Path]]
    make: Callable[[Path, tuple[int, ...], np.dtype[Any]], None]
    open: Callable[[Path], Writable]
    in_turn: bool


def make_npy(part: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    np.lib.format.open_memmap(part, "w+", dtype, shape).flush()


class InNpy:
    """The rows of the array in an `.npy` file, written where they lie.

    A memory map would write whole pages, with rows of other machines, and end the process on a full disk.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.header = file, read_header(file)

    def __setitem__(self, place: int | slice, values: Array) -> None:
        row = place.start if isinstance(place, slice) else place
        shape, dtype = self.header.shape, self.header.dtype
        with self.file.open("r+b") as stream:
            stream.seek(self.header.offset + row * prod(shape[1:]) * dtype.itemsize)
            stream.write(np.ascontiguousarray(values, dtype).data)


def make_zarr(part: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    in_zarr(part, unnamed(shape), dtype)


SHARED: dict[str, Shared] = {
    "npy": Shared(new_file, make_npy, InNpy, in_turn=False),
    "zarr": Shared(new_folder, make_zarr, opened_zarr, in_turn=True),
}
"""By format. What is written to others is first gathered by one process."""


def write_shares(
    pieces: Iterable[tuple[Index, Array]],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    target: Path,
    processes: Processes,
) -> None:
    """Write an array of `shape` to a file in one of the formats of `SHARED`; it is complete or absent.

    Args:
        pieces: the numbers of rows and the rows, of this process.
        shape: of all rows together.
        dtype: of the values.
        target: the file, in a folder that all processes have.
        processes: that write it, all at once.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when the file cannot be written, or is not seen by this process.
    """
    how = SHARED[format_of(target)]
    if not processes.first:
        write_rows(pieces, Path(processes.told(str)), how, processes)
        return
    with how.new(target) as part:
        how.make(part, shape, dtype)
        processes.told(lambda: str(part.absolute()))
        write_rows(pieces, part, how, processes)


def write_rows(pieces: Iterable[tuple[Index, Array]], part: Path, how: Shared, processes: Processes) -> None:
    """Write `pieces` to the array at `part`, and wait for the others."""
    if not part.exists():
        raise InputError(
            f"Process {processes.rank} does not see {part.parent}, to which all processes write; give a "
            f"folder that all machines share."
        )
    for turn in range(processes.size):
        if turn == (processes.rank if how.in_turn else 0):
            with writing(part.parent):
                fill(how.open(part), pieces)
        if how.in_turn:
            processes.wait()
    processes.wait()


def fill(array: Writable, pieces: Iterable[tuple[Index, Array]]) -> None:
    """Write the rows of `pieces` to their places."""
    for rows, values in pieces:
        if isinstance(rows, range):
            array[rows.start : rows.stop] = values
            continue
        for row, value in zip(rows.tolist(), values, strict=True):
            array[row] = value
