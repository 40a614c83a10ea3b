from __future__ import annotations

import numpy as np

from narrows.tasks.anomalies.likelihood_ratio import log_ratio


def test_the_ratio_of_two_normal_densities_is_estimated() -> None:
    """log N(x; 1, 1) - log N(x; 0, 1) = x - 1/2, whatever the sizes of the samples."""
    rng = np.random.default_rng(0)
    x, others = rng.normal(0, 1, (4000, 1)), rng.normal(1, 1, (20_000, 1))
    usual = np.abs(x[:, 0]) < 2
    np.testing.assert_allclose(log_ratio(x, others)[usual], x[usual, 0] - 0.5, atol=0.25)


def test_a_difference_of_spread_is_found() -> None:
    rng = np.random.default_rng(1)
    x, others = rng.normal(0, 1, (4000, 1)), rng.normal(0, 2, (4000, 1))
    found = log_ratio(x, others)
    assert found[np.abs(x[:, 0]).argmax()] > 0 > found[np.abs(x[:, 0]).argmin()]
