from __future__ import annotations

import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.stacked import NONE, ONE, PCA, S2, THREE, checks, relative

ERRORS = {ONE: [0.2, 0.4, 0.1], THREE: [0.3, 0.1, 0.09], PCA: [0.3, 0.3, 0.3]}


def test_networks_are_compared_seed_by_seed_and_by_the_median() -> None:
    found = relative(ERRORS, THREE, ONE)
    assert found.values == pytest.approx((1.5, 0.25, 0.9))
    assert found.value == pytest.approx(0.9)


def test_a_network_that_was_trained_is_checked_beside_its_yardstick() -> None:
    assert [check.outcome for check in checks(ERRORS)] == [True, True]
    assert [check.outcome for check in checks({**ERRORS, ONE: [0.1, 0.1, 0.1]})] == [True, True]
    assert [check.outcome for check in checks({**ERRORS, ONE: [0.08, 0.09, 0.4]})] == [True, False]
    assert len(checks({ONE: [0.2], PCA: [0.3]})) == 1


def test_each_network_has_a_number(lab: Lab) -> None:
    finding = S2.measure(lab)
    assert all(f"error, {name}" in finding.measured for name in (NONE, ONE))
    assert finding.checks
    assert finding.sentence.endswith(".")
    assert "nan" not in finding.sentence.lower()
