"""Check examples and scale them for the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.checks import check_finite, real
from narrows.data.scaling import Scaling
from narrows.data.schema import Array, Schema
from narrows.data.sources import Values, as_source
from narrows.data.split import Index
from narrows.runs.inference import gathered, precise
from narrows.training.batches import Rows
from narrows.training.pairs import joined, paired

MAX_SCALED = 1e9
"""The largest absolute value on the model's scale; a float32 sum of larger squares loses ordinary ones."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """Checked and scaled examples, to be used several times.

    Attributes:
        x: `(n, *model_shape)` on the model's scale, NaN where a cell is missing; float64 for examples of
            float64, else float32.
        schema: the description of one example.
        given: of pairs the noisy examples, like `x`; None for other data.
        context: of the source, what belongs to all examples together.
    """

    x: Array
    schema: Schema
    given: Array | None = None
    context: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of `x`."""
        return self.x.dtype

    @cached_property
    def flat(self) -> Array:
        """The examples as `(n, values)` float32."""
        return self.x.reshape(len(self), -1).astype(np.float32, copy=False)

    def rows(self, index: Index) -> Scaled:
        """The examples with the numbers `index`."""
        return replace(self, x=self.x[index], given=None if self.given is None else self.given[index])

    def batches(self, dtype: torch.dtype) -> Iterator[Batch]:
        """Batches of all examples in order, of `dtype`."""
        x, collate = self.x, self.schema.collate
        if self.given is not None:
            x, collate = joined(x, self.given), paired(collate)
        context = self.schema.context_of(self.context, len(self), dtype)
        return Rows(x, nn.Identity(), dtype=dtype, collate=collate, context=context).batches(
            self.schema.at_once
        )


@dataclass(frozen=True, eq=False)
class Scaler:
    """Checks examples, and maps them to the model's scale.

    Attributes:
        schema: the description of one example.
        scaling: of its values.
    """

    schema: Schema
    scaling: Scaling

    def batches(self, values: Values | Scaled, dtype: torch.dtype = torch.float32) -> Iterator[Batch]:
        """Checked and scaled batches of `values (n, *schema.shape)`, of `dtype`, in the order of blocks.

        Raises:
            InputError: for values that are no examples of the schema, are not finite, or exceed
                `MAX_SCALED`.
        """
        return values.batches(dtype) if isinstance(values, Scaled) else self._checked(values, dtype)

    def _checked(self, values: Values, dtype: torch.dtype) -> Iterator[Batch]:
        if not len(values):
            raise InputError("The data have no rows.")
        source = as_source(values)
        context = self.schema.context_of(source.context, len(source), dtype)
        for numbers, piece in source.pieces():
            piece = real(piece, "The data")
            self.schema.check(piece)
            names, nan = self.schema.names, self.schema.may_miss or self.schema.holds_nan
            check_finite(piece, "The data", allow_nan=nan, rows=numbers, columns=names)
            piece = self.schema.as_fitted(piece, self.scaling)
            arranged, collate = self.schema.arrange(piece), self.schema.collate
            rows = Rows(arranged, self.scaling, dtype=dtype, collate=collate, context=context)
            done = 0
            for batch in rows.batches(self.schema.at_once):
                check_range(batch, numbers[done:])
                done += len(batch.x)
                yield batch

    def prepare(self, values: Values) -> Scaled:
        """All `values (n, *schema.shape)`, checked and scaled.

        Raises:
            InputError: as `batches`.
        """
        batches = self.batches(values, getattr(torch, precise(values)))
        rows = (torch.where(b.observed(), b.x, torch.nan).numpy() for b in batches)
        return Scaled(self._gathered(rows, values), self.schema, context=as_source(values).context)

    def _gathered(self, rows: Iterator[Array], values: Values) -> Array:
        """`rows` of all batches of `values`, in the order of `values`."""
        return as_source(values).in_order(gathered(rows, len(values)))

    def together(self, values: Values) -> Batch:
        """A few `values (n, *schema.shape)` in one batch, checked and scaled.

        Raises:
            InputError: as `batches`.
        """
        x = self.prepare(values).x
        return self.schema.collate(torch.as_tensor(x), complete=not np.isnan(x).any())

    def scaled(self, values: Values) -> Array:
        """`values` on the model's scale, flat, `(n, values)` float32; NaN where a cell is missing."""
        rows = (torch.where(b.observed(), b.x, torch.nan).flatten(1).numpy() for b in self.batches(values))
        return self._gathered(rows, values)

    def check(self, values: Values) -> None:
        """Check all `values` that a fit uses.

        Raises:
            InputError: as `batches`, and for values in another unit than those of the schema.
        """
        if fault := self.schema.other_unit(values.dtype):
            raise InputError(fault)
        for _ in self.batches(values):
            pass

    def without_constants(self, batch: Batch) -> Batch:
        """`batch` with 0 for values that were constant in the training part."""
        given = None if batch.given is None else self.scaling.without_constants(batch.given)
        return replace(batch, x=self.scaling.without_constants(batch.x), given=given)


def check_range(batch: Batch, numbers: Index | range) -> None:
    """Refuse a batch with a value beyond `MAX_SCALED`; `numbers` are those of its rows.

    Raises:
        InputError: with the number of the row.
    """
    if batch.x.abs().max() > MAX_SCALED:
        row = numbers[int((batch.x.abs() > MAX_SCALED).flatten(1).any(dim=1).nonzero()[0])]
        raise InputError(
            f"Row {row} holds a value over {MAX_SCALED:g} on the model's scale, far outside of the training "
            f"part; remove or replace it."
        )
