from __future__ import annotations

import pytest

from narrows.reproduce.few_images import K11, Errors, few_images, fit_few, ratio
from narrows.reproduce.lab import Lab
from narrows.reproduce.trials import reconstruction_error


def test_the_gap_is_the_test_error_relative_to_the_training_error() -> None:
    assert Errors([0.1, 0.2], [0.3, 0.2]).gaps == pytest.approx([3, 1])


def test_depths_are_compared_seed_by_seed() -> None:
    found = ratio([0.2, 0.4, 0.6], [0.1, 0.2, 0.3])
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))


def test_images_are_memorised_after_a_long_training(full_lab: Lab) -> None:
    data, run = few_images(full_lab), fit_few(full_lab, 1)
    assert 1.5 * reconstruction_error(run, data) < reconstruction_error(run, data.held_out)


def test_a_finding_has_a_number_for_each_depth(lab: Lab) -> None:
    finding = K11.measure(lab)
    assert {f"{name}_error_with_{depth}" for name in ("training", "test") for depth in (1, 4)} <= {
        *finding.measured
    }
    assert len(finding.checks) == 3
    assert "nan" not in finding.sentence.lower()
