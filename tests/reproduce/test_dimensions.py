from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.dimensions import K6, Peak, contrast, discriminant
from narrows.reproduce.lab import Finding, Lab
from tests.reproduce.findings import check_complete


@pytest.fixture(scope="module")
def finding(full_lab: Lab) -> Finding:
    return K6.measure(full_lab)


def test_contrast_is_relative_to_the_nearest() -> None:
    assert contrast(np.array([[1.0], [3.0]]), np.array([[0.0]])) == 2


def test_discriminant_analysis_tells_what_is_apart() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    x = rng.standard_normal((200, 2)) + 10 * y[:, None]
    assert discriminant(x[:100], y[:100], x[100:], y[100:]) == 1


def test_the_curse(finding: Finding) -> None:
    check_complete(finding)
    assert (
        finding.measured["contrast_digits"]["pixels_shuffled"] < finding.measured["contrast_digits"]["pixels"]
    )
    few = list(finding.measured["lda_accuracy_few_rows"].values())
    assert few[0] < max(few) > few[-1]


def test_a_peak_is_inside_if_both_ends_are_lower() -> None:
    peak = Peak([2, 5, 10], [0.5, 0.8, 0.6], [0.5, 0.8, 0.9], (80, 1438))
    assert peak.is_inside()
    assert not peak._replace(few=[0.5, 0.8, 0.9]).is_inside()
    assert not peak._replace(few=[0.9, 0.8, 0.6]).is_inside()
