from __future__ import annotations

import json

import numpy as np
import pytest

from narrows.evaluation.outlying import OutlyingRows, outlying, without


def skewed(n: int = 200) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(0).lognormal(0, 1, n)


def test_one_row_that_holds_most_is_found_in_any_of_the_amounts() -> None:
    wild = skewed()
    wild[7] = 1e6
    np.testing.assert_array_equal(outlying(wild), [7])
    np.testing.assert_array_equal(outlying(skewed(), wild), [7])


def test_rows_behind_a_larger_one_are_found_too() -> None:
    wild = skewed()
    wild[[3, 50, 120]] = 1e12, 1e8, 1e4
    np.testing.assert_array_equal(outlying(wild), [3, 50, 120])


@pytest.mark.parametrize("n", [1, 2, 5, 20, 200, 5000])
def test_skewed_errors_have_none(n: int) -> None:
    assert not len(outlying(skewed(n), skewed(n)[::-1]))
    assert not len(outlying(np.ones(n)))
    assert not len(outlying(np.zeros(n)))


def test_many_wild_rows_are_no_outliers() -> None:
    wild = skewed()
    wild[:20] = 1e6
    assert not len(outlying(wild))


def test_of_few_rows_one_may_outlie() -> None:
    np.testing.assert_array_equal(outlying(np.array([1.0, 1, 1, 1e3])), [3])
    assert not len(outlying(np.array([1.0, 1, 1, 10])))


def test_rows_are_left_out_of_all_arrays() -> None:
    kept = without(np.array([1]), np.arange(3), None, np.eye(3))
    np.testing.assert_array_equal(kept[0], [0, 2])
    assert kept[1] is None
    assert kept[2].shape == (2, 3)


def test_the_words_follow_number_and_share() -> None:
    one, two = OutlyingRows(("row 3",), 0.991, 0.2), OutlyingRows(("row 3", "row 4"), 0.1, 0.9)
    assert (str(one), one.it, one.s, one.shares) == ("row 3", "it", "s", "99.1 % of the error")
    assert (str(two), two.it, two.s, two.shares) == (
        "row 3, row 4",
        "them",
        "",
        "90 % of the error of the yardstick",
    )
    assert OutlyingRows.from_json(json.loads(json.dumps(two.to_json()))) == two
