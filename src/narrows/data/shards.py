"""Examples in several `.npy` or Parquet files, of which each holds some: shards of one array or table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from narrows.core.errors import InputError, reason, show
from narrows.data.arrays import on_disk
from narrows.data.axes import in_order
from narrows.data.examples import Data
from narrows.data.images.folders import Found, files_at, natural
from narrows.data.kinds import describe
from narrows.data.reading import Reading
from narrows.data.sources import Source
from narrows.data.sources.joined import Joined
from narrows.data.sources.npy import stored_npy
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.parquet import ParquetRows, column_names
from narrows.data.stored_reading import in_memory_if_small
from narrows.data.tables.use import without


def shards_at(source: str, endings: tuple[str, ...] = (".npy", ".parquet")) -> Found | None:
    """The files that a pattern such as `shards/*.npy` matches; None for what is no such pattern."""
    if not set("*?[") & set(source) or Path(source).expanduser().exists():
        return None
    return files_at(source, lambda path: path.suffix.lower() in endings and path.is_file())


def ordered(found: Found) -> list[Path]:
    """The files in natural order of their names."""
    return sorted(found.files, key=lambda file: natural(file.name))


def read_shards(found: Found, axes_for: Callable[[tuple[int, ...]], str | None]) -> tuple[Source, str | None]:
    """The examples in all files of `found`, in natural order of their names, and the letters of their axes.

    Args:
        found: the files, each an array of some examples along its first axis.
        axes_for: gives a letter for each axis of an array of a shape, if they are told.

    Raises:
        InputError: for a file that cannot be read, and arrays of several shapes or types.
    """
    files = ordered(found)
    arrays = [opened(file) for file in files]
    axes = axes_for(arrays[0].stored.shape)
    parts = [with_axes(array, axes) for array in arrays]
    first = parts[0]
    for file, part in zip(files, parts, strict=True):
        if (part.shape[1:], part.dtype) != (first.shape[1:], first.dtype):
            raise InputError(
                f"The files of {found.name} hold examples of one shape and type, but those of "
                f"{files[0].name} are {show(first.shape[1:])} of {first.dtype} and those of {file.name} "
                f"{show(part.shape[1:])} of {part.dtype}."
            )
    return in_memory_if_small(Joined(parts)), axes


def rows_on_disk(found: Found, how: Reading) -> Data:
    """The rows of several Parquet files as they lie on disk, with the columns that `how` names, or all.

    Raises:
        InputError: for columns that hold no numbers, and options of tables in memory.
    """
    for option, value in {"--label": how.label, "--id": how.id, "--groups": how.groups}.items():
        if value:
            raise InputError(
                f"{option} is for tables in memory, but {found.name} stays on disk; leave it out."
            )
    files = ordered(found)
    known = column_names(files[0])
    named = how.like.names if how.like is not None else without(how.columns or known, how.drop, None)
    values = ParquetRows(files, named)
    return replace(on_disk(values, found.name, "table"), schema=describe(values, "table", named))


def opened(file: Path) -> OnDisk:
    """The array in `file`, with its first axis as examples; its values stay there."""
    try:
        return OnDisk(stored_npy(file))
    except InputError:
        raise
    except Exception as error:  # a damaged header may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as an .npy array: {reason(error)}.") from error


def with_axes(part: OnDisk, axes: str | None) -> OnDisk:
    """`part` with the axes of its examples in the usual order."""
    if axes is None:
        return part
    order = in_order(part.stored.shape, axes)
    if tuple(order.outer) != (0,):
        raise InputError(
            f"Each of several files holds examples along its first axis, but the axes {axes} say otherwise; "
            f"give one file."
        )
    return part.arranged(order.outer, order.inner)
