from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.anomalies.baselines import OUTLIERS, fifth_neighbour, isolation_forest, pca_error


def nobody(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.bool_)


def test_pca_error_is_the_squared_distance_from_the_plane() -> None:
    rng = np.random.default_rng(0)
    learned = np.column_stack([rng.standard_normal((300, 2)), np.zeros(300)])
    rows = np.array([[0.3, -0.2, 0.0], [0.3, -0.2, 2.0]])
    np.testing.assert_allclose(pca_error(learned, rows, nobody(rows)), [0, 4], atol=1e-12)


def test_the_fifth_neighbour_of_a_row_of_its_own_is_counted_without_itself() -> None:
    line = np.arange(10.0)[:, None]
    outside = fifth_neighbour(line, line[:1], nobody(line[:1]))
    inside = fifth_neighbour(line, line[:1], ~nobody(line[:1]))
    assert (outside.tolist(), inside.tolist()) == ([4.0], [5.0])
    few = np.array([[0.0], [1.0], [3.0]])
    assert fifth_neighbour(few, few[:1], nobody(few[:1])).tolist() == [3.0], "of fewer rows the furthest"


@pytest.mark.parametrize("name", OUTLIERS)
def test_every_yardstick_scores_a_far_row_highest(name: str) -> None:
    rng = np.random.default_rng(0)
    learned = rng.standard_normal((200, 4)) @ np.diag([3.0, 2.0, 1.0, 0.1])
    rows = np.vstack([learned[:20], 8 * np.ones((1, 4))])
    scores = OUTLIERS[name](learned, rows, np.arange(21) < 20)
    assert scores.argmax() == 20


def test_isolation_forest_gives_the_same_scores_again() -> None:
    x = np.random.default_rng(0).standard_normal((100, 3))
    np.testing.assert_array_equal(isolation_forest(x, x, nobody(x)), isolation_forest(x, x, nobody(x)))
