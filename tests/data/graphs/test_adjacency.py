from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.adjacency import DIRECTED, WEIGHTED, of_adjacency


def test_edges_are_where_an_adjacency_is_not_zero() -> None:
    stored = sparse.csr_matrix(([1.0, 0.0, 1.0], ([0, 1, 1], [1, 2, 0])), shape=(3, 3))
    assert of_adjacency(stored, "g")[0].tolist() == [[0, 1], [1, 0]]
    dense = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    assert of_adjacency(dense, "g")[0].tolist() == [[0, 1], [1, 0]]


def test_directions_and_weights_are_said() -> None:
    half = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert of_adjacency(half, "g")[1] == ()  # each edge is mentioned once
    assert of_adjacency(half + half.T, "g")[1] == ()
    ring = np.roll(np.eye(3), 1, axis=1)
    assert of_adjacency(ring, "g")[1] == (DIRECTED,)
    assert of_adjacency(sparse.csr_matrix(half * [[1], [2], [3]]), "g")[1] == (WEIGHTED,)


@pytest.mark.parametrize(
    ("adjacency", "message"),
    [
        (np.zeros((3, 4)), "The adjacency of g has shape 3x4; wanted is a row and a column for each node"),
        (np.zeros(3), "has shape 3;"),
        (np.zeros((5, 2)), "for each node, or for pairs of node numbers a dict: {'edges': array}"),
        (np.array([[0, 0.5], [0.5, 0]]), "is 2x2 but not an adjacency of 0 and 1; say which pairs are edges"),
        (np.array([["a", "b"], ["c", "d"]]), "not an adjacency of 0 and 1"),
        (
            sparse.csr_matrix([[0, -1.0], [-1.0, 0]]),
            "An edge of g has the weight -1; .* leave such edges out",
        ),
        (sparse.csr_matrix([[0, np.nan], [0, 0]]), "has the weight nan"),
        (sparse.csr_matrix([[0, 1j], [0, 0]]), "is of complex128; wanted are numbers"),
    ],
)
def test_other_matrices_are_refused(adjacency: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        of_adjacency(adjacency, "g")
