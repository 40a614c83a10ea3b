"""The nodes of a graph that its page shows, with their largest features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.data.examples import draw_rows
from narrows.data.schema import Array

MOST_NODES = 20_000
"""Nodes that a page shows, at the most; of more they are drawn at random."""

MOST_FEATURES = 12
"""Features of a node that are kept, at the most."""

BLOCK = 2**22
"""Features that are ordered at a time."""


@dataclass(frozen=True, eq=False)
class ShownNodes:
    """Nodes with their largest features; features that are 0 on the model's scale count as absent.

    Attributes:
        rows: `(m,)`, the numbers of the nodes, in order.
        present: `(m,)`, how many features each has; 0 for nodes without features.
        kept: `(m,)`, how many of them are kept: the largest on the model's scale.
        features: `(sum of kept,)`, their numbers, node after node, the largest first.
        values: `(sum of kept,)`, as they came.
    """

    rows: Array
    present: Array
    kept: Array
    features: Array
    values: Array

    @classmethod
    def draw(cls, values: Array, scaled: Array) -> ShownNodes:
        """The nodes that are shown of all.

        Args:
            values: features as they came, `(n, features)`; no columns for nodes without features.
            scaled: the same on the model's scale.
        """
        rows = draw_rows(len(values), MOST_NODES)
        size = max(1, BLOCK // max(1, values.shape[1]))
        blocks = [rows[first : first + size] for first in range(0, len(rows), size)]
        present, kept, features, found = zip(
            *(largest(values[block], scaled[block]) for block in blocks), strict=True
        )
        return cls(rows, *map(np.concatenate, (present, kept, features, found)))


def largest(values: Array, scaled: Array) -> tuple[Array, Array, Array, Array]:
    """How many features of each row are there and how many are kept, and the number and value of these."""
    size = np.abs(scaled)
    order = np.argsort(-size, axis=1, kind="stable")[:, :MOST_FEATURES]
    present = (size > 0).sum(axis=1)
    kept = np.minimum(present, order.shape[1])
    there = np.arange(order.shape[1]) < kept[:, None]
    features, found = order[there], np.take_along_axis(values, order, axis=1)[there]
    return present.astype(np.uint32), kept.astype(np.uint8), features.astype(np.uint32), found
