from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.graphs.loaded import LoadedGraphs, as_examples

GRAPH = Graph(np.array([[0, 1], [1, 2]]), np.ones((3, 1)))


def test_one_graph_becomes_its_nodes() -> None:
    found = LoadedGraphs([GRAPH], "net", ("Read.",), ("Left out.",))
    for kind in (None, "graphs", "nodes"):
        data = as_examples(found, kind)
        assert (data.schema.kind, data.name, len(data)) == ("nodes", "net", 3)
        assert (data.notes[-2], data.warnings) == ("Read.", ("Left out.",))
    assert as_examples(found, "graphs").notes[0] == "One graph: its nodes are the examples."


def test_another_number_of_graphs_than_wanted_is_refused() -> None:
    with pytest.raises(InputError, match="net holds no graphs"):
        as_examples(LoadedGraphs([], "net"))
    several = LoadedGraphs([GRAPH, GRAPH], "net")
    with pytest.raises(
        InputError, match="net holds 2 graphs, but wanted is one, whose nodes are the examples"
    ):
        as_examples(several, "nodes")
    with pytest.raises(InputError, match="net holds 2 graphs, but wanted is one, whose"):
        as_examples(several, like=as_graph(GRAPH).schema)
