"""Softmax regression on letters beside scikit-learn's."""

from __future__ import annotations

import pytest

from narrows.reproduce.classification import ENTRIES
from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab
from tests.reproduce.findings import check_complete


@pytest.fixture(scope="module")
def finding() -> Finding:
    return next(entry for entry in ENTRIES if entry.id == "P6").measure(Lab(quick=True))


def test_it_holds_and_has_sentence_and_figures(finding: Finding) -> None:
    check_complete(finding)


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["P6", "E1", "E2", "E3", "E4", "E5", "E6"]


def test_softmax_regression_comes_near_scikit_learns(finding: Finding) -> None:
    measured, yardstick = finding.measured, finding.yardstick
    assert 0.85 <= measured["test_accuracy"] <= yardstick["scikit_learn_accuracy"] + 0.02
    assert measured["one_hot_weights_differ_by"] == pytest.approx(0, abs=1e-6)
    assert 0.2 < measured["test_cross_entropy"] < 0.8
    shares = measured["multi_label_accuracy"].values()
    assert len(shares) >= 2
    assert all(0.7 < share < 1 for share in shares)
    assert "<strong>" in finding.figures[3].html
