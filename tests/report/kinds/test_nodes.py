from __future__ import annotations

from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.report.kinds.nodes import Nodes
from tests.samples import communities

GRAPH = communities(40)


def test_nodes_are_described_by_their_features() -> None:
    brief = {"training": {"epochs": 1}}
    run = fit(as_graph(Graph(GRAPH["edges"], GRAPH["x"])), overrides=brief)
    assert Nodes().size(run) == "edges between nodes with 40 features"
    run = fit(as_graph(Graph(GRAPH["edges"])), overrides=brief)
    assert Nodes().size(run) == "edges between nodes without features"
