from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.datasets import make_swiss_roll

from narrows.data.datasets import DATASETS, Idx, load
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.evaluation import near_duplicates
from narrows.evaluation.near_duplicates import Copies, find_copies, has_gap

Floats = NDArray[np.float64]


def found(values: NDArray[Any], seed: int = 0) -> Copies:
    """What is said of the parts that a fit would make of `values`."""
    parts = split(len(values), seed=seed)
    assert parts.held_out is not None
    data = as_data(values)
    arranged = data.schema.arrange(data.array)
    scaling = data.schema.choose(arranged[parts.train]).scaling
    scaled = scaling(torch.as_tensor(arranged)).flatten(1).float().numpy()
    return find_copies(scaled[parts.train], scaled[parts.held_out])


def copied(parents: NDArray[Any], times: int, noise: float) -> Floats:
    """Each parent `times` times, with noise in units of the parents' spread."""
    rows = np.repeat(parents.astype(float), times, axis=0)
    return rows + noise * parents.std() * np.random.default_rng(1).standard_normal(rows.shape)


DIGITS = load("digits").array


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.05, 0.1])
@pytest.mark.parametrize(("parents", "times"), [(40, 50), (200, 5)])
def test_noisy_copies_of_digits_are_found(parents: int, times: int, noise: float) -> None:
    seen = found(copied(DIGITS[:parents], times, noise))
    assert seen.copied
    assert seen.near > (0.9 if noise < 0.1 else 0.1) * seen.looked_at
    assert (seen.same > 0) == (noise == 0)


def test_copies_of_a_tenth_of_the_rows_are_found() -> None:
    mixed = np.concatenate([DIGITS, copied(DIGITS[:200], 1, 0.02)])
    assert found(mixed).copied


def test_copies_of_short_rows_are_found() -> None:
    rows = np.random.default_rng(0).standard_normal((200, 8))
    assert found(copied(rows, 5, 0.05)).near > 0.8 * 100


HEALTHY = [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)]


@pytest.mark.parametrize("name", HEALTHY)
def test_bundled_sets_hold_no_copies_whatever_the_split(name: str) -> None:
    values = load(name).array
    assert not any(found(values, seed).finding for seed in range(5))


def smooth(dimensions: int, n: int) -> Floats:
    rng = np.random.default_rng(dimensions)
    return np.sin(rng.uniform(-1, 1, (n, dimensions)) @ rng.standard_normal((dimensions, 20)) + np.arange(20))


@pytest.mark.parametrize("n", [200, 2000, 20_000])
@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
def test_smooth_data_without_noise_hold_no_copies(dimensions: int, n: int) -> None:
    seen = found(smooth(dimensions, n))
    assert seen.near <= 0.05 * seen.looked_at


def ordinary(rng: np.random.Generator, n: int) -> dict[str, NDArray[Any]]:
    def one_hot(k: int) -> Floats:
        return np.eye(k)[rng.integers(0, k, n)]

    return {
        "swiss roll": make_swiss_roll(n, random_state=0)[0],
        "integers": rng.integers(0, 10, (n, 4)),
        "rounded": np.rint(30 * rng.standard_normal((n, 3))),
        "heavy tails": rng.standard_cauchy((n, 3)),
        "a row of switches": rng.integers(0, 2, (n, 5)),
        "switches and a number": np.c_[rng.integers(0, 2, (n, 5)), rng.standard_normal(n)],
        "steps and a number": np.c_[rng.integers(0, 5, (n, 3)), rng.standard_normal(n)],
        "categories and numbers": np.c_[one_hot(4), one_hot(3), rng.standard_normal((n, 2))],
        "holes": np.where(rng.random((n, 8)) < 0.3, np.nan, rng.standard_normal((n, 8))),
        "counts": rng.poisson(0.3, (n, 20)),
        "a constant": np.ones((n, 3)),
    }


@pytest.mark.parametrize("kind", ordinary(np.random.default_rng(0), 10))
@pytest.mark.parametrize("n", [30, 200, 2000])
def test_ordinary_data_hold_no_copies(kind: str, n: int) -> None:
    seen = found(ordinary(np.random.default_rng(n), n)[kind])
    assert not seen.copied


@pytest.mark.parametrize("n", [3, 4, 7])
def test_a_handful_of_rows_is_no_reason_to_warn(n: int) -> None:
    assert found(np.random.default_rng(0).random((n, 3))).finding is None


def test_a_gap_counts_by_its_chance_in_the_local_dimension() -> None:
    """The same ratio of distances is chance on a line, and none in ten dimensions."""
    ranks = np.arange(1.0, 129)[None]
    for dimension, expected in ((1, False), (10, True)):
        distances = ranks ** (1 / dimension) / 1000
        distances[:, 0] = distances[:, 1] / 4
        assert has_gap(distances, np.ones(1)).tolist() == [expected]
    assert has_gap(distances, distances[:, 0]).tolist() == [False], "as far as the median"


def test_wide_and_long_data_are_looked_through_with_little_memory() -> None:
    wide = np.random.default_rng(0).standard_normal((300, 20_000)).astype(np.float32)
    seen = find_copies(wide[:200], np.concatenate([wide[200:], wide[:50] + 0.01]))
    assert 200 <= LIMIT_AT_20_000 == 204
    assert (seen.looked_at, seen.near, seen.same) == (150, 50, 0)


LIMIT_AT_20_000 = 500 * 8192 // 20_000


@pytest.mark.parametrize(("width", "looked_at"), [(30, 200), (16384, 100), (10**5, 50)])
def test_fewer_wide_rows_are_examined(monkeypatch: pytest.MonkeyPatch, width: int, looked_at: int) -> None:
    monkeypatch.setattr(near_duplicates, "LOOKED_AT", 200)
    rows = np.random.default_rng(0).standard_normal((210, width)).astype(np.float32)
    assert find_copies(rows[:5], rows[5:]).looked_at == looked_at
