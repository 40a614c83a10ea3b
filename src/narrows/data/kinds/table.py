"""Tables: rows of columns that hold numbers, dates, booleans or categories, with missing cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import pi
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, few, show
from narrows.core.records import Domain, ModelColumn
from narrows.data.columns import Array, Column, check_levels, default_names, model_order, value_names
from narrows.data.kinds.column_scales import bent, dominant_row, scale_columns, unbent, zeros_and_ones
from narrows.data.kinds.shared_unit import COUNTED, shared_unit
from narrows.data.kinds.statistics import COUNTS, heavy_tails, is_binary, is_counts, widths
from narrows.data.scaling import Choice, Nature, Scaling
from narrows.data.schema import Schema
from narrows.data.tables.dates import CYCLES

COUNTS_APART = (
    f"The cells are {COUNTS}, of columns that may have different units: each is divided by its standard "
    f"deviation, Poisson loss."
)
"""Why counts of columns that do not share a unit are scaled as they are."""


@dataclass(frozen=True)
class TableSchema(Schema):
    """A table.

    In the model's layout numbers come first, then dates, booleans and categories, which are one-hot. A date
    is the number of days since the first, and its places in the year, the week and the day, as the sine and
    the cosine of an angle.
    """

    kind: ClassVar[str] = "table"
    value_noun: ClassVar[str] = "column"
    missing_noun: ClassVar[str] = "cell"
    smaller: ClassVar[str] = "fewer rows or columns (--columns)"
    inferred_from: ClassVar[tuple[int, ...]] = (2,)
    array_axes: ClassVar[str] = "(examples, columns)"
    may_miss: ClassVar[bool] = True

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 1:
            raise InputError(f"A table has rows and columns, but one example here has shape {show(shape)}.")
        return "F"

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        """The schema of rows; a name in `columns` stands for a column of numbers with `dtype`."""
        axes = cls.axes_of(shape)
        full = (c if isinstance(c, Column) else Column(c, dtype) for c in columns or default_names(shape[0]))
        return cls(dtype, shape, axes, tuple(full))

    @property
    def model_shape(self) -> tuple[int, ...]:
        return (sum(column.width for column in self.columns),)

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The column that each value of the model's layout belongs to."""
        return tuple(column for column in self._in_order for _ in range(column.width))

    @property
    def value_names(self) -> tuple[str, ...]:
        return tuple(value_names(self.columns))

    @property
    def starts(self) -> NDArray[np.intp]:
        return np.cumsum([0, *(column.width for column in self.model_columns[:-1])])

    @property
    def model_columns(self) -> tuple[ModelColumn, ...]:
        return tuple(
            ModelColumn(nature_in_model(self.columns[j]), self.columns[j].width)
            for j in model_order(self.columns)
        )

    def to_model(self, values: Tensor) -> Tensor:
        """Categories become one-hot, dates their parts; all values of a missing cell are NaN."""
        if self.as_numbers:
            return values
        return torch.cat([widened(values[:, j], self.columns[j]) for j in model_order(self.columns)], dim=1)

    def from_model(self, values: Tensor) -> Tensor:
        """A category becomes its likeliest level, a date its days; columns of integers are rounded."""
        if self.as_numbers and not (values.is_floating_point() and any(c.whole for c in self.columns)):
            return values
        order = model_order(self.columns)
        pieces = torch.split(values, [self.columns[j].width for j in order], dim=1)
        columns = {j: narrowed(piece, self.columns[j]) for j, piece in zip(order, pieces, strict=True)}
        return torch.cat([columns[j] for j in range(len(self.columns))], dim=1)

    @property
    def forms(self) -> tuple[str, ...]:
        return ("columns", "array") if self.as_numbers else ("columns",)

    def network(self) -> dict[str, Any]:
        return {"name": "mlp", "widths": widths(self.size)}

    def by_part(self, amounts: Array) -> Array:
        sums = np.empty((len(amounts), len(self.columns)))
        sums[:, model_order(self.columns)] = np.add.reduceat(amounts, self.starts, axis=1)
        return sums

    def check(self, values: Array) -> None:
        super().check(values)
        check_levels(values, self.columns)

    def check_training(self, values: Array, name: str) -> None:
        """Also refuse a column without values in the training part."""
        empty = np.isnan(values).all(axis=0) if values.dtype.kind == "f" else np.zeros(1, dtype=np.bool_)
        if empty.any():
            column = self.value_columns[int(empty.argmax())].name
            raise InputError(
                f"The column {column!r} has no value in the {len(values):,} rows of the training part; "
                f"leave it out."
            )
        super().check_training(values, name)

    def domain(self, scaling: Scaling) -> Domain:
        columns = self.model_columns if scaling.nature == "mixed" else ()
        return replace(super().domain(scaling), columns=columns)

    def check_itself(self) -> None:
        self._check_shape()
        if len(self.columns) != self.shape[0]:
            raise InputError(f"{len(self.columns)} columns do not match the shape {self.shape}.")

    def scaling_for(self, values: Array) -> Choice:
        """An offset and a scale for each column; one scale for all where the columns share a unit."""
        x = values.astype(np.float64)
        name, scaling, why = self._scaled(x)
        return Choice(scaling, name, (*why, *self._constants(x)), exact="columns")

    def _scaled(self, x: NDArray[np.float64]) -> tuple[str, Scaling, tuple[str, ...]]:
        """The scaling of `x`, its name and the reasons for it."""
        if self.as_numbers and is_binary(x):
            return (
                "none",
                zeros_and_ones(x, self.dtype),
                ("All cells are 0 or 1: left as they are, Bernoulli loss.",),
            )
        if self.as_numbers and (unit := shared_unit(x, self.names)):
            return self._on_one_scale(x, unit)
        if self.as_numbers and is_counts(x):
            scaling = scale_columns("counts", x, unbent(x), self.dtype, from_zero=True)
            return "spread", scaling, (COUNTS_APART,)
        # Words, and points on circles, are left as they are.
        parts = [(column, part) for column in self._in_order for part in column.parts]
        unscaled = np.array([bool(column.levels or part) for column, part in parts])
        heavy = ~unscaled & heavy_tails(x)
        nature: Nature = "mixed" if self.has_levels else "real"
        scaling = scale_columns(nature, x, bent(x, heavy), self.dtype, unscaled=unscaled)
        return "standard", scaling, self._why(x, heavy)

    def _on_one_scale(self, x: NDArray[np.float64], unit: str) -> tuple[str, Scaling, tuple[str, ...]]:
        """As `_scaled`, for columns that share a unit; `unit` says why."""
        why = f"The columns share a unit ({unit}): all are divided by one scale, squared loss."
        counts, heavy, share = unit == COUNTED, heavy_tails(x), dominant_row(x)
        if counts and share:
            root = (
                f"One row holds {100 * share:.0f} % of their variance: the square root of x + 3/8 is taken "
                f"first (Anscombe's: counts of any size get the same noise); outputs are transformed back."
            )
            scaling = scale_columns("real", x, unbent(x, rooted=True), self.dtype, shared=True)
            return "anscombe", scaling, (why, root)
        if counts or not heavy.any():
            scaling = scale_columns("real", x, unbent(x), self.dtype, shared=True, from_zero=counts)
            return "common", scaling, (why,)
        columns = bent(x, np.nanstd(x, axis=0) > 0, shared=True)
        scaling = scale_columns("real", x, columns, self.dtype, shared=True)
        tails = f"Heavy tails in {self._named(heavy)}: all are transformed by arsinh"
        return "common", scaling, (why, f"{tails}; outputs are transformed back.")

    @property
    def _in_order(self) -> list[Column]:
        """The columns in the model's order."""
        return [self.columns[j] for j in model_order(self.columns)]

    def _why(self, x: NDArray[np.float64], heavy: NDArray[np.bool_]) -> tuple[str, ...]:
        """The reasons for the scaling and loss of columns `x` of each nature."""
        reasons = []
        if any(column.nature == "number" for column in self.columns):
            reasons.append(
                "Columns of real numbers, which may have different units: each is standardised to mean 0 and "
                "standard deviation 1, squared loss."
            )
        if heavy.any():
            reasons.append(
                f"Heavy tails in {self._named(heavy)}: transformed by arsinh; outputs are transformed back."
            )
        dates = zip(self._in_order, x[:, self.starts].T, strict=True)
        reasons += [about_dates(column, cells) for column, cells in dates if column.dates]
        booleans = [column.name for column in self.columns if column.nature == "boolean"]
        if booleans:
            reasons.append(f"Booleans in {few(booleans)}: 0 and 1, Bernoulli loss.")
        categories = [f"{c.name} ({len(c.levels)})" for c in self.columns if c.nature == "category"]
        if categories:
            reasons.append(f"Categories in {few(categories)}: one-hot, softmax loss.")
        return tuple(reasons)

    def _constants(self, x: NDArray[np.float64]) -> tuple[str, ...]:
        """A sentence about constant columns, if there are any."""
        constant_values = np.nanmax(x, axis=0) == np.nanmin(x, axis=0)
        # A category is constant if all its levels are; a single constant level just does not occur.
        owner = np.repeat(np.arange(len(self.model_columns)), [column.width for column in self.model_columns])
        constant = np.logical_and.reduceat(constant_values, self.starts)[owner]
        if not constant.any():
            return ()
        return (f"Constant: {self._named(constant)}; they are not learned, and outputs repeat the constant.",)

    def _named(self, which: NDArray[np.bool_]) -> str:
        """The names of the first few columns that have a value in `which`."""
        wide = self.value_columns
        return few(list(dict.fromkeys(wide[i].name for i in np.flatnonzero(which))))


