"""Examples as they came become batches on the model's scale, and are checked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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

FAR = 1e9
"""Beyond this, on the model's scale, squares of float32 lose all that is ordinary."""

BATCH = 1000
"""Examples in a batch."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """Examples that were checked and scaled once, to be used several times.

    Attributes:
        x: `(n, *model_shape)` on the model's scale, NaN where a cell is missing; 64 bits for real numbers of
            64 bits, else 32.
        schema: what one example is.
    """

    x: Array
    schema: Schema

    def __len__(self) -> int:
        return len(self.x)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of `x`."""
        return self.x.dtype

    @cached_property
    def flat(self) -> Array:
        """One row `(values,)` of 32 bits for each example."""
        return self.x.reshape(len(self), -1).astype(np.float32, copy=False)

    def rows(self, index: Index) -> Scaled:
        """The examples numbered `index`."""
        return replace(self, x=self.x[index])

    def batches(self, dtype: torch.dtype) -> Iterator[Batch]:
        """All examples in order, in numbers of `dtype`."""
        return Rows(self.x, nn.Identity(), dtype=dtype, collate=self.schema.collate).batches(BATCH)


@dataclass(frozen=True, eq=False)
class Scaler:
    """From examples as they came to the model's scale.

    Attributes:
        schema: what one example is.
        scaling: of its values.
    """

    schema: Schema
    scaling: Scaling

    def batches(self, values: Values | Scaled, dtype: torch.dtype = torch.float32) -> Iterator[Batch]:
        """Checked batches of `values (n, *schema.shape)`, in numbers of `dtype`.

        Raises:
            InputError: for values that are no examples of the schema, or lie absurdly far out.
        """
        return values.batches(dtype) if isinstance(values, Scaled) else self._checked(values, dtype)

    def _checked(self, values: Values, dtype: torch.dtype) -> Iterator[Batch]:
        if not len(values):
            raise InputError("The data have no rows.")
        for first, piece in as_source(values).pieces():
            piece = real(piece, "The data")
            self.schema.check(piece)
            check_finite(piece, "The data", allow_nan=self.schema.may_miss, first=first)
            rows = Rows(self.schema.arrange(piece), self.scaling, dtype=dtype, collate=self.schema.collate)
            for i, batch in enumerate(rows.batches(BATCH)):
                check_range(batch, first + BATCH * i)
                yield batch

    def prepare(self, values: Values) -> Scaled:
        """All `values`, to be used several times.

        Raises:
            InputError: as `batches`.
        """
        found = self.batches(values, getattr(torch, precise(values)))
        rows = (torch.where(b.observed(), b.x, torch.nan).numpy() for b in found)
        return Scaled(gathered(rows, len(values)), self.schema)

    def scaled(self, values: Values) -> Array:
        """`values` on the model's scale, one flat row per example; NaN where a cell is missing."""
        rows = (torch.where(b.observed(), b.x, torch.nan).flatten(1).numpy() for b in self.batches(values))
        return gathered(rows, len(values))

    def check(self, values: Values) -> None:
        """Refuse `values` that could not be used, before time is spent on others.

        Raises:
            InputError: as `batches`.
        """
        for _ in self.batches(values):
            pass

    def known(self, batch: Batch) -> Batch:
        """A batch without what the model learned nothing of: columns that were constant are 0."""
        return replace(batch, x=self.scaling.known(batch.x))


def check_range(batch: Batch, first: int) -> None:
    """Refuse a batch with a value far beyond the training part; `first` is the number of its first row.

    Raises:
        InputError: naming the row.
    """
    if batch.x.abs().max() > FAR:
        row = first + int((batch.x.abs() > FAR).flatten(1).any(dim=1).nonzero()[0])
        raise InputError(
            f"Row {row} holds a value over {FAR:g} times as far out as the training part reaches; remove or "
            f"replace it."
        )
