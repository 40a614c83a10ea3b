"""Kinds of data: what their axes mean, and how an example goes into the model's layout and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.core.records import Block
from narrows.core.registry import lookup
from narrows.data.columns import Column, blocks, check_levels, narrow, widen
from narrows.data.sources.npy import OnDisk, Values, draw_rows
from narrows.data.windows import Patches

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """What one example is, so that others can be recognised and outputs look like inputs.

    Attributes:
        kind: a name in `KINDS`.
        dtype: of the values as they came, a numpy name.
        shape: of one example as it came.
        axes: what the axes of `shape` mean: "HW", "HWC", "CHW" for images, "F" for tables.
        columns: of a table, empty for other kinds.
    """

    kind: str
    dtype: str
    shape: tuple[int, ...]
    axes: str
    columns: tuple[Column, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of a table's columns."""
        return tuple(column.name for column in self.columns)

    @property
    def wide(self) -> tuple[Column, ...]:
        """Of a table, the column that each value of the model's layout belongs to."""
        order = [self.columns[j] for j in blocks(self.columns)]
        return tuple(column for column in order for _ in range(column.width))

    @property
    def starts(self) -> NDArray[np.intp] | None:
        """Of a table, where each column begins in the model's layout; None for other kinds."""
        if not self.columns:
            return None
        widths = [self.columns[j].width for j in blocks(self.columns)]
        return np.cumsum([0, *widths[:-1]])

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Of a table, what each of its columns is, in the order of the model's layout."""
        return tuple(Block(self.columns[j].nature, self.columns[j].width) for j in blocks(self.columns))

    @property
    def worded(self) -> bool:
        """Whether this is a table with booleans or categories."""
        return any(column.levels for column in self.columns)

    @property
    def forms(self) -> tuple[str, ...]:
        """How examples can be written, keys of `formats.FORMS`, the usual form first."""
        if self.kind == "images":
            return ("array", "folder")
        return ("columns",) if self.worded else ("columns", "array")

    @property
    def model_shape(self) -> tuple[int, ...]:
        """The shape of one example in the model's layout, channels first."""
        if self.columns:
            return (sum(column.width for column in self.columns),)
        return tuple(self.arrange(np.empty((1, *self.shape), dtype=np.bool_)).shape[1:])

    def check(self, values: Array) -> None:
        """Refuse values that are not examples of this schema."""
        if values.shape[1:] != self.shape:
            raise InputError(
                f"The data have examples of shape {show(values.shape[1:])}, but the model was fitted "
                f"to examples of shape {show(self.shape)}."
            )
        check_levels(values, self.columns)
        found, fitted = values.dtype, np.dtype(self.dtype)
        if self.kind == "images" and found != fitted and not found.kind == fitted.kind == "f":
            raise InputError(
                f"The images are of {found}, but the model was fitted to {fitted}, where the same number "
                f"means something else; convert them first."
            )

    def arrange(self, values: Array) -> Array:
        """`(n, *shape)` in the model's layout: `(n, channels, height, width)` for images."""
        if self.axes == "F":
            return widen(values, self.columns)
        if self.axes == "HW":
            return values[:, None]
        return np.moveaxis(values, -1, 1) if self.axes == "HWC" else values

    def restore(self, values: Array) -> Array:
        """The way back from `arrange`."""
        if self.axes == "F":
            return narrow(values, self.columns)
        if self.axes == "HW":
            return values[:, 0]
        return np.moveaxis(values, 1, -1) if self.axes == "HWC" else values

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Schema:
        columns = tuple(Column.from_json(column) for column in record["columns"])
        schema = cls(**{**record, "shape": tuple(record["shape"]), "columns": columns})
        schema.check_itself()
        return schema

    def check_itself(self) -> None:
        """Refuse a schema that no data could have, as an edited run folder may hold."""
        wide = all(type(size) is int and 0 < size < 10**9 for size in self.shape)
        if not wide or np.dtype(self.dtype).kind not in "buif":
            raise InputError(f"No data have examples of shape {self.shape} and type {self.dtype!r}.")
        if lookup("kind of data", KINDS, self.kind).axes(self.shape) != self.axes:
            raise InputError(f"The axes {self.axes!r} do not go with the shape {self.shape}.")
        if len(self.columns) != (self.shape[0] if self.kind == "table" else 0):
            raise InputError(f"{len(self.columns)} columns do not go with the shape {self.shape}.")


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Examples as they came, and what is known about each.

    Attributes:
        values: `(n, *schema.shape)`, not scaled; of a large file the array that is still on disk.
        schema: what one example is.
        name: of the file or set, for run folders and reports.
        ids: a name of each example, a file's or a row's.
        labels: `(n,)`, only ever used to colour pictures; None if there are none.
        test: the official test part of a named set, held out by everybody alike.
        notes: sentences about what the reader did.
        modes: of image files, what each was stored as.
        groups: `(n,)`, rows with the same number belong together and are never parted.
        patches: where the examples were cut from, if they are pieces of larger images.
    """

    values: Values
    schema: Schema
    name: str
    ids: tuple[str, ...] = ()
    labels: Array | None = None
    test: Data | None = None
    notes: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    groups: Array | None = None
    patches: Patches | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def array(self) -> Array:
        """The values, of data that are in memory: of others `rows` and `drawn` are."""
        assert isinstance(self.values, np.ndarray)
        return self.values

    @property
    def held_out(self) -> Data:
        """The official test part, of sets that have one."""
        assert self.test is not None
        return self.test

    def rows(self, index: NDArray[np.intp]) -> Data:
        """The examples numbered `index`."""

        def pick(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(names[i] for i in index) if names else ()

        return replace(
            self,
            values=self.values[index],
            ids=pick(self.ids),
            modes=pick(self.modes),
            labels=None if self.labels is None else self.labels[index],
            groups=None if self.groups is None else self.groups[index],
            patches=None,
        )

    def affordable(self, index: NDArray[np.intp]) -> NDArray[np.intp]:
        """All of `index`; of data on disk as many row numbers as fit into memory, drawn at random."""
        if not isinstance(self.values, OnDisk):
            return index
        return index[draw_rows(len(index), SAMPLE * self.values.rows_per_block)]

    def drawn(self) -> Data:
        """All examples; of data on disk as many as fit into memory, drawn at random."""
        if not isinstance(self.values, OnDisk):
            return self
        return self.rows(self.affordable(np.arange(len(self))))


SAMPLE = 8
"""Blocks' worth of rows that stand for data on disk wherever not all are needed."""

