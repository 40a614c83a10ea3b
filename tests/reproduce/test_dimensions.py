from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.dimensions import K6, Consequences, Peak, contrast, discriminant
from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab
from narrows.reproduce.volumes import ratio
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


@pytest.mark.parametrize(
    ("few", "kept"),
    [
        ([0.5, 0.8, 0.6], (True, True)),
        ([0.5, 0.8, 0.9], (True, False)),
        ([0.9, 0.8, 0.6], (False, True)),
    ],
)
def test_a_peak_is_higher_than_both_ends(few: list[float], kept: tuple[bool, bool]) -> None:
    peak = Peak([2, 5, 10], few, [0.5, 0.8, 0.9], (80, 1438))
    digits = {"code": 0.2, "pixels": 0.1}
    drawn = Consequences({2: ratio(2)}, {2: 0.5}, peak, {2: 0.9, 3: 0.5}, digits, {}, 0.9)
    formula, half, *ends, fades, code = (check.outcome for check in drawn.checks())
    assert tuple(ends) == kept
    assert formula
    assert half
    assert fades
    assert code
