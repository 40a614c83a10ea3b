"""Arrays in files, and which of their axes are examples, height, width, channels or columns."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError, reason, show
from narrows.core.memory import check_room
from narrows.core.registry import nearest
from narrows.data.axes import arrange, explain, in_order, order_of
from narrows.data.checks import check_real
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.kinds.images import MOST_COLOURS, ImageSchema
from narrows.data.schema import Schema
from narrows.data.sources import SOURCES, InMemory, Source
from narrows.data.sources.gaps import WithoutGaps
from narrows.data.sources.on_disk import OnDisk

MOST_AXES = 4
"""The number of axes of an array of images in colours."""


def load_npy(file: Path) -> Source:
    """The array of `file`; a large one is not read into memory."""
    try:
        large = SOURCES["npy"](file)
        return InMemory(np.atleast_1d(np.load(file, allow_pickle=False))) if large is None else large
    except InputError:
        raise
    except Exception as error:  # a damaged header may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as an .npy array: {reason(error)}.") from error


class Archive(NamedTuple):
    """What is read of an archive of arrays.

    Attributes:
        name: of the array of values.
        values: the array.
        labels: the array `y` or `labels`, if there is one.
        lengths: the array `lengths`, of sequences, if there is one.
    """

    name: str
    values: Array
    labels: Array | None = None
    lengths: Array | None = None


LABELS, LENGTHS = ("y", "labels", "label"), ("lengths",)
"""The names of arrays beside the values in an archive."""


def load_npz(file: Path, part: str) -> Archive:
    """One array of an archive, with its labels and lengths, if there are any.

    The array is the one called `part`, the only one, or `X`.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            name = pick(list(archive), part, file.name)
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            check_room(unpacked, f"{file.name} unpacks to")
            values = np.atleast_1d(archive[name])
            beside = [
                next((key for key in keys if key in archive and key != name), "")
                for keys in (LABELS, LENGTHS)
            ]
            return Archive(name, values, *(np.asarray(archive[key]) if key else None for key in beside))
    except InputError:
        raise
    except Exception as error:  # a damaged archive may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as an .npz archive: {reason(error)}.") from error


def pick(names: list[str], wanted: str, file: str) -> str:
    """The name of the array to read: `wanted`, the only one, or one with a usual name."""
    if not names:
        raise InputError(f"{file} holds no arrays.")
    if wanted:
        if wanted not in names:
            raise InputError(f"{file} holds no array {wanted!r}.{nearest(wanted, names)}")
        return wanted
    usual = [name for name in ("X", "x", "data", "images", "values") if name in names]
    if len(names) == 1 or usual:
        return usual[0] if usual else names[0]
    raise InputError(
        f"{file} holds {len(names)} arrays; say which: {', '.join(f'{file}::{n}' for n in names)}."
    )


def is_one_image(shape: tuple[int, ...]) -> bool:
    """Whether `shape` is that of one image `(height, width[, channels])`, not of several."""
    return len(shape) == 2 or (len(shape) == 3 and shape[2] <= MOST_COLOURS)


def images_in(values: Array, name: str, axes: str | None = None) -> Array:
    """The images `(n, height, width[, channels])` of an array: one or several, channels first or last.

    Raises:
        InputError: for an array without images.
    """
    return arrange(values, image_axes(values.shape, name, axes), "HWC").values


def images_on_disk(values: OnDisk, name: str, axes: str | None = None) -> OnDisk:
    """As `images_in`, of an array that is not in memory."""
    order = in_order(values.stored.shape, image_axes(values.stored.shape, name, axes), "HWC")
    return values.arranged(order.outer, order.inner)


def image_axes(shape: tuple[int, ...], name: str, axes: str | None = None) -> str:
    """The letters of an array of images of `shape`: those that were told, or inferred.

    >>> [image_axes(shape, "") for shape in ((9, 8, 3), (9, 8, 7), (5, 3, 9, 8), (9, 8))]
    ['YXC', 'NYX', 'NCYX', 'YX']

    Raises:
        InputError: for an array without images.
    """
    if axes is not None:
        kind_with(axes, "images")
        return axes
    if is_one_image(shape):
        return "YXC"[: len(shape)]
    if len(shape) not in (3, 4):
        raise InputError(f"Only images are cut into patches, but {name} has the shape {show(shape)}.")
    first = len(shape) == 4 and ImageSchema.axes_of(shape[1:]) == "CHW"
    return "NCYX" if first else "NYXC"[: len(shape)]


