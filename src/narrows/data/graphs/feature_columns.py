"""The columns of a table that became features of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from narrows.core.errors import InputError
from narrows.data.columns import Array, Column, value_names


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """How features are made of the columns of a table; kept in a schema, so that others are read alike.

    A category becomes one feature for each of its words, 1 at nodes that have it; a date its parts.

    Attributes:
        columns: the columns.
        usual: of each feature the number that stands for a missing cell: the mean of numbers and dates; of
            words those of the most frequent one.
    """

    columns: tuple[Column, ...]
    usual: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each feature: that of its column, with the word or the part of a date."""
        return tuple(value_names(self.columns))

    def filled(self, features: Array) -> Array:
        """`features (n, features)` with the usual numbers in place of NaN."""
        return np.where(np.isnan(features), self.usual, features)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The columns that a schema in a run folder has.

        Raises:
            InputError: when they do not fit together, as in an edited run folder.
        """
        try:
            columns = tuple(Column.from_json(column) for column in record["columns"])
            found = cls(columns, tuple(map(float, record["usual"])))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{record!r} does not describe features of nodes.") from error
        if len(found.names) != len(found.usual):
            raise InputError(f"{len(found.usual)} numbers do not match {len(found.names)} features of nodes.")
        return found
