"""Tables: rows of columns that hold numbers, yes or no, or words, with missing cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, few, show
from narrows.core.records import Domain, ModelColumn
from narrows.data.columns import Array, Column, check_levels, model_order, numbered, value_names
from narrows.data.kinds.statistics import (
    COUNTS,
    HEAVY,
    is_binary,
    is_counts,
    quartile_range,
    tail_length,
    widths,
)
from narrows.data.scaling import Choice, Nature, Scaling
from narrows.data.schema import Schema


@dataclass(frozen=True)
class TableSchema(Schema):
    """A table: in the model's layout a category is one value for each of its words.

    Numbers come first there, then booleans, then categories.
    """

    kind: ClassVar[str] = "table"
    value_noun: ClassVar[str] = "column"
    inferred_from: ClassVar[tuple[int, ...]] = (2,)
    may_miss: ClassVar[bool] = True

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 1:
            raise InputError(f"A table has rows and columns, but one example here has shape {show(shape)}.")
        return "F"

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        """The schema of rows; a column that is a name only holds numbers of `dtype`."""
        axes = cls.axes_of(shape)
        described = (c if isinstance(c, Column) else Column(c, dtype) for c in columns or numbered(shape[0]))
        return cls(dtype, shape, axes, tuple(described))

    @property
    def model_shape(self) -> tuple[int, ...]:
        return (sum(column.width for column in self.columns),)

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The column that each value of the model's layout belongs to."""
        order = [self.columns[j] for j in model_order(self.columns)]
        return tuple(column for column in order for _ in range(column.width))

    @property
    def value_names(self) -> tuple[str, ...]:
        return tuple(value_names(self.columns))

    @property
    def starts(self) -> NDArray[np.intp]:
        return np.cumsum([0, *(column.width for column in self.model_columns[:-1])])

    @property
    def model_columns(self) -> tuple[ModelColumn, ...]:
        return tuple(
            ModelColumn(self.columns[j].nature, self.columns[j].width) for j in model_order(self.columns)
        )

    def to_model(self, values: Tensor) -> Tensor:
        """A category becomes one value for each of its words, all of them NaN where it is missing."""
        if not self.worded:
            return values
        return torch.cat([one_hot(values[:, j], self.columns[j]) for j in model_order(self.columns)], dim=1)

    def from_model(self, values: Tensor) -> Tensor:
        """The likeliest word of a category, and whole numbers where those came."""
        if not (self.worded or (values.is_floating_point() and any(c.whole for c in self.columns))):
            return values
        order = model_order(self.columns)
        pieces = torch.split(values, [self.columns[j].width for j in order], dim=1)
        found = {j: likeliest(piece, self.columns[j]) for j, piece in zip(order, pieces, strict=True)}
        return torch.cat([found[j] for j in range(len(self.columns))], dim=1)

    @property
    def forms(self) -> tuple[str, ...]:
        return ("columns",) if self.worded else ("columns", "array")

    def network(self) -> dict[str, Any]:
        return {"name": "mlp", "widths": widths(self.size)}

    def by_part(self, amounts: Array) -> Array:
        added = np.empty((len(amounts), len(self.columns)))
        added[:, model_order(self.columns)] = np.add.reduceat(amounts, self.starts, axis=1)
        return added

    def check(self, values: Array) -> None:
        super().check(values)
        check_levels(values, self.columns)

    def check_training(self, values: Array, name: str) -> None:
        """Refuse also a column that holds no value in the training part."""
        empty = np.isnan(values).all(axis=0) if values.dtype.kind == "f" else np.zeros(1, dtype=np.bool_)
        if empty.any():
            column = self.value_columns[int(empty.argmax())].name
            raise InputError(
                f"The column {column!r} has no value in the {len(values):,} rows of the training part; "
                f"leave it out."
            )
        super().check_training(values, name)

    def domain(self, scaling: Scaling) -> Domain:
        described = self.model_columns if scaling.nature == "mixed" else ()
        return Domain(self.model_shape, scaling.low, scaling.high, described)

    def check_itself(self) -> None:
        self._check_shape()
        if len(self.columns) != self.shape[0]:
            raise InputError(f"{len(self.columns)} columns do not go with the shape {self.shape}.")

    def scaling_for(self, values: Array) -> Choice:
        """One scale per column."""
        x = values.astype(np.float64)
        words = np.array([bool(column.levels) for column in self.value_columns])
        every, none = np.ones(x.shape[1], dtype=bool), np.zeros(x.shape[1], dtype=bool)
        if not words.any() and is_binary(x):
            why = "All cells are 0 or 1: left as they are, Bernoulli loss."
            return self._columnwise("binary", x, "none", (why,), left=every, heavy=none)
        if not words.any() and is_counts(x):
            why = f"The cells are {COUNTS}: each column is divided by its spread, Poisson loss."
            return self._columnwise("counts", x, "spread", (why,), left=none, heavy=none)
        heavy = ~words & (tail_length(x) > HEAVY) & (np.nanstd(x, axis=0) > 0)
        nature: Nature = "mixed" if words.any() else "real"
        return self._columnwise(nature, x, "standard", self._why(words, heavy), left=words, heavy=heavy)

    def _why(self, words: NDArray[np.bool_], heavy: NDArray[np.bool_]) -> tuple[str, ...]:
        """Sentences about columns of several natures."""
        reasons = []
        if not words.all():
            reasons.append(
                "Columns of real numbers: each is standardised to mean 0 and spread 1, squared loss."
            )
        if heavy.any():
            reasons.append(
                f"Heavy tails in {self._named(heavy)}: drawn in by arsinh, and back on every output."
            )
        booleans = [column.name for column in self.columns if column.nature == "boolean"]
        if booleans:
            reasons.append(f"Yes or no in {few(booleans)}: 0 and 1, Bernoulli loss.")
        categories = [f"{c.name} ({len(c.levels)})" for c in self.columns if c.nature == "category"]
        if categories:
            reasons.append(f"Categories in {few(categories)}: one value for each word, 0 or 1; softmax loss.")
        return tuple(reasons)

    def _columnwise(
        self,
        nature: Nature,
        x: NDArray[np.float64],
        name: str,
        why: tuple[str, ...],
        *,
        left: NDArray[np.bool_],
        heavy: NDArray[np.bool_],
    ) -> Choice:
        """An offset and scale per column of `x`, after arsinh where tails are `heavy`.

        The columns that are `left` as they are keep their numbers; counts are divided by their spread
        and not moved, so that none of them is 0.
        """
        centre, spread = (
            np.where(heavy, np.nanmedian(x, axis=0), 0.0),
            np.where(heavy, quartile_range(x), 0.0),
        )
        bent = np.where(heavy, np.arcsinh((x - centre) / np.where(heavy, spread, 1.0)), x)
        offset = np.zeros(x.shape[1]) if nature == "counts" else np.where(left, 0.0, np.nanmean(bent, axis=0))
        scale = np.where(left, 1.0, np.nanstd(bent, axis=0))
        # Of equal numbers the computed spread may be a rounding error instead of 0.
        constant = np.nanmax(bent, axis=0) == np.nanmin(bent, axis=0)
        scale = np.where(constant & ~left, 0.0, scale)
        offset = np.where(constant & ~left, np.nanmin(bent, axis=0), offset)
        scaled = (bent - offset) / np.where(scale > 0, scale, 1.0)
        scaling = Scaling(
            nature,
            offset=offset,
            scale=scale,
            centre=centre,
            spread=spread,
            floor=np.nanmin(x, axis=0),
            ceiling=np.nanmax(x, axis=0),
            low=float(np.nanmin(scaled)),
            high=float(np.nanmax(scaled)),
            dtype=self.dtype,
            unit=1.0,
        )
        return Choice(scaling, name, (*why, *self._constants(x)))

    def _constants(self, x: NDArray[np.float64]) -> tuple[str, ...]:
        """A sentence about columns that never change, if there are any."""
        still = np.nanmax(x, axis=0) == np.nanmin(x, axis=0)
        # A category never changes if none of its levels does; one level that never occurs is nothing new.
        owner = np.repeat(np.arange(len(self.model_columns)), [column.width for column in self.model_columns])
        constant = np.logical_and.reduceat(still, self.starts)[owner]
        if not constant.any():
            return ()
        return (f"Constant: {self._named(constant)}; nothing to learn there, returned as they are.",)

    def _named(self, which: NDArray[np.bool_]) -> str:
        """The columns with a value marked in `which`, the first few by name."""
        wide = self.value_columns
        return few(list(dict.fromkeys(wide[i].name for i in np.flatnonzero(which))))


def one_hot(codes: Tensor, column: Column) -> Tensor:
    """One column `(n,)` in the model's layout `(n, width)`."""
    cells = codes[:, None]
    if column.nature != "category":
        return cells
    levels = torch.arange(column.width, dtype=codes.dtype, device=codes.device)
    return torch.where(cells.isnan(), torch.nan, (cells == levels).to(codes.dtype))


def likeliest(values: Tensor, column: Column) -> Tensor:
    """One column `(n, 1)` of its values in the model's layout `(n, width)`."""
    if column.nature == "category":
        values = values.argmax(dim=1, keepdim=True).to(values.dtype)
    return values.round() if column.whole else values
