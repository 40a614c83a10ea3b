from __future__ import annotations

from narrows.reproduce.lab import Lab
from narrows.reproduce.preprocessing import accuracy, accuracy_plot, checks, code_step, pca_step


def test_both_steps_leave_features_that_tell_digits_apart(lab: Lab) -> None:
    assert accuracy(pca_step(8), lab.digits) > 0.5
    assert accuracy(code_step(lab, lab.digits, 8, 0), lab.digits) > 0.3


def test_each_size_is_judged_against_pca() -> None:
    found = checks({2: [0.5, 0.51, 0.5], 8: [0.7, 0.71, 0.72]}, {2: 0.4, 8: 0.8})
    assert [check.outcome for check in found] == [True, False]


def test_one_number_of_features_is_no_curve() -> None:
    assert accuracy_plot({8: 0.5}, {8: 0.4}, 0.6) == ()
    assert len(accuracy_plot({2: 0.4, 8: 0.5}, {2: 0.3, 8: 0.4}, 0.6)) == 1
