from __future__ import annotations

import numpy as np
import pytest

from narrows.runs.reference_recordings import HELD_OUT, TRAIN
from narrows.tasks.anomalies import window_comparison
from narrows.tasks.anomalies.known_windows import step_codes
from narrows.tasks.anomalies.traces import Trace
from narrows.tasks.anomalies.window_comparison import WindowComparison, reference_windows


def made(n: int, seed: int, residual: float = 0.1) -> Trace:
    rng = np.random.default_rng(seed)
    rows = np.sin(np.arange(n) / 3 + rng.uniform(0, 6)) + 0.05 * rng.normal(size=(2, n))
    residuals = residual * rng.normal(size=(2, n))
    return Trace(
        rows.astype(np.float32), residuals.astype(np.float32), np.ones(n, dtype=np.bool_), step_codes(rows.T)
    )


PARTS = [np.repeat(np.uint8([TRAIN, HELD_OUT]), 200), np.full(300, TRAIN, dtype=np.uint8)]
OFFSETS = np.array([0, 1000])


@pytest.fixture(scope="module")
def comparison() -> WindowComparison:
    return WindowComparison([made(400, 0), made(300, 1)], PARTS, OFFSETS, 20)


def test_reference_windows_know_their_places_and_part() -> None:
    found = reference_windows([made(400, 0), made(300, 1)], PARTS, OFFSETS, 20)
    assert found.places.tolist() == [*range(381), *range(1000, 1281)]
    assert np.flatnonzero(found.untrained).tolist() == list(range(200, 381))
    np.testing.assert_array_equal(found.windows.rows[381 + 7], made(300, 1).rows[:, 7:27])


def test_of_many_windows_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_comparison, "MOST_WINDOWS", 50)
    found = reference_windows([made(400, 0), made(300, 1)], PARTS, OFFSETS, 20)
    assert len(found.places) == len(found.windows.rows) == 50
    first = found.places[0]
    np.testing.assert_array_equal(found.windows.rows[0], made(400, 0).rows[:, first : first + 20])


@pytest.mark.parametrize("way", ["level", "course", "residual"])
def test_each_way_of_being_unusual_counts(comparison: WindowComparison, way: str) -> None:
    usual = made(200, 2)
    rows, residuals = usual.rows.copy(), usual.residuals.copy()
    if way == "level":
        rows[0, 80:100] += 3
    elif way == "course":
        rows[0, 80:100] = 0.4 * np.sin(np.arange(80, 100) * 1.2)
    else:
        residuals[1, 80:100] += 2
    scores = comparison(Trace(rows, residuals, usual.seen, usual.codes).windows(np.arange(181), 20))
    assert abs(int(scores.argmax()) - 80) <= 8
    assert scores.max() > 3 > np.quantile(comparison(usual.windows(np.arange(181), 20)), 0.99)


def test_the_channel_that_differs_has_the_largest_share(comparison: WindowComparison) -> None:
    usual = made(200, 2)
    rows = usual.rows.copy()
    rows[1, 80:100] += 3
    shares = comparison.of_channels(
        Trace(rows, usual.residuals, usual.seen, usual.codes).windows(np.array([80]), 20)
    )
    assert shares.shape == (1, 2)
    assert shares[0, 1] > 0.8
    assert shares.sum() == pytest.approx(1)
