"""Grids are found from values, whatever type they are stored in."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.records import Grid
from narrows.data.regular_values import SAMPLE, at_places, places, regular
from narrows.data.schema import Array

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, 5000).astype(np.uint8)

CASES: dict[str, tuple[Array, float, int]] = {
    "bytes": (BYTES, 1, 256),
    "floats of whole numbers": (BYTES.astype(np.float64), 1, 256),
    "float16": (BYTES.astype(np.float16), 1, 256),
    "255ths": (BYTES / 255, 1 / 255, 256),
    "255ths of float32": (BYTES.astype(np.float32) / np.float32(255), 1 / 255, 256),
    "standardised": ((BYTES / 255 - 0.1307) / 0.3081, 1 / 255 / 0.3081, 256),
    "12 bits in the upper bits of 16": ((RNG.integers(0, 4096, 50_000) << 4).astype(np.uint16), 16, 4096),
    "signed": (BYTES.astype(np.int32) - 300, 1, 256),
    "hundredths": (RNG.integers(-999, 1000, 20_000) / 100, 0.01, 1999),
    "no neighbours": (np.array([0.0, 6.0, 10.0, 25.0]), 1, 26),
    "booleans": (BYTES > 100, 1, 2),
}


@pytest.mark.parametrize("case", CASES)
def test_the_largest_step_is_found(case: str) -> None:
    values, step, levels = CASES[case]
    found = regular(values)
    assert found is not None
    assert found.step == pytest.approx(step, rel=1e-6)
    assert found.levels == levels
    steps = places(found, values)
    assert steps is not None
    assert (steps.min(), steps.max()) == (0, levels - 1)
    near = at_places(found, steps) - values.astype(np.float64)
    assert np.abs(near).max() < 1e-5 * max(1.0, float(found.step * levels))


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=500),
        RNG.random(500).astype(np.float32),
        np.array([0.0, 1.0, 70_000.0]),
        np.array([3.0, 3.0]),
        np.array([0.0, 1.0, np.nan]),
    ],
    ids=["normal", "float32", "over 16 bits", "constant", "missing"],
)
def test_other_values_have_no_grid(values: Array) -> None:
    assert regular(values) is None


def test_all_values_count_and_not_only_the_sample() -> None:
    many = np.zeros(4 * SAMPLE)
    many[::4] = np.arange(SAMPLE) % 50 * 2
    assert regular(many) == Grid(0.0, 2.0, 50)
    many[1] = 121.0
    assert regular(many) == Grid(0.0, 1.0, 122)
    many[1] = 0.123456
    assert regular(many) is None


def test_whole_fractions_are_those_of_a_division() -> None:
    for per in (10, 100, 255, 1000):
        grid = regular(np.arange(per + 1) / per)
        assert grid is not None
        assert np.array_equal(at_places(grid, np.arange(per + 1)), np.arange(per + 1) / per)


def test_values_off_the_grid_have_no_place() -> None:
    assert places(Grid(0.0, 1.0, 5), np.array([7.0, -2.0])).tolist() == [7, -2]  # type: ignore[union-attr]
    assert places(Grid(0.0, 1.0, 5), np.array([0.5])) is None