def nature_in_model(column: Column) -> str:
    """The nature of the values of a column in the model's layout: those of a date are numbers."""
    return "number" if column.dates else column.nature


def widened(codes: Tensor, column: Column) -> Tensor:
    """One column `(n,)` in the model's layout `(n, width)`."""
    cells = codes[:, None]
    if column.dates is not None:
        turns = [2 * pi * cells / CYCLES[cycle] for cycle in column.dates.cycles]
        return torch.cat([cells, *(around for turn in turns for around in (turn.sin(), turn.cos()))], dim=1)
    if column.nature != "category":
        return cells
    levels = torch.arange(column.width, dtype=codes.dtype, device=codes.device)
    return torch.where(cells.isnan(), torch.nan, (cells == levels).to(codes.dtype))


def narrowed(values: Tensor, column: Column) -> Tensor:
    """The cells `(n, 1)` of a column from its values `(n, width)` in the model's layout."""
    if column.nature == "category":
        values = values.argmax(dim=1, keepdim=True).to(values.dtype)
    return values.round() if column.whole else values[:, :1]


def about_dates(column: Column, days: NDArray[np.float64]) -> str:
    """The sentence about a column of dates, cells `(n,)` in days."""
    assert column.dates is not None
    first, last = column.dates.text(np.array([np.nanmin(days), np.nanmax(days)]))
    places = ", ".join(f"the {cycle}" for cycle in column.dates.cycles)
    circles = f", and the place in {places} as points on circles" if places else ""
    return (
        f"Dates in {column.name} ({first} to {last}): the time in days, standardised{circles}; squared loss."
    )
