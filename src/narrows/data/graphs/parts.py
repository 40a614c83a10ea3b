"""The parts of one graph, which are drawn over its edges: a part has all nodes."""

from __future__ import annotations

import numpy as np

from narrows.core.errors import InputError
from narrows.data.graphs.edges import Edges, Seed, draw_apart
from narrows.data.sources import Source
from narrows.data.sources.nodes import Nodes
from narrows.data.split import MOST, Index, Parts

VALIDATION, HELD_OUT = 0.05, 0.1
"""The shares of the edges in these parts, as Kipf & Welling 2016, "Variational graph auto-encoders", drew
them; `narrows.data.split.MOST` edges at the most."""


def split_edges(edges: int, seed: int) -> Parts:
    """The numbers of the edges of each part, drawn at random.

    Raises:
        InputError: when a part would have no edges.
    """
    if edges < 3:
        raise InputError(f"Too few edges: {edges}, but at least 3 are needed to train, validate and test.")
    order = np.random.default_rng(seed).permutation(edges)
    sizes = [min(MOST, max(1, int(share * edges))) for share in (VALIDATION, HELD_OUT)]
    validation, held_out, train = np.split(order, np.cumsum(sizes))
    return Parts(np.sort(train), validation, held_out)


def joined_by(
    nodes: Source, edges: Edges, known: Index, judged: Index | None = None, seed: Seed = 0
) -> Nodes:
    """All `nodes`, between which messages pass along the edges `known`.

    Args:
        nodes: with their features.
        edges: all edges of the graph.
        known: the numbers of the training edges.
        judged: the numbers of the edges that are to be predicted, beside as many pairs that no edge joins.
        seed: of these pairs.

    Raises:
        InputError: when all nodes are joined to each other.
    """
    context = {"edges": edges.pairs[known]}
    if judged is not None:
        apart = draw_apart(edges, len(judged), seed)
        if not len(apart):
            raise InputError("Every node is joined to every other one, so that no edge can be predicted.")
        context |= {"positive": edges.pairs[judged], "negative": apart}
    return Nodes(nodes.all(), context)
