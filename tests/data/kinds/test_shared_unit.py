from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

from narrows.data.kinds.shared_unit import shared_unit, without_gap

Floats = NDArray[np.float64]


def numbered(n: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(n))


def words(n: int) -> tuple[str, ...]:
    return tuple("abcdefghijklmnopqrstuvwxyz"[:n])


def spectra(n: int = 300, channels: int = 20) -> Floats:
    """Counts of dim and bright channels, some of them almost dark."""
    rng = np.random.default_rng(0)
    return rng.poisson(rng.uniform(0, 1, (n, 1)) * np.geomspace(0.01, 20, channels)).astype(float)


def traces(n: int = 200, points: int = 24) -> Floats:
    rng = np.random.default_rng(0)
    return np.sin(rng.uniform(0, 6, (n, 1)) + np.linspace(0, 4, points)) * np.linspace(1, 5, points)


@pytest.mark.parametrize("names", [numbered(20), words(20)])
def test_counts_of_similar_size_share_a_unit(names: tuple[str, ...]) -> None:
    assert shared_unit(spectra(), names).startswith("counts")


def test_a_few_columns_with_names_may_have_different_units() -> None:
    assert shared_unit(spectra()[:, 5:13], numbered(8))
    assert not shared_unit(spectra()[:, 5:13], words(8))


def test_counts_of_other_sizes_flags_and_ratings_have_different_units() -> None:
    x, rng = spectra(), np.random.default_rng(0)
    assert not shared_unit(np.c_[x, rng.poisson(1e4, len(x))], words(21)), "bytes beside packets"
    assert not shared_unit(np.c_[x, rng.integers(0, 2, (len(x), 9))], (*words(26), "aa", "ab", "ac"))


def test_series_and_pixels_share_a_unit_if_no_names_tell_otherwise() -> None:
    assert "neighbours" in shared_unit(traces(), numbered(24))
    assert not shared_unit(traces(), words(24))
    assert not shared_unit(np.random.default_rng(0).permutation(traces().T)[::7].T, numbered(4))
    digits = load_digits().data
    assert "pixels" in shared_unit(digits, load_digits().feature_names)
    shuffled = np.random.default_rng(0).permutation(digits.T).T
    assert "pixels" in shared_unit(shuffled, numbered(64)), "whatever the order of the pixels"


def test_missing_cells_change_nothing() -> None:
    for x in (spectra(), traces()):
        holes = np.where(np.random.default_rng(1).random(x.shape) < 0.05, np.nan, x)
        assert shared_unit(holes, numbered(x.shape[1])) == shared_unit(x, numbered(x.shape[1])) != ""


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_wine])
def test_measurements_of_different_units_do_not(load: object) -> None:
    x = load().data  # type: ignore[operator]
    assert not shared_unit(x, numbered(x.shape[1]))


def test_sensors_of_different_units_do_not_though_they_move_together() -> None:
    x = traces()
    x[:, ::3] *= 1000
    assert not shared_unit(x, numbered(24))


def test_a_gap_is_a_step_of_more_than_ten() -> None:
    assert without_gap(np.array([1, 100, 10, 1000.0]))
    assert not without_gap(np.array([1, 10, 101.0]))
