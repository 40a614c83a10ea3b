from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.few_labels.measures import interval, measured, rarest_class


def test_never_to_name_a_rare_class_is_accurate_and_found_out() -> None:
    y = np.repeat([0, 1], [97, 3])
    found = measured(np.tile([0.9, 0.1], (100, 1)), y, 1)
    assert found == {"accuracy": 0.97, "balanced": 0.5, "recall": 0.0, "auc": 0.5}
    assert measured(np.tile([0.9, 0.1], (100, 1)), y, None) == {"accuracy": 0.97}


def test_the_auc_is_the_share_of_pairs_in_order() -> None:
    rare = np.array([0.1, 0.4, 0.2, 0.3])
    found = measured(np.stack([1 - rare, rare], axis=1), np.array([0, 0, 1, 1]), 1)
    assert found["auc"] == 0.5
    assert found["balanced"] == 0.5


def test_a_class_is_rare_below_half_of_an_equal_share() -> None:
    every = np.array([0, 1, 2])
    assert rarest_class(np.repeat(every, [50, 34, 16]), every, 3) == 2
    assert rarest_class(np.repeat(every, [50, 33, 17]), every, 3) is None
    assert rarest_class(np.repeat([-1, 0, 1], [50, 40, 4]), every, 2) == 1


def test_a_class_that_no_row_is_judged_on_is_not_the_rarest() -> None:
    y = np.repeat([0, 1, 2], [90, 8, 2])
    assert rarest_class(y, np.array([0, 1, 0]), 3) == 1
    assert rarest_class(y, np.array([2, 2]), 3) is None


def test_an_interval_follows_students_t() -> None:
    low, high = interval(np.array([0.4, 0.5, 0.6])) or (0, 0)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert interval(np.ones(1)) is None


def test_an_interval_of_shares_is_within_0_and_1() -> None:
    assert interval(np.array([0.6, 0.9])) == [0.0, 1.0]
