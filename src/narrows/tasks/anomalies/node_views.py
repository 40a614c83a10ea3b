"""How unusual each node is in its graph, in three ways: by its edges, its features and its neighbourhood.

A node is compared with the other nodes of the same graph. The model takes part by the codes that it gives to
nodes from their features alone: those of neighbours are alike, because it was fitted to predict edges. Of
nodes without features it is the log-odds of their edges that count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from narrows.data.graphs.edges import Edges, Pairs, draw_apart
from narrows.data.graphs.propagation import adjacency, normalised_adjacency
from narrows.data.sources import Source
from narrows.data.sources.nodes import Nodes
from narrows.evaluation.errors import Floats
from narrows.evaluation.link_prediction import Scores, inner_products, unit_length
from narrows.runs.links import log_odds
from narrows.runs.run import Run
from narrows.tasks.anomalies.likelihood_ratio import log_ratio

SEED = 0
"""Of the random pairs that edges are compared with."""

SHUFFLES = 3
"""Neighbourhoods of other nodes that each node is compared with."""


@dataclass(frozen=True, eq=False)
class Linked:
    """A graph, and what tells whether nodes are alike.

    Attributes:
        edges: of the graph.
        alike: matrices with a row of length 1 for each node: its features, and its code from them alone;
            empty for nodes without features.
        odds: the model's log-odds of edges, for nodes without features.
        names: of the features; empty if they have none.
    """

    edges: Edges
    alike: Sequence[Floats]
    odds: Scores
    names: Sequence[str] = ()

    @classmethod
    def of(cls, run: Run, source: Source) -> Linked:
        """The nodes of `source`, as the model of `run` takes them."""
        pairs = np.asarray(source.context["edges"])
        edges = Edges(pairs, len(source))

        def odds(some: Pairs) -> Floats:
            return log_odds(run, source, some)

        if run.schema.domain(run.scaling).nodes:
            return cls(edges, (), odds)
        alone = run.encode(Nodes(source.all(), {"edges": np.empty((0, 2), dtype=np.int64)}))
        features = run.scaler.prepare(source).flat
        rows = [unit_length(each.astype(np.float64)) for each in (features, alone)]
        return cls(edges, rows, odds, run.schema.value_names)

    @cached_property
    def adjacency(self) -> sparse.csr_matrix:
        """1 where there is an edge, `(n, n)`."""
        return adjacency(self.edges.pairs, self.edges.n)

    @cached_property
    def degrees(self) -> Floats:
        """The number of neighbours of each node, `(n,)`."""
        return np.asarray(self.adjacency.sum(axis=1)).ravel()

    @cached_property
    def edge_ratios(self) -> Floats:
        """Of each edge how much likelier its nodes are for two that no edge joins, `(m,)`, in nats."""
        pairs = self.edges.pairs
        apart = draw_apart(self.edges, len(pairs), SEED)
        measures = [inner_products(rows) for rows in self.alike] or [self.odds]
        joined, others = (np.column_stack([each(some) for each in measures]) for some in (pairs, apart))
        return log_ratio(joined, others)

    @cached_property
    def contexts(self) -> list[tuple[Floats, Floats]]:
        """For each matrix of `alike` the mean of the neighbours, and that of two steps, without the node."""
        s = normalised_adjacency(self.edges.pairs, self.edges.n)
        own = np.asarray(s.multiply(s).sum(axis=1)).reshape(-1, 1)
        return [
            (unit_length(self.adjacency @ rows), unit_length(s @ (s @ rows) - own * rows))
            for rows in self.alike
        ]


def by_edges(linked: Linked) -> Floats:
    """How much too unlike its neighbours a node is, `(n,)`: the mean of `edge_ratios` over its edges.

    It is divided by the deviation that means of so many edges have, τ² + σ²/d of d edges, where τ² is what
    all edges of a node have in common. A node without edges is as the most usual one.
    """
    pairs, v, d = linked.edges.pairs, linked.edge_ratios, linked.degrees
    sums = sum_over_edges(pairs, v, linked.edges.n)
    has, mean = d > 0, v.mean()
    away = sums[has] / d[has] - mean
    parts = np.column_stack([np.ones(len(away)), 1 / d[has]])
    spread = np.linalg.lstsq(parts, away**2, rcond=None)[0].clip(min=1e-6)
    found = away / np.sqrt(parts @ spread)
    return with_least(found, has)


def by_features(linked: Linked) -> Floats | None:
    """How much likelier a node's features are for the neighbourhood of another node, `(n,)`, in nats.

    The same nodes with the neighbourhoods of others tell how unlike that is, given the number of neighbours.
    None for nodes without features.
    """
    has = np.flatnonzero(linked.degrees > 0)
    if not linked.alike:
        return None
    rng = np.random.default_rng(SEED)
    log_degrees = np.log(linked.degrees[has])[:, None]

    def measured(nodes: NDArray[np.intp]) -> Floats:
        """How alike `nodes` are to the neighbourhoods of `has`, beside the number of neighbours."""
        columns = [
            np.einsum("ij,ij->i", rows[nodes], context[has])
            for rows, both in zip(linked.alike, linked.contexts, strict=True)
            for context in both
        ]
        alike = np.column_stack(columns)
        return np.hstack([alike, alike * log_degrees])

    others = np.concatenate([measured(rng.permutation(has)) for _ in range(SHUFFLES)])
    return with_least(log_ratio(measured(has), others), linked.degrees > 0)


def by_density(linked: Linked) -> Floats:
    """How many more edges join the neighbours of a node than is usual for so many neighbours, `(n,)`.

    log(1 + edges) less a line in log(neighbours), as Akoglu, McGlohon & Faloutsos 2010, "OddBall: spotting
    anomalies in weighted graphs", PAKDD.
    """
    has = linked.degrees > 0
    between = np.log1p(triangles(linked)[has])
    line = np.column_stack([np.ones(has.sum()), np.log(linked.degrees[has])])
    return with_least(between - line @ np.linalg.lstsq(line, between, rcond=None)[0], has)


def triangles(linked: Linked) -> Floats:
    """The number of edges between the neighbours of each node, `(n,)`."""
    a, pairs = linked.adjacency, linked.edges.pairs
    pieces = np.array_split(pairs, -(-len(pairs) // EDGES))
    common = [np.asarray(a[i].multiply(a[j]).sum(axis=1)).ravel() for i, j in (each.T for each in pieces)]
    return sum_over_edges(pairs, np.concatenate(common), linked.edges.n) / 2


EDGES = 2**14
"""Edges whose common neighbours are counted at a time."""


def sum_over_edges(pairs: Pairs, amounts: Floats, n: int) -> Floats:
    """The sums of `amounts (m,)` over the edges of each of `n` nodes."""
    return np.bincount(pairs.ravel(), np.repeat(amounts, 2), minlength=n).astype(np.float64)


def with_least(values: Floats, has: NDArray[np.bool_]) -> Floats:
    """`values` of the nodes that `has (n,)` marks; the others get the least of them."""
    found = np.full(len(has), values.min())
    found[has] = values
    return found
