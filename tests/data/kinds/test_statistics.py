from __future__ import annotations

import numpy as np
import pytest

from narrows.data.kinds.statistics import is_binary, is_counts, quartile_range, tail_length

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 1.0], [1.0, np.nan]]), True),
        (np.array([[0.0, 2.0]]), False),
        (np.array([[0, 255]], np.uint8), True),
        (np.array([[3, 3]], np.uint8), False),
        (np.array([[0.0, 0.5, 1.0]]), False),
    ],
)
def test_binary_values_are_two(values: np.ndarray, expected: bool) -> None:
    assert is_binary(values) is expected


def test_counts_are_whole_with_zeros_and_no_ceiling() -> None:
    counts = RNG.poisson(1.0, (500, 4)).astype(float)
    assert is_counts(counts)
    assert not is_counts(counts + 0.5)
    assert not is_counts(counts - 1)
    assert not is_counts(counts + 1)
    assert not is_counts(np.minimum(counts, 1))
    assert not is_counts(counts.astype(np.uint8))


def test_the_quartile_range_is_by_column_and_passes_over_missing_cells() -> None:
    x = np.column_stack([np.arange(101.0), 10 * np.arange(101.0)])
    x[100] = np.nan
    np.testing.assert_allclose(quartile_range(x), [49.5, 495.0])
    assert quartile_range(np.arange(24.0).reshape(2, 3, 4)).shape == (1,)


def test_the_tail_is_counted_in_quartile_ranges_from_the_median() -> None:
    x = np.arange(101.0)[:, None]
    assert tail_length(x) == pytest.approx(1.0)
    x[0] = -950.0
    assert tail_length(x) == pytest.approx(20.0)
    assert tail_length(np.ones((9, 1))) == 0
