from __future__ import annotations

from typing import Any

import networkx
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.adjacency import DIRECTED, WEIGHTED
from narrows.data.graphs.networks import of_networks
from narrows.data.reading import Reading


def network(**attributes: Any) -> networkx.Graph:
    graph = networkx.Graph([("b", "a"), ("a", "c")])
    for name, values in attributes.items():
        networkx.set_node_attributes(graph, dict(zip("bac", values, strict=True)), name)
    return graph


def test_nodes_keep_their_names_and_order() -> None:
    (graph,) = of_networks([network()], ["g"], "g").graphs
    assert graph.ids == ("b", "a", "c")
    assert graph.edges.tolist() == [[0, 1], [1, 2]]
    assert graph.features is None


def test_attributes_are_columns_of_all_graphs_together() -> None:
    networks = [
        network(age=[1, 2, 3], hue=["red", "blue", "red"], tags=[[1], [2], [3]]),
        network(age=[4, None, 2], hue=["green", "blue", "red"]),
    ]
    found = of_networks(networks, ["one", "two"], "set", Reading(drop=()))
    one, two = found.graphs
    assert one.feature_names == two.feature_names == ("age", "hue: blue", "hue: green", "hue: red")
    np.testing.assert_array_equal(two.features, [[4, 0, 1, 0], [2.4, 1, 0, 0], [2, 0, 0, 1]])
    assert "Attributes of nodes that are no numbers or words are left out: tags." in found.notes
    assert "age (1)" in found.warnings[0]
    again = of_networks([network(age=[1, 2, 3], hue=["red"] * 3)], ["three"], "set", known=one.columns)
    np.testing.assert_array_equal(again.graphs[0].features, [[1, 0, 0, 1], [2, 0, 0, 1], [3, 0, 0, 1]])


def test_a_list_of_features_stands_for_all() -> None:
    found = of_networks([network(x=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], age=[1, 2, 3])], ["g"], "g")
    np.testing.assert_array_equal(found.graphs[0].features, [[1, 2], [3, 4], [5, 6]])
    for x in ([[1.0], [2.0], None], [[1.0], [2.0], [3.0, 4.0]]):
        with pytest.raises(InputError, match="of 3 nodes of g have a list of features x"):
            of_networks([network(x=x)], ["g"], "g")
    scalar = of_networks([network(x=[0.5, 1.0, 2.0])], ["g"], "g").graphs[
        0
    ]  # the place of a node in a drawing
    assert scalar.feature_names == ("x",)


def test_attributes_may_be_names_labels_and_left_out() -> None:
    graph = network(title=["B", "A", "C"], hue=["red", "blue", "red"], age=[1, 2, 3], size=[4, 5, 6])
    how = Reading(id="title", label="hue", drop=("size",))
    (found,) = of_networks([graph], ["g"], "g", how).graphs
    assert (found.ids, found.feature_names) == (("B", "A", "C"), ("age",))
    assert found.labels is not None
    assert found.labels.tolist() == ["red", "blue", "red"]
    with pytest.raises(InputError, match=r"has no column 'ages'\. Did you mean 'age'"):
        of_networks([graph], ["g"], "g", Reading(drop=("ages",)))


def test_directions_and_weights_are_not_used() -> None:
    graph = networkx.DiGraph()
    graph.add_weighted_edges_from([(0, 1, 2.0), (1, 2, 0.0), (2, 0, 1.0)])
    found = of_networks([graph], ["g"], "g")
    assert found.notes == (DIRECTED, WEIGHTED)
    assert found.graphs[0].edges.tolist() == [[0, 1], [2, 0]]
    graph[0][1]["weight"] = -1
    with pytest.raises(InputError, match="An edge of g has the weight -1"):
        of_networks([graph], ["g"], "g")
    graph[0][1]["weight"] = "much"
    assert len(of_networks([graph], ["g"], "g").graphs[0].edges) == 2


def test_labels_of_graphs_are_their_attributes() -> None:
    graphs = [networkx.Graph([(0, 1)], label=1), networkx.Graph([(0, 1)], label=2)]
    assert [graph.label for graph in of_networks(graphs, ["a", "b"], "set").graphs] == [1, 2]
