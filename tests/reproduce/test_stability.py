from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import TrainingError
from narrows.reproduce import stability
from narrows.reproduce.lab import Lab, train_run
from narrows.reproduce.stability import Design, Trainings, difference_of_shares, over_rates, ratio_of_spreads


def test_trainings_no_better_than_the_mean_image_are_failures(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "train_run", lambda *args: train_run(*args[:4], 1, args[5]))
    assert over_rates(lab, {}, Design(200, 2, 1, (1e-9,))).failures == 2


def test_a_training_that_stops_is_a_failure(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: object) -> None:
        raise TrainingError("The loss is nan.")

    monkeypatch.setattr(stability, "train_run", stop)
    found = over_rates(lab, {}, Design(200, 2, 1, (1.0,)))
    assert (found.failures, found.errors.tolist()) == (2, [[np.inf, np.inf]])


def test_an_error_that_is_not_a_number_is_a_failure() -> None:
    assert Trainings(np.array([[0.1, np.nan, 0.3]]), 0.2).failed.tolist() == [[False, True, True]]


def test_the_interval_of_a_ratio_of_spreads_holds_the_true_ratio(rng: np.random.Generator) -> None:
    scale = np.array([[1.0], [5.0]])
    inside = 0
    for _ in range(200):
        first, second = (np.exp(0.01 * s * scale * rng.standard_normal((2, 10))) for s in (2, 1))
        ratio = ratio_of_spreads(first, second)
        inside += ratio.low <= 2 <= ratio.high
    assert 180 <= inside <= 200


def test_the_ratio_of_spreads_does_not_depend_on_the_size_of_the_errors(rng: np.random.Generator) -> None:
    first, second = np.exp(0.1 * rng.standard_normal((2, 3, 10)))
    same, scaled = ratio_of_spreads(first, second), ratio_of_spreads(7 * first, second)
    assert scaled.value == pytest.approx(same.value)
    assert (same.low, same.high) == pytest.approx((scaled.low, scaled.high))


def test_the_interval_of_a_difference_of_shares_is_newcombes() -> None:
    found = difference_of_shares(56, 48, 70)  # Newcombe 1998, table II, has 56/70 and 48/80
    other = difference_of_shares(9, 3, 10)  # and 9/10 and 3/10: 0.1705 to 0.8090
    assert found.low < 8 / 70 < found.high
    assert (other.low, other.high) == pytest.approx((0.1705, 0.8090), abs=1e-4)
    assert difference_of_shares(0, 0, 50).low == -difference_of_shares(0, 0, 50).high
