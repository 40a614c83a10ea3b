"""The variance of Poisson-Gaussian noise."""

from __future__ import annotations

import numpy as np

from narrows.evaluation.noise import Noise


def test_variance_of_counts_with_a_gain_and_an_offset() -> None:
    rng = np.random.default_rng(0)
    signal, gain, offset, read = 40.0, 3.0, 10.0, 2.0
    drawn = offset + gain * rng.poisson((signal - offset) / gain, 200_000) + rng.normal(0, read, 200_000)
    found = Noise(read, gain, offset).variance(np.array([signal]))[0]
    assert found == read**2 + gain * (signal - offset)
    assert abs(drawn.var() / found - 1) < 0.02
