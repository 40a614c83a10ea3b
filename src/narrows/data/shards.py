"""Examples in several `.npy` files, of which each holds some: shards of one array."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrows.core.errors import InputError, reason, show
from narrows.data.axes import in_order
from narrows.data.images.folders import Found, files_at, natural
from narrows.data.sources import Source
from narrows.data.sources.joined import Joined
from narrows.data.sources.npy import stored_npy
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored_reading import in_memory_if_small


def shards_at(source: str) -> Found | None:
    """The `.npy` files that a pattern such as `shards/*.npy` matches; None for what is no such pattern."""
    if not set("*?[") & set(source) or Path(source).expanduser().exists():
        return None
    return files_at(source, lambda path: path.suffix.lower() == ".npy" and path.is_file())


def read_shards(found: Found, axes_for: Callable[[tuple[int, ...]], str | None]) -> tuple[Source, str | None]:
    """The examples in all files of `found`, in natural order of their names, and the letters of their axes.

    Args:
        found: the files, each an array of some examples along its first axis.
        axes_for: gives a letter for each axis of an array of a shape, if they are told.

    Raises:
        InputError: for a file that cannot be read, and arrays of several shapes or types.
    """
    files = sorted(found.files, key=lambda file: natural(file.name))
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
