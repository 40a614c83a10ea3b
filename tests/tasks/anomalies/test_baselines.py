from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.anomalies.baselines import BASELINES, fifth_neighbour, isolation_forest, pca_error


def new(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.bool_)


def test_pca_error_is_the_squared_distance_from_the_plane() -> None:
    rng = np.random.default_rng(0)
    reference = np.column_stack([rng.standard_normal((300, 2)), np.zeros(300)])
    rows = np.array([[0.3, -0.2, 0.0], [0.3, -0.2, 2.0]])
    np.testing.assert_allclose(pca_error(reference, rows, new(rows)), [0, 4], atol=1e-12)


def test_the_fifth_neighbour_of_a_reference_row_leaves_out_itself() -> None:
    line = np.arange(10.0)[:, None]
    outside = fifth_neighbour(line, line[:1], new(line[:1]))
    inside = fifth_neighbour(line, line[:1], ~new(line[:1]))
    assert (outside.tolist(), inside.tolist()) == ([4.0], [5.0])
    few = np.array([[0.0], [1.0], [3.0]])
    assert fifth_neighbour(few, few[:1], new(few[:1])).tolist() == [3.0], "the furthest of fewer rows"


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_scores_a_far_row_highest(name: str) -> None:
    rng = np.random.default_rng(0)
    reference = rng.standard_normal((200, 4)) @ np.diag([3.0, 2.0, 1.0, 0.1])
    rows = np.vstack([reference[:20], 8 * np.ones((1, 4))])
    scores = BASELINES[name](reference, rows, np.arange(21) < 20)
    assert scores.argmax() == 20


def test_isolation_forest_gives_the_same_scores_again() -> None:
    x = np.random.default_rng(0).standard_normal((100, 3))
    np.testing.assert_array_equal(isolation_forest(x, x, new(x)), isolation_forest(x, x, new(x)))
