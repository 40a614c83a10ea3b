"""Filters at a strength that is chosen without a clean image."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.filters import FILTERS
from narrows.evaluation.j_invariance import calibrated, hidden_error
from narrows.evaluation.noise import Noise
from tests.samples import shapes

CLEAN = shapes(96, 96, 1)


@pytest.mark.parametrize(
    ("name", "std"),
    [("gaussian", 0.05), ("gaussian", 0.2), ("median", 0.05), ("median", 0.2), ("wavelet", 0.2)],
)
def test_the_strength_is_nearly_the_best(name: str, std: float) -> None:
    x = CLEAN + std * np.random.default_rng(0).standard_normal(CLEAN.shape)
    how = FILTERS[name]
    best = min(((how.use(x, std, each) - CLEAN) ** 2).mean() for each in how.strengths)
    assert ((calibrated(how, x, Noise(std)) - CLEAN) ** 2).mean() < 1.3 * best


def test_a_filter_that_returns_its_input_is_not_rewarded() -> None:
    """The difference of identity is that of the mean of the neighbours, not 0."""
    x = np.random.default_rng(0).standard_normal((1, 80, 80))
    found = hidden_error(FILTERS["median"], x, 1.0, 1)
    assert found == pytest.approx(1.25, rel=0.1)


def test_counts_are_filtered_on_the_scale_of_equal_variance() -> None:
    counts = np.random.default_rng(0).poisson(2.0, (1, 120, 120)).astype(float)
    assert calibrated(FILTERS["wavelet"], counts, Noise(0.0, gain=1.0)).mean() == pytest.approx(2.0, abs=0.05)
