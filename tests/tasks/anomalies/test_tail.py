"""The surprise of a value: its share in the sample, the tail beyond it, and anomalies in the sample."""

from __future__ import annotations

import numpy as np

from narrows.tasks.anomalies.tail import Tail

RNG = np.random.default_rng(0)


def outside(n: int) -> np.ndarray:
    return np.zeros(n, dtype=np.bool_)


def test_within_the_sample_it_is_the_logarithm_of_the_share() -> None:
    logs = RNG.standard_normal(200)
    tail, values = Tail(logs), np.array([-3.0, -0.5, 0.0, 0.7])
    shares = (1 + (logs >= values[:, None]).sum(axis=1)) / 201
    np.testing.assert_allclose(np.exp(-tail.surprise(values, outside(4))), shares)


def test_a_value_of_the_sample_is_compared_with_the_others() -> None:
    logs = RNG.standard_normal(50)
    middle = np.sort(logs)[20:30]
    found = Tail(logs).surprise(middle, np.ones(10, dtype=np.bool_))
    for value, surprise in zip(middle, found, strict=True):
        others = logs[logs != value]
        np.testing.assert_allclose(np.exp(-surprise), (1 + (others >= value).sum()) / 50)


def test_beyond_the_sample_it_is_that_of_the_distribution() -> None:
    """The share of a Pareto distribution with exponent 2 above x is 1 / x²."""
    tail = Tail(RNG.exponential(0.5, 20_000))
    values = np.log([10.0, 100.0, 1e4])
    np.testing.assert_allclose(tail.surprise(values, outside(3)), 2 * values, rtol=0.1)


def test_a_few_anomalies_in_the_sample_hardly_change_it() -> None:
    logs = RNG.exponential(0.5, 2000)
    values, none = np.log([5.0, 50.0]), outside(2)
    clean, spoilt = Tail(logs), Tail(np.concatenate([logs, np.full(40, 20.0)]))
    np.testing.assert_allclose(spoilt.surprise(values, none), clean.surprise(values, none), rtol=0.3)


def test_it_rises_with_the_value_for_any_sample() -> None:
    for logs in (np.zeros(1), np.zeros(30), np.array([0.0, 1.0]), RNG.standard_normal(7)):
        found = Tail(logs).surprise(np.linspace(-3, 5, 50), outside(50))
        assert np.isfinite(found).all()
        assert (np.diff(found) >= 0).all()
        assert (found >= 0).all()