def kind_with(axes: str, kind: str | None) -> str:
    """The kind of the examples in an array with `axes`.

    Raises:
        InputError: when another kind is wanted.
    """
    found = "table" if "F" in axes else "images"
    if kind not in (None, found):
        raise InputError(f"The axes {axes} are those of {found}, but wanted is {kind}; change one of them.")
    return found


def check_number_of_axes(shape: tuple[int, ...]) -> None:
    """Refuse an array with more axes than any kind of data has, if they were not told."""
    if len(shape) > MOST_AXES:
        example = "NTZCYX"[-len(shape) :]
        raise InputError(
            f"The data have the shape {show(shape)}; say which axis is which with a letter for each, as in "
            f"{told(example)}: Y height, X width, C channels, F columns of a table, others examples."
        )


def arranged(values: Source, axes: str) -> Source:
    """The examples `(n, …)` in `values` with `axes`."""
    if isinstance(values, OnDisk):
        order = in_order(values.stored.shape, axes)
        return values.arranged(order.outer, order.inner)
    return InMemory(arrange(values.all(), axes).values)


def on_disk(values: Source, name: str, kind: str | None) -> Data:
    """Data that are not in memory; their values are checked, and NaN in images filled, when they are read."""
    check_real(values.dtype, name)
    gib = prod(values.shape) * values.dtype.itemsize / 2**30
    schema = describe(values, kind)
    gaps = values.dtype.kind == "f" and schema.spatial == 2
    data = Data(WithoutGaps(values, name) if gaps else values, schema, name)
    note = (
        f"{gib:.1f} GiB stay on disk and are read in blocks; scaling, density and pictures are made from a "
        f"random sample of {min(len(data), data.sample_size):,} rows"
        f"{'; NaN is filled with the nearest pixel' * gaps}."
    )
    return replace(data, notes=(note,))


def with_axes(data: Data, shape: tuple[int, ...], axes: str) -> Data:
    """`data` from an array of `shape` whose `axes` were told."""
    note = f"The axes are {explain(shape, axes)}."
    return replace(data, schema=replace(data.schema, axes=order_of(axes)), notes=(note, *data.notes))


def inferred(data: Data, like: Schema | None) -> Data:
    """`data` of images whose axes were inferred: as those of a model `like` it, or with a note and doubts."""
    if like is not None:
        same = like.shape == data.schema.shape
        return replace(data, schema=replace(data.schema, axes=like.axes)) if same else data
    axes = f"N{data.schema.axes}"
    note = f"The axes are {explain(data.source.shape, axes)}; if they are others, give {told()}."
    doubts = doubt(data.source.shape, axes)
    return replace(data, notes=(note, *data.notes), warnings=(*data.warnings, *doubts))


def doubt(shape: tuple[int, ...], axes: str) -> tuple[str, ...]:
    """A sentence about images whose axes were inferred and may well be others, if there is a reason.

    Args:
        shape: of the array, `(n, …)`.
        axes: "NHW", "NHWC" or "NCHW".
    """
    sizes = dict(zip(axes, shape, strict=True))
    if sizes.get("C", 1) > MOST_COLOURS:
        others = "a scan of patterns is YX|KyKx, volumes are NZYX"
    elif axes == "NHW" and sizes["W"] <= MOST_COLOURS and sizes["H"] != sizes["W"]:
        others = f"one image with {sizes['W']} channels is YXC"
    elif axes == "NHW" and 1 < sizes["N"] <= MOST_COLOURS < min(sizes["H"], sizes["W"]):
        others = f"one image with {sizes['N']} channels is CYX"
    elif axes == "NHW" and sizes["N"] == sizes["H"] != sizes["W"]:
        others = "one image with many channels is YXC, a spectrum for each of its pixels YX|E"
    else:
        return ()
    read = f"{show(shape)} is read as {explain(shape, axes)}"
    return (f"{read}; {told()} says otherwise ({others}) or confirms it.",)


def told(axes: str = "") -> str:
    """How to say the axes, on the command line and in Python.

    >>> told("NCYX"), told()
    ("--axes NCYX (in Python axes='NCYX')", '--axes (in Python axes=)')
    """
    return f"--axes {axes} (in Python axes={axes!r})" if axes else "--axes (in Python axes=)"
