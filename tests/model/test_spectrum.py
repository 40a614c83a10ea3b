from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from scipy.sparse.linalg import eigsh

from narrows.data.graphs.edges import Pairs
from narrows.data.graphs.propagation import normalised_adjacency, propagation
from narrows.model.spectrum import coordinates
from tests.samples import communities

GRID = np.array(
    [(i, j) for i in range(400) for j in (i + 1, i + 20) if j < 400 and (j != i + 1 or j % 20)],
    dtype=np.int64,
)
"""The edges of a grid of 20 by 20 nodes."""


def found(edges: Pairs, n: int, count: int) -> torch.Tensor:
    return coordinates(propagation(edges, n, torch.float64), count)


def span(x: torch.Tensor) -> torch.Tensor:
    q = torch.linalg.qr(x).Q
    return q @ q.T


def test_the_coordinates_span_the_leading_eigenvectors_but_the_first() -> None:
    h = found(GRID, 400, 5)
    values, vectors = eigsh(normalised_adjacency(GRID, 400), 7, which="LA")
    assert values[1] - values[0] > 1e-3  # so that five are told from the next
    expected = torch.as_tensor(vectors[:, 1:6].copy())
    assert torch.allclose(span(h), span(expected), atol=1e-2)
    assert torch.allclose(h.T @ h, 400 * torch.eye(5, dtype=torch.float64), atol=1e-6)


def test_components_are_told_apart_by_no_coordinate() -> None:
    twice = np.concatenate([GRID, GRID + 400])
    s = normalised_adjacency(twice, 801)  # and a node that is alone
    h = found(twice, 801, 4).numpy()
    constant = np.sqrt(1 / s.diagonal())
    for part in (slice(0, 400), slice(400, 800)):
        cosines = constant[part] @ h[part] / np.linalg.norm(constant[part]) / np.linalg.norm(h[part], axis=0)
        np.testing.assert_allclose(cosines, 0, atol=1e-2)
    np.testing.assert_allclose(h[800], 0, atol=1e-2)


def test_a_bipartite_graph_has_smooth_coordinates() -> None:
    sides = np.argwhere(np.ones((30, 30)))
    ends = np.array([0, 30])
    edges = np.concatenate([sides + ends, [[59, 60]], sides + ends + 60])
    h = found(edges, 120, 1)[:, 0]
    s = normalised_adjacency(edges, 120)
    assert h @ torch.as_tensor(sparse.csr_matrix(s) @ h.numpy()) / (h @ h) > 0.9


def test_coordinates_change_little_with_the_edges() -> None:
    edges = communities(200)["edges"]
    few = np.delete(edges, [5], axis=0)
    whole, less = found(edges, 200, 3), found(few, 200, 3)
    assert torch.linalg.norm(whole - less) < 0.1 * torch.linalg.norm(whole)
    assert torch.equal(found(edges, 200, 3), whole)


def test_small_graphs_have_coordinates() -> None:
    for n in (2, 3, 5):
        h = found(np.array([[0, 1]]), n, n - 1)
        assert h.shape == (n, n - 1)
        assert h.isfinite().all()
