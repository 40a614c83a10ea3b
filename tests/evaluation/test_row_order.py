from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.data.datasets import DATASETS, Idx, load
from narrows.evaluation.row_order import RowOrder, distances, find_order, median_ratio, pairs_of_rows

Floats = NDArray[np.float64]


def found(values: NDArray[Any]) -> RowOrder:
    """What is found in `values (n, …)`, standardised."""
    rows = values.reshape(len(values), -1).astype(np.float64)
    spread = np.nanstd(rows, axis=0)
    rows = (rows - np.nanmean(rows, axis=0)) / np.where(spread > 0, spread, 1)
    return find_order(len(rows), rows.shape[1], lambda index: rows[index])


def recording(minutes: float, noise: float, fastest: float, seed: int = 0) -> Floats:
    """Four channels at 64 Hz: sums of oscillations up to `fastest` Hz, and noise in units of their spread."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(64 * 60 * minutes))[:, None, None] / 64
    waves = np.sin(2 * np.pi * t * rng.uniform(0.05, fastest, (3, 3)) + rng.uniform(0, 7, (3, 3)))
    channels = waves.sum(axis=2) @ rng.standard_normal((3, 4))
    return channels / channels.std(axis=0) + noise * rng.standard_normal(channels.shape)


def autoregressive(memory: float, n: int = 4000) -> Floats:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 3))
    for i in range(1, n):
        x[i] += memory * x[i - 1]
    return x


@pytest.mark.parametrize("minutes", [5, 20])
@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("fastest", [0.3, 1.5, 5.0])
def test_recordings_at_64_hz_are_found(minutes: float, noise: float, fastest: float) -> None:
    rows = recording(minutes, noise, fastest)
    seen = found(rows)
    assert seen.finding is not None
    assert seen.shared > 0.6 / (1 + noise**2)
    assert found(np.random.default_rng(1).permutation(rows)).finding is None


@pytest.mark.parametrize("memory", [0.3, 0.6, 0.9])
def test_the_share_is_the_correlation_of_neighbours(memory: float) -> None:
    """In an autoregression of order 1 a row correlates with the next by its coefficient."""
    assert found(autoregressive(memory)).shared == pytest.approx(memory, abs=0.1)


@pytest.mark.parametrize("n", [100, 400, 4000])
def test_a_random_walk_is_found(n: int) -> None:
    assert found(np.random.default_rng(0).standard_normal((n, 3)).cumsum(axis=0)).finding is not None


def test_visits_of_patients_in_turn_are_found() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.standard_normal((200, 5)), 10, axis=0) + 0.5 * rng.standard_normal((2000, 5))
    assert found(rows).finding is not None


RNG = np.random.default_rng(0)
CLASS = np.sort(RNG.integers(0, 10, 2000))
PLANE = RNG.standard_normal((2000, 2)) @ RNG.standard_normal((2, 4)) + 0.3 * RNG.standard_normal((2000, 4))

IN_NO_ORDER: dict[str, NDArray[Any]] = {
    "normal": RNG.standard_normal((500, 3)),
    "one column": RNG.standard_normal((500, 1)),
    "heavy tails": RNG.standard_cauchy((500, 3)),
    "rare counts": RNG.poisson(0.1, (500, 3)),
    "sorted by ten classes": 3 * RNG.standard_normal((10, 4))[CLASS] + RNG.standard_normal((2000, 4)),
    "sorted by a column": PLANE[np.argsort(PLANE[:, 0])],
    "only a sorted column": np.sort(RNG.standard_normal((500, 1)), axis=0),
    "a row number": np.c_[np.arange(500), RNG.standard_normal((500, 1))],
    "all the same": np.ones((500, 3)),
    "few rows": RNG.standard_normal((79, 2)).cumsum(axis=0),
    "holes": np.where(RNG.random((500, 3)) < 0.5, np.nan, RNG.standard_normal((500, 3))),
}


@pytest.mark.parametrize("name", IN_NO_ORDER)
def test_other_rows_are_not_warned_of(name: str) -> None:
    assert found(IN_NO_ORDER[name]).finding is None


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)])
def test_the_bundled_sets_are_not_warned_of(name: str) -> None:
    assert found(load(name).array).finding is None


def test_shuffled_rows_are_hardly_ever_warned_of() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        assert found(rng.permutation(autoregressive(0.9, 100 + 3 * seed))).finding is None


def test_the_ratio_is_one_on_average_over_all_pairings() -> None:
    """Every pair of the four rows occurs equally often in the three pairings."""
    squares = distances(np.random.default_rng(0).standard_normal((1, 4, 3)))
    pairings = np.array([[[0, 1, 2, 3]], [[0, 2, 1, 3]], [[0, 3, 1, 2]]])
    assert np.mean([median_ratio(squares, order) for order in pairings]) == pytest.approx(1)


def test_distances_are_euclidean() -> None:
    rows = 1e6 + np.random.default_rng(0).standard_normal((2, 5, 3))
    expected = ((rows[:, :, None] - rows[:, None]) ** 2).sum(axis=3)
    np.testing.assert_allclose(distances(rows), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("n", "values"), [(80, 1), (123, 3), (1000, 10), (10**6, 10), (5000, 10**5)])
def test_pairs_lie_within_their_stretch(n: int, values: int) -> None:
    index = pairs_of_rows(n, values)
    assert (index[..., 1] - index[..., 0] == 1).all()
    flat = index.reshape(-1)
    assert (np.diff(flat) > 0).all()
    assert 0 <= flat[0] < flat[-1] < n
    borders = np.arange(len(index) + 1) * n // len(index)
    assert (index >= borders[:-1, None, None]).all()
    assert (index < borders[1:, None, None]).all()


def test_the_warning_has_the_numbers_and_the_options() -> None:
    finding = RowOrder(shared=0.85, deviations=30, stretch=384).finding
    assert finding is not None
    assert "85 % of the variance within 384 rows" in finding.evidence
    assert "--blocks 384" in finding.advice
    assert RowOrder(shared=0.14, deviations=30, stretch=384).finding is None
    assert RowOrder(shared=0.85, deviations=3, stretch=384).finding is None
