from __future__ import annotations

from narrows.data.graphs.reading import as_graph
from narrows.fitting.fit import fit
from narrows.report.kinds.graphs import Graphs
from tests.samples import communities

GRAPH = communities(40)


def test_nodes_are_described_by_their_features() -> None:
    brief = {"training": {"epochs": 1}}
    run = fit(as_graph(GRAPH["edges"], GRAPH["x"]), overrides=brief)
    assert Graphs().size(run) == "edges between nodes with 40 features"
    run = fit(as_graph(GRAPH["edges"]), overrides=brief)
    assert Graphs().size(run) == "edges between nodes without features"
