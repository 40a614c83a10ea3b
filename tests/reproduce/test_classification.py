"""The entries about softmax regression on small data: their numbers mean what they say."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from narrows.reproduce.classification import ENTRIES
from narrows.reproduce.lab import Finding, Lab


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    lab = Lab(quick=True)
    return {entry.id: entry.measure(lab) for entry in ENTRIES}


def test_each_holds_and_has_sentence_and_figures(findings: dict[str, Finding]) -> None:
    assert list(findings) == ["P6", "E1", "E2", "E3"]
    for finding in findings.values():
        assert finding.holds is True
        assert finding.sentence.endswith(".")
        assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
        assert json.loads(json.dumps(asdict(finding)))["holds"]


def test_softmax_regression_comes_near_scikit_learns(findings: dict[str, Finding]) -> None:
    measured, yardstick = findings["P6"].measured, findings["P6"].yardstick
    assert 0.85 <= measured["test_accuracy"] <= yardstick["scikit_learn_accuracy"] + 0.02
    assert measured["one_hot_weights_differ_by"] == pytest.approx(0, abs=1e-6)
    assert 0.2 < measured["test_cross_entropy"] < 0.8
    assert all(0.7 < share < 1 for share in measured["multi_label_accuracy"].values())
    assert "<strong>" in findings["P6"].figures[3].html


def test_the_naive_form_fails_at_the_ends_of_float32(findings: dict[str, Finding]) -> None:
    measured = findings["E1"].measured
    assert measured["naive_at_100"] == "nan, 0, 0"
    assert measured["naive_at_-104"] == "nan, nan, nan"
    assert measured["stable_at_-104"] == "0.665, 0.245, 0.09"
    assert measured["naive_fails_above"] == pytest.approx(88.72, abs=0.01)
    assert -104 < measured["naive_fails_below"] < -87  # −87.3 where numbers below the normal ones round to 0
    assert measured["largest_error_of_stable"] < 1e-6


def test_the_forms_of_the_cross_entropy_differ_only_where_probabilities_vanish(
    findings: dict[str, Finding],
) -> None:
    measured = findings["E2"].measured
    assert measured["largest_difference"] < 1e-5
    assert list(measured["cost_of_a_logit_200_below"].values()) == ["inf", "inf", "200", "200"]
    assert list(measured["cost_of_a_logit_200_above"].values()) == ["0", "nan", "0", "0"]
    assert 0 < measured["smallest_cost_measured"] < 1e-300
    costs = list(measured["cost_after_steps"].values())
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] > 0
    assert all(time > 0 for time in measured["microseconds"].values())


def test_numbers_for_classes_mislead_a_regression(findings: dict[str, Finding]) -> None:
    measured, yardstick = findings["E3"].measured, findings["E3"].yardstick
    # o = W x + b by hand.
    assert measured["logits"] == pytest.approx([2.8, -0.7, 0.8], abs=1e-4)
    assert sum(measured["probabilities"]) == pytest.approx(1, abs=2e-4)
    assert measured["order_kept"] == 1
    assert measured["softmax_accuracy"] > 0.95
    assert yardstick["labels_accuracy"] < 0.6
    assert yardstick["labels_accuracy"] < yardstick["one_hot_accuracy"] < 0.95
    assert 0 < yardstick["one_hot_outputs_outside_0_1"] < 1
