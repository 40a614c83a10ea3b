"""Graphs come back in the containers in which they were given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from narrows import Autoencoder


def networks(n: int = 30) -> list[nx.Graph]:
    """Rings and paths whose nodes have names and two attributes, a number and a word."""
    found = []
    for i in range(n):
        k = 3 + i % 5
        graph = nx.relabel_nodes((nx.cycle_graph if i % 2 else nx.path_graph)(k), lambda j: f"n{j}")
        for j, node in enumerate(graph):
            graph.nodes[node].update(size=float(j + i % 3), colour=("red", "blue", "green")[(i + j) % 3])
        found.append(graph)
    return found


@pytest.fixture(scope="module")
def fitted() -> Autoencoder:
    return Autoencoder(latent_dim=8, kind="graphs", epochs=5).fit(networks())


def test_networks_have_the_names_and_attributes_of_their_nodes(fitted: Autoencoder) -> None:
    given = networks(4)
    made = fitted.reconstruct(given)
    for graph, found in zip(given, made, strict=True):
        assert isinstance(found, nx.Graph)
        assert list(found.nodes)[: len(graph)] == list(graph.nodes)[: len(found)]
        for _, attributes in found.nodes(data=True):
            assert attributes["colour"] in ("red", "blue", "green")
            assert isinstance(attributes["size"], float)


def features(graph: nx.Graph) -> Any:
    return np.array([[attributes["size"]] for _, attributes in graph.nodes(data=True)])


@pytest.mark.parametrize("container", ["dict", "pair", "edge_index"])
def test_other_graphs_are_arrays_and_matrices(container: str) -> None:
    def given(graph: nx.Graph) -> Any:
        edges = np.array(nx.convert_node_labels_to_integers(graph).edges)
        if container == "dict":
            return {"edges": edges, "x": features(graph)}
        if container == "pair":
            return sparse.csr_matrix(nx.to_scipy_sparse_array(graph)), features(graph)
        both = np.concatenate([edges, edges[:, ::-1]]).T
        return SimpleNamespace(edge_index=both, x=features(graph), num_nodes=len(graph))

    graphs = [given(graph) for graph in networks()]
    made = Autoencoder(latent_dim=2, kind="graphs", epochs=1).fit(graphs).reconstruct(graphs)
    if container == "pair":
        assert made[0][0].shape == (len(made[0][1]),) * 2
    else:
        assert set(made[0]) == {"edges", "num_nodes", "x"}


def test_decoded_graphs_are_dicts_of_arrays(fitted: Autoencoder) -> None:
    drawn = fitted.sample(3)
    assert [set(each) for each in drawn] == [{"edges", "num_nodes", "x"}] * 3
    decoded = fitted.inverse_transform(fitted.transform(networks(2)))
    assert len(decoded) == 2
    assert fitted.transform(decoded).shape == (2, 8)
