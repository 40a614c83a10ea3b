"""Arrays in `.npy` files that are too large for memory."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.sources import on_disk
from narrows.data.sources.mapped import Mapped
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored


class Header(NamedTuple):
    """The header of an `.npy` file: the array's shape, order and dtype, and the offset of its values."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]
    offset: int


def read_header(file: Path) -> Header:
    """The header of an `.npy` file.

    Raises:
        InputError: if the file is shorter than its header says, or holds objects.
        ValueError: if it is no `.npy` file.
    """
    with file.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"it is of version {version} of the format")
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        header = Header(*read(stream), stream.tell())
    if header.dtype.hasobject:
        raise InputError(f"{file.name} holds Python objects, which are never loaded; save plain numbers.")
    promised, held = prod(header.shape) * header.dtype.itemsize, file.stat().st_size - header.offset
    if held < promised:
        raise InputError(
            f"{file.name} is truncated: its header promises {promised:,} bytes of values, but it holds "
            f"{held:,}."
        )
    return header


def open_npy(file: Path) -> OnDisk | None:
    """The array of an `.npy` file of at least `on_disk.LARGE` bytes; None for smaller ones.

    Raises:
        InputError: as `read_header`, or if the array is in Fortran order.
        ValueError: as `read_header`.
    """
    header = read_header(file)
    large = prod(header.shape) * header.dtype.itemsize >= on_disk.LARGE
    return OnDisk(stored_npy(file)) if large else None


def stored_npy(file: Path) -> Stored:
    """The array of an `.npy` file of any size.

    Raises:
        InputError: as `open_npy`, and for an array without axes.
        ValueError: as `read_header`.
    """
    header = read_header(file)
    if header.fortran and len(header.shape) > 1:
        raise InputError(f"{file.name} is stored column by column; save np.ascontiguousarray of it.")
    if not header.shape:
        raise InputError(f"{file.name} holds one number, not examples along an axis.")
    return Stored(Mapped(file.resolve(), header.shape, header.dtype, header.offset), file.name)
