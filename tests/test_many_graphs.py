"""Many small graphs, from a list to codes and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from narrows import Autoencoder
from narrows.core.errors import InputError


def some(n: int = 40, seed: int = 0) -> list[dict[str, Any]]:
    """Rings and paths of 3 to 8 nodes, with a feature."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        k = int(rng.integers(3, 9))
        edges = [(j, (j + 1) % k) for j in range(k - i % 2)]
        found.append({"edges": np.array(edges), "x": rng.normal(i % 2, 0.3, (k, 1)), "num_nodes": k})
    return found


@pytest.fixture(scope="module")
def fitted() -> Autoencoder:
    return Autoencoder(latent_dim=3, kind="graphs", epochs=3).fit(some(), np.arange(40) % 2)


def test_codes_do_not_depend_on_the_numbers_of_nodes(fitted: Autoencoder) -> None:
    graphs = some(seed=1)
    codes = fitted.transform(graphs)
    assert codes.shape == (40, 3)
    rng, others = np.random.default_rng(0), []
    for graph in graphs:
        number = rng.permutation(len(graph["x"]))
        others.append({"edges": number[graph["edges"]], "x": graph["x"][np.argsort(number)]})
    np.testing.assert_allclose(fitted.transform(others), codes, atol=1e-10)


def test_graphs_without_edges_and_with_one_node_go_through(fitted: Autoencoder) -> None:
    graphs = [{"edges": np.empty((0, 2)), "x": np.ones((n, 1))} for n in (1, 4)]
    assert np.isfinite(fitted.transform(graphs)).all()
    assert np.isfinite(fitted.score_samples(graphs)).all()


def test_one_graph_gives_its_nodes_and_several_give_graphs() -> None:
    ring = sparse.csr_matrix(np.roll(np.eye(30), 1, axis=1))
    one = Autoencoder(latent_dim=2, kind="graphs", epochs=1).fit(ring)
    assert one.run_.schema.kind == "nodes"
    assert one.transform(ring).shape == (30, 2)
    with pytest.raises(InputError, match="the list holds 2 graphs, but wanted is one, whose nodes are"):
        one.transform([ring, ring])


def test_graphs_larger_than_those_of_the_fit_are_refused(fitted: Autoencoder) -> None:
    large = {"edges": np.array([[0, 1]]), "x": np.ones((9, 1))}
    with pytest.raises(
        InputError, match="Graph 0 of the list has 9 nodes, but the model was fitted to graphs"
    ):
        fitted.transform([large])
