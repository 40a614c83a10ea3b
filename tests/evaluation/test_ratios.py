from __future__ import annotations

import json
import math

import numpy as np
import pytest

from narrows.evaluation.errors import Errors
from narrows.evaluation.ratios import Comparison, Methods, by_group, ratio_interval


def made(squared: list[float]) -> Errors:
    return Errors(np.array(squared), np.full(len(squared), 2.0))


def test_a_comparison_has_means_per_value_and_their_ratio() -> None:
    found = Comparison.of(Methods(made([2, 4]), made([4, 8]), made([8, 16])), None)
    assert (found.mse, found.yardstick_mse, found.mean_mse, found.ratio) == (1.5, 3, 6, 0.5)
    assert found.explained == (0.75, 0.5)


def test_without_a_yardstick_or_a_mean_no_share_is_known() -> None:
    assert Comparison.of(Methods(made([2, 4]), None, None), None).explained is None
    assert Comparison.of(Methods(made([2, 4]), made([1, 1]), made([0, 0])), None).explained is None


def test_a_comparison_comes_back_from_json() -> None:
    found = Comparison.of(Methods(made([2, 4]), made([0, 0]), made([8, 16])), None)
    assert found.ratio == math.inf
    assert Comparison.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_errors_of_a_group_are_added() -> None:
    np.testing.assert_array_equal(by_group(np.array([1.0, 2, 4]), np.array([7.0, 3, 7])), [2, 5])


def test_the_interval_of_equal_ratios_is_a_point() -> None:
    assert ratio_interval(np.ones(9), np.full(9, 2.0)) == pytest.approx((0.5, 0.5))
