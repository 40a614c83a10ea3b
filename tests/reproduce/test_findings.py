from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.findings import Check, Estimate, Finding, at_least, at_most, mean_of, median_of

BELOW = at_most("error", 0.1, 0.2, "PCA")
ABOVE = at_most("error", 0.3, 0.2, "PCA")
UNCLEAR = at_most("error", Estimate(0.19, 0.1, 0.3), 0.2, "PCA")


@pytest.mark.parametrize(
    ("checks", "holds"),
    [
        ((BELOW,), True),
        ((BELOW, ABOVE), False),
        ((BELOW, UNCLEAR), None),
        ((UNCLEAR, ABOVE), False),
        ((), None),
    ],
)
def test_one_broken_bound_decides_and_an_unclear_one_leaves_it_open(
    checks: tuple[Check, ...], holds: bool | None
) -> None:
    finding = Finding({}, {}, checks, "So it is.")
    assert finding.holds is holds
    row = finding.to_json()
    assert row["holds"] is holds
    assert [check["outcome"] for check in row["checks"]] == [check.outcome for check in checks]


def test_a_statement_of_which_a_part_was_measured_is_not_said_to_hold() -> None:
    assert Finding({}, {}, (BELOW,), "So it is.", partly=True).holds is None
    assert Finding({}, {}, (ABOVE,), "So it is.", partly=True).holds is False


def test_the_bound_itself_is_kept_on_both_sides() -> None:
    assert at_most("error", 0.2, 0.2, "PCA").outcome
    assert at_least("accuracy", 0.2, 0.2, "chance").outcome


def test_a_value_that_is_not_a_number_breaks_any_bound() -> None:
    assert at_most("error", float("nan"), 1, "PCA").outcome is False
    assert at_least("error", mean_of([1.0, float("nan")]), 0, "PCA").outcome is False


def test_the_interval_of_a_mean_covers_it_in_95_of_100_samples() -> None:
    samples = np.random.default_rng(0).normal(3, 2, (2000, 5))
    inside = [mean.low <= 3 <= mean.high for mean in map(mean_of, samples.tolist())]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_a_median_goes_by_itself_alone_and_keeps_its_values() -> None:
    median = median_of([0.0421, 0.0360, 0.0366])
    assert (median.low, median.value, median.high) == (0.0366, 0.0366, 0.0366)
    assert median.values == (0.0421, 0.0360, 0.0366)
