"""Where softmax overflows, and the forms of the cross-entropy."""

from __future__ import annotations

import pytest

from narrows.reproduce.cross_entropy import E1, E2, bounds, train_for_long
from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab
from tests.reproduce.findings import check_complete


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    return {entry.id: entry.measure(Lab(quick=True)) for entry in (E1, E2)}


@pytest.mark.parametrize("name", ["E1", "E2"])
def test_each_holds_and_has_sentence_and_figures(name: str, findings: dict[str, Finding]) -> None:
    check_complete(findings[name])


def test_the_naive_form_fails_at_the_ends_of_float32(findings: dict[str, Finding]) -> None:
    measured = findings["E1"].measured
    assert measured["naive_at_100"] == "NaN, 0, 0"
    assert measured["naive_at_-104"] == "NaN, NaN, NaN"
    assert measured["stable_at_-104"] == "0.665, 0.245, 0.09"
    assert measured["naive_fails_above"] == pytest.approx(88.72, abs=0.01)
    assert -104 < measured["naive_fails_below"] < -87  # −87.3 where numbers below the normal ones round to 0
    assert measured["largest_error_of_stable"] < 1e-6


def test_the_forms_of_the_cross_entropy_differ_only_where_probabilities_vanish(
    findings: dict[str, Finding],
) -> None:
    measured = findings["E2"].measured
    assert measured["largest_difference"] < 1e-5
    assert list(measured["cost_of_a_logit_200_below"].values()) == ["∞", "∞", "200", "200"]
    assert list(measured["cost_of_a_logit_200_above"].values()) == ["0", "NaN", "0", "0"]
    assert 0 < measured["smallest_cost_measured"] < 1e-300
    costs = list(measured["cost_after_steps"].values())
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] > 0
    assert measured["microseconds"].keys() == measured["cost_of_a_logit_200_above"].keys()


def test_the_bounds_of_a_right_answer_are_exact_in_64_bits_and_round_to_0_in_32() -> None:
    assert bounds(1.0)["exact"] == pytest.approx(0.31326, abs=1e-5)
    assert bounds(35.0)["float64"] == pytest.approx(bounds(35.0)["exact"], rel=0.2)
    assert bounds(18.0)["float32"] == 0 < bounds(18.0)["exact"]


def test_training_never_reaches_zero() -> None:
    """On two separable points the cost after n steps falls about as 1/n."""
    costs = train_for_long(1000)
    assert list(costs) == [1, 10, 100, 1000]
    assert costs[100] / costs[1000] == pytest.approx(10, rel=0.5)
    assert costs == train_for_long(1000)
