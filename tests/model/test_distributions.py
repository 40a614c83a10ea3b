"""Frequencies of whole numbers: they grow, follow their formula, and are the same in each process."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.special import expit, ndtr
from scipy.stats import poisson

from narrows.model.distributions import (
    MOST_WEIGHT,
    PER_UNIT,
    REACH,
    ROOTS,
    UNIT,
    Alphabet,
    Binned,
    Counted,
    Distribution,
    Integers,
    Listed,
    Reals,
    Uniform,
    bits_for,
    logistic,
    looked_up,
    normal,
    on_grid,
    shares,
)

RNG = np.random.default_rng(0)


def mixture(levels: int, n: int = 7) -> Binned:
    means, rates = on_grid(RNG.normal(0.5, 0.3, (n, 3)), 1024), on_grid(RNG.uniform(1, 400, (n, 3)), 16)
    weights = shares(RNG.dirichlet(np.ones(3), n))
    return Binned(Alphabet(levels, lambda v: (v - 0.5) / levels), logistic(), means, rates, weights)


def counted(levels: int, means: Reals, lowest: int = 0) -> Counted:
    return Counted(Alphabet(levels, lambda v: v - 0.5), lambda v: v + lowest, means)


EVERY: list[Distribution] = [
    Uniform(7, 5),
    Uniform(7, 1),
    Listed(np.array([3, 1, 9])),
    Listed(RNG.integers(1, 50, (7, 11))),
    *(mixture(levels) for levels in (2, 256, 65_536, 1000)),
    *(counted(levels, RNG.uniform(0, levels, 7)) for levels in (1, 30, 65_536)),
]
EVERY[2].n = 7


@pytest.mark.parametrize("distribution", EVERY, ids=lambda each: f"{type(each).__name__}-{each.depth}")
def test_frequencies_begin_at_0_and_grow(distribution: Distribution) -> None:
    levels = distribution.levels  # type: ignore[attr-defined]
    ends = np.array([distribution.below(np.full(7, value)) for value in range(min(levels, 300) + 1)])
    assert (ends[0] == 0).all()
    assert (np.diff(ends, axis=0) >= 1).all()
    whole, beyond = (distribution.below(np.full(7, v)) for v in (levels, 2**distribution.depth))
    assert (whole == beyond).all()
    assert (whole < 2**53).all()


@pytest.mark.parametrize("lowest", [0, 40])
def test_frequencies_of_counts_are_those_of_poisson(lowest: int) -> None:
    means = (np.array([1, 17, 32, 53, 251, 960, 6400]) / ROOTS) ** 2
    levels = 60_000
    found = counted(levels, means, lowest)
    whole = found.below(np.full(7, levels))
    for count in (0, 1, 2, 5, 60, 70, 880, 950, 39_900, 40_300):
        share = found.below(np.full(7, count)) / whole
        assert share == pytest.approx(poisson.cdf(count + lowest - 1, means) * (count > 0), abs=3e-4)


def test_rounding_the_means_of_counts_costs_little() -> None:
    means = np.exp(RNG.uniform(-4, 10, 2000))
    drawn = RNG.poisson(means, (20, 2000))
    found = counted(60_000, means)
    each = np.array([found.below(row + 1) - found.below(row) for row in drawn])
    nats = -np.log(each / found.below(np.full(2000, 60_000)))
    assert (nats + poisson.logpmf(drawn, means)).mean() < 2e-3


@pytest.mark.parametrize(("table", "formula"), [(logistic, expit), (normal, ndtr)])
def test_the_tables_follow_their_formulas(table: object, formula: object) -> None:
    t = RNG.uniform(-30, 30, 10_000)
    wanted = formula(np.clip(t, -REACH, REACH))  # type: ignore[operator]
    assert np.abs(looked_up(table(), t) / UNIT - wanted).max() < 2e-6  # type: ignore[operator]


@pytest.mark.parametrize(("table", "formula"), [(logistic, expit), (normal, ndtr)])
def test_no_entry_of_a_table_is_near_a_tie(table: object, formula: object) -> None:
    """Another machine's exp differs by a few units in the last place, which does not change an entry."""
    exact = formula(np.arange(-REACH * PER_UNIT, 0) / PER_UNIT) * UNIT  # type: ignore[operator]
    assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e3 * np.finfo(float).eps * UNIT / 64


def test_the_tables_are_those_that_files_were_written_with() -> None:
    sums = [hashlib.sha256(table().astype("<i8").tobytes()).hexdigest()[:16] for table in (logistic, normal)]
    assert sums == ["69e0cc99fb6be445", "6c2005ce81a31fa1"]


def test_a_mixture_has_the_probabilities_of_its_formula() -> None:
    mixed = mixture(256)
    ends = np.array([mixed.below(np.full(7, v)) for v in range(257)]) / mixed.below(np.full(7, 256))
    w = mixed.weights / mixed.weights.sum(axis=1, keepdims=True)
    for value in (1, 100, 255):
        t = ((value - 0.5) / 256 - mixed.means) * mixed.rates
        assert ends[value] == pytest.approx((w * expit(t)).sum(axis=1), abs=1e-3)


def test_shares_are_whole_and_never_too_many() -> None:
    p = np.concatenate([RNG.dirichlet(np.full(5, 0.1), 1000), [[1, 0, 0, 0, 0]]])
    found = shares(p)
    assert found.min() >= 1
    assert found.sum(axis=1).max() <= MOST_WEIGHT
    assert np.abs(found / MOST_WEIGHT - p).max() < 0.002


def test_a_grid_hides_the_last_digits() -> None:
    x = RNG.normal(size=1000)
    assert (on_grid(x, 4096) == on_grid(x * (1 + 1e-15), 4096)).all()


def test_bits_are_enough_for_the_levels() -> None:
    found: list[int] = [bits_for(levels) for levels in range(1, 2000)]
    assert all(2**bits >= levels > 2**bits // 2 for bits, levels in zip(found, range(1, 2000), strict=True))


def test_listed_values_may_share_their_frequencies() -> None:
    values: Integers = np.array([0, 1, 2, 2])
    assert (Listed(np.array([3, 1, 9]), 4).below(values) == [0, 3, 4, 4]).all()
