from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.few_labels.label_propagation import ALPHA, neighbour_graph, one_hot, propagate

RNG = np.random.default_rng(0)


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles: not linearly separable, but neighbours have the same class."""
    from sklearn.datasets import make_moons

    return make_moons(400, noise=0.05, random_state=0)


def test_labels_propagate_along_the_neighbour_graph() -> None:
    x, y = moons()
    given = np.zeros(400, dtype=bool)
    given[[int(np.flatnonzero(y == c)[0]) for c in (0, 1)]] = True
    found = propagate(neighbour_graph(x), np.eye(2)[y] * given[:, None], given)
    assert (found.argmax(axis=1) == y).mean() > 0.97
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_rows_that_no_label_reaches_have_equal_probabilities() -> None:
    far = np.concatenate([RNG.normal(0, 1, (30, 2)), RNG.normal(1000, 1, (30, 2))])
    given = np.arange(60) < 2
    found = propagate(neighbour_graph(far), np.eye(2)[[0, 1] * 30] * given[:, None], given)
    np.testing.assert_array_equal(found[30:], 0.5)


def test_the_graph_is_symmetric_and_has_no_eigenvalue_above_1() -> None:
    graph = neighbour_graph(RNG.standard_normal((60, 3))).toarray()
    np.testing.assert_allclose(graph, graph.T)
    assert (np.diagonal(graph) == 0).all()
    assert np.linalg.eigvalsh(graph).max() == pytest.approx(1)


def test_propagation_approaches_the_solution_in_closed_form() -> None:
    """F = (1 - α) (I - α S)⁻¹ Y (Zhou et al. 2004), rows normalised; 0.99⁶⁰ of the start remains."""
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(0, 1, (20, 2)), rng.normal(3, 1, (20, 2))])
    graph = neighbour_graph(x).toarray()
    y = np.where(np.isin(np.arange(40), [0, 1, 20, 21]), np.arange(40) // 20, -1)
    exact = np.linalg.solve(np.eye(40) - ALPHA * graph, one_hot(y, 2))
    exact /= exact.sum(axis=1, keepdims=True)
    soft = propagate(graph, one_hot(y, 2), y >= 0)
    assert np.abs(soft - exact)[y < 0].max() < 0.1
    np.testing.assert_array_equal(soft[y >= 0], one_hot(y, 2)[y >= 0])
