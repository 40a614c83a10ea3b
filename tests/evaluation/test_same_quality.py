"""Ratios of bits at the same quality."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.codec_bytes import Made
from narrows.evaluation.errors import Floats
from narrows.evaluation.same_quality import at_mean_error, combined, elasticity, interval

RNG = np.random.default_rng(0)


def made(bits: Floats, error: float = 1.0) -> Made:
    return Made(bits, error * np.ones(len(bits)))


def test_the_elasticity_is_the_exponent_of_a_power_law() -> None:
    bits = RNG.uniform(1, 2, 9)
    assert elasticity([made(bits * s**-0.7, s) for s in (4.0, 2.0, 1.0)]) == pytest.approx(0.7)
    assert elasticity([made(bits)]) == 0


def test_a_method_that_takes_a_share_of_every_part_has_that_ratio_for_certain() -> None:
    bits = [RNG.uniform(1, 9, 30) for _ in range(3)]
    low, high = interval([made(0.8 * each) for each in bits], [made(each) for each in bits], np.ones(30))
    assert low == pytest.approx(0.8)
    assert high == pytest.approx(0.8)


def test_bits_at_the_mean_error_are_those_that_a_power_law_gives() -> None:
    """A resample of parts takes bits · (error / mean error)^slope at the mean error."""
    bits, squared = RNG.uniform(1, 2, 400), RNG.uniform(0.9, 1.1, 400)
    found = at_mean_error(Made(bits, squared), np.ones(400), 0.5)
    assert found.sum() == pytest.approx(bits.sum())
    some = RNG.integers(0, 400, 400)
    wanted = bits[some].sum() * (squared[some].mean() / squared.mean()) ** 0.5
    assert found[some].sum() == pytest.approx(wanted, rel=1e-3)


def test_parts_together_sum_to_the_geometric_mean() -> None:
    assert combined([np.array([1.0, 1.0]), np.array([2.0, 6.0])]).sum() == pytest.approx(4.0)


def test_the_interval_covers_the_ratio_of_all_images() -> None:
    """In 90 of 100 samples of 30 images at the least, where errors and bits vary."""
    covered = 0
    for _ in range(100):
        size = RNG.gamma(2, 1, 30)
        ours, theirs = (size * RNG.lognormal(0, 0.2, 30) for _ in range(2))
        low, high = interval([made(0.9 * ours)], [made(theirs)], np.ones(30))
        covered += low <= 0.9 <= high
    assert covered >= 90
