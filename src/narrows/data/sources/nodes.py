"""The nodes of a graph, with its edges beside their features."""

from __future__ import annotations

from collections.abc import Mapping

from narrows.data.columns import Array
from narrows.data.sources.memory import InMemory


class Nodes(InMemory):
    """Examples that belong to each other, and are used all at once.

    Args:
        array: the features of the nodes, `(n, features)`.
        context: what belongs to all of them: the `edges` along which messages pass, `(m, 2)`, and if they
            are judged, the `positive (k, 2)` and `negative (l, 2)` pairs of nodes.
    """

    def __init__(self, array: Array, context: Mapping[str, Array]) -> None:
        super().__init__(array)
        self.context = context
