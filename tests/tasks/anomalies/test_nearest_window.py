from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.anomalies import nearest_window
from narrows.tasks.anomalies.nearest_window import NearestWindow, Unusual


def test_the_nearest_window_is_found_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_window, "MOST_DISTANCES", 1000)
    rng = np.random.default_rng(0)
    reference, rows = (rng.normal(1e3, 1, (n, 2, 8)).astype(np.float32) for n in (200, 31))
    rows[3] = reference[17]
    found = NearestWindow(reference, np.arange(200), 1)(rows)
    distances = np.linalg.norm((rows[:, None] - reference).reshape(31, 200, -1), axis=2)
    assert found.numbers.tolist() == distances.argmin(axis=1).tolist()
    np.testing.assert_allclose(found.distances, distances.min(axis=1), atol=1e-3)
    assert found.distances[3] == 0


def test_overlapping_windows_are_no_neighbours() -> None:
    x = np.sin(np.arange(60) / 3).astype(np.float32)
    reference = np.lib.stride_tricks.sliding_window_view(x, 10)[:, None].copy()
    places = np.arange(len(reference))
    nearest = NearestWindow(reference, places, 10)
    assert (np.abs(nearest(reference, places).numbers - places) >= 10).all()
    assert nearest(reference).numbers.tolist() == places.tolist()


def test_where_all_windows_overlap_they_are_neighbours() -> None:
    reference = np.random.default_rng(0).normal(size=(3, 1, 4)).astype(np.float32)
    assert np.isfinite(NearestWindow(reference, np.arange(3), 10)(reference, np.arange(3)).distances).all()


def test_the_difference_is_to_the_window_with_the_number() -> None:
    reference, rows = np.random.default_rng(0).normal(size=(2, 5, 2, 4)).astype(np.float32)
    nearest = NearestWindow(reference, np.arange(5), 1)
    found = nearest.difference(rows, np.array([4, 3, 2, 1, 0]))
    np.testing.assert_allclose(found, rows - reference[::-1], atol=1e-6)


def test_unusual_is_zero_at_the_median_and_one_at_the_ninth_decile() -> None:
    known = np.exp(np.random.default_rng(0).normal(size=1001))
    unusual = Unusual(known, 1.0)
    at = unusual(np.quantile(known, [0.5, 0.9]))
    np.testing.assert_allclose(at, [0, 1], atol=1e-9)
    assert (np.diff(unusual(np.array([0.0, 1.0, 2.0, 1e6]))) > 0).all()
    assert np.isfinite(Unusual(np.zeros(5), 0.0)(np.array([0.0, 1.0]))).all()
