"""Calibration on held-out rows: p-values are uniform, and thresholds flag the requested share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, kstest

from narrows.core.errors import InputError
from narrows.tasks.anomalies.conformal import p_values, threshold


def test_p_values_of_exchangeable_rows_are_uniform() -> None:
    """Over many draws of 19 held-out rows and a fresh one, each of 20 values is as likely."""
    rng = np.random.default_rng(0)
    found = np.array([p_values(rng.standard_normal(1), rng.standard_normal(19))[0] for _ in range(4000)])
    assert set(np.round(found * 20).astype(int)) == set(range(1, 21))
    assert kstest(found - rng.uniform(0, 1 / 20, 4000), "uniform").pvalue > 0.01


@pytest.mark.parametrize("expect", [0.1, 0.01, 0.0])
def test_the_requested_share_is_flagged_within_sampling_error(expect: float) -> None:
    rng = np.random.default_rng(1)
    n, fresh, outside = 300, 1000, 0
    for _ in range(200):
        held_out, rows = rng.exponential(size=n), rng.exponential(size=fresh)
        above = max(1, int(expect * (n + 1)))
        low, high = betabinom.interval(0.95, fresh, above, n + 1 - above)
        outside += not low <= (rows > threshold(held_out, expect).score).sum() <= high
    assert outside <= 22


def test_below_the_smallest_p_value_the_threshold_is_the_largest_score() -> None:
    held_out = np.arange(99.0)
    assert threshold(held_out, 0.01) == (98.0, False)
    assert threshold(held_out, 0.009) == (98.0, True)
    assert threshold(held_out, 0.0) == (98.0, True)
    assert threshold(held_out, 1.0).score == 0.0


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.floats(0, 1), st.integers(0, 30))
def test_the_threshold_flags_the_same_rows_as_the_p_values(
    held_out: list[int], expect: float, score: int
) -> None:
    known = np.array(held_out, dtype=np.float64)
    cut = threshold(known, expect)
    p = p_values(np.array([float(score)]), known)[0]
    if cut.largest:
        assert (score > cut.score) == (score > known.max())
    elif abs(p - expect) > 1e-6 and expect < 1:
        assert (score > cut.score) == (p <= expect)


def test_shares_are_between_0_and_1() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        threshold(np.ones(3), 1.5)
