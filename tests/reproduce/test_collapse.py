from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.collapse import STRONG, WEAK, Collapse, count_inactive, effective_digits
from narrows.reproduce.findings import Estimate, exact
from narrows.reproduce.lab import Lab


def test_frequent_digits_count_more() -> None:
    assert effective_digits(np.arange(10)) == pytest.approx(10)
    assert 1 < effective_digits(np.array([0] * 9 + [1])) < 2


def test_dimensions_with_a_constant_code_are_inactive(lab: Lab) -> None:
    run, images = lab.fit("y5"), lab.digits.held_out.array
    assert count_inactive(run, images) <= 20
    assert count_inactive(run, images[:1]) == 20


@pytest.mark.parametrize(
    ("weak", "strong", "digits", "outcomes"),
    [
        (exact(0), exact(20), exact(2), [True, True, True]),
        (exact(12), exact(8), exact(9), [False, False, False]),
        (exact(0), Estimate(11, 9, 13), exact(2), [True, None, True]),
    ],
)
def test_both_kinds_of_collapse_are_checked(
    weak: Estimate, strong: Estimate, digits: Estimate, outcomes: list[bool | None]
) -> None:
    found = Collapse({WEAK: weak, STRONG: strong}, {WEAK: exact(9), STRONG: digits}, ())
    assert [check.outcome for check in found.checks()] == outcomes
    assert f"{strong.value:g}" in found.sentences()[0]