LARGEST = 1e30
"""The largest value that is taken for a measurement."""


def real(values: Array, name: str) -> Array:
    """`values` as numbers that torch takes: real, in native byte order, laid out in a row.

    Raises:
        InputError: for objects, text, dates and complex numbers.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.where(np.ma.getmaskarray(values), np.nan, values.data)
    values = np.asarray(values)
    check_real(values.dtype, name)
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))


def check_real(dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind not in "buif":
        raise InputError(f"{name} holds values of type {dtype}, but real numbers are wanted.")


def check_finite(values: Array, name: str, *, allow_nan: bool, first: int = 0) -> None:
    """Find the first value that is no number, or too large a one, and say where it is.

    `first` is the number of the first row, where `values` are a piece of more.
    """
    if values.dtype.kind != "f" or (float(values.min()) >= -LARGEST and float(values.max()) <= LARGEST):
        return  # a NaN would make both comparisons false
    bad = ~(np.abs(values) <= np.float64(LARGEST)) & ~(np.isnan(values) & allow_nan)
    if bad.any():
        place = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        raise InputError(
            f"{name} holds {int(bad.sum())} values that are not finite or larger than {LARGEST:g}, the "
            f"first ({values[place]}) in row {first + place[0]} at position {place[1:]}, counted from 0; "
            f"remove or replace them."
        )


class Kind(NamedTuple):
    """What Narrows knows of a kind of data.

    `axes` reads them off the shape of one example and refuses shapes the kind cannot have;
    `network` is the default encoder for an example of a shape in the model's layout.
    """

    axes: Callable[[tuple[int, ...]], str]
    network: Callable[[tuple[int, ...]], dict[str, Any]]


def image_axes(shape: tuple[int, ...]) -> str:
    """Axes of one image: channels come last, unless only the first axis can be channels."""
    if len(shape) == 2:
        return "HW"
    if len(shape) != 3:
        raise InputError(
            f"Images have the axes height, width and perhaps channels, but one example here has "
            f"shape {show(shape)}."
        )
    return "CHW" if shape[0] <= 4 < shape[2] else "HWC"


def table_axes(shape: tuple[int, ...]) -> str:
    """The only axis of a table's row: its columns."""
    if len(shape) != 1:
        raise InputError(f"A table has rows and columns, but one example here has shape {show(shape)}.")
    return "F"


SMALL_IMAGE = 1024
"""Values of an image up to which dense layers suit it best."""


def image_network(shape: tuple[int, ...]) -> dict[str, Any]:
    """Small images are learned faster and better by dense layers, larger ones by convolutions."""
    small = prod(shape) <= SMALL_IMAGE
    return {"name": "mlp", "widths": widths(prod(shape))} if small else {"name": "conv"}


def table_network(shape: tuple[int, ...]) -> dict[str, Any]:
    return {"name": "mlp", "widths": widths(prod(shape))}


def widths(values: int) -> list[int]:
    """Two hidden layers, wider for more values.

    >>> widths(4), widths(64), widths(784)
    ([64, 32], [256, 128], [512, 256])
    """
    first = next((size for size in (64, 128, 256) if size >= 4 * values), None)
    if first is None:
        first = 256 if values <= 256 else 512
    return [first, first // 2]


KINDS: dict[str, Kind] = {
    "images": Kind(image_axes, image_network),
    "table": Kind(table_axes, table_network),
}


def describe(values: Values, kind: str | None = None, columns: Sequence[str | Column] = ()) -> Schema:
    """The schema of `values (n, …)`; the kind is read off the number of axes unless it is given.

    `columns` are a table's; one that is a name only holds numbers of the type of `values`.
    """
    if values.ndim < 2:
        raise InputError(
            f"The data have shape {show(values.shape)}; wanted is one row per example, "
            f"(examples, columns) for a table or (examples, height, width[, channels]) for images."
        )
    if kind is None:
        kind = "table" if values.ndim == 2 else "images"
    shape = tuple(values.shape[1:])
    if 0 in values.shape:
        raise InputError(f"The data have shape {show(values.shape)}: there is nothing in them.")
    axes = lookup("kind of data", KINDS, kind).axes(shape)
    if kind == "table" and not columns:
        columns = numbered(shape[0])
    dtype = values.dtype.name
    described = tuple(c if isinstance(c, Column) else Column(c, dtype) for c in columns)
    return Schema(kind, dtype, shape, axes, described)


def numbered(n: int) -> tuple[str, ...]:
    """Names for columns that have none: x0, x1 and so on."""
    return tuple(f"x{i}" for i in range(n))
