from __future__ import annotations

import json
from dataclasses import asdict
from math import pi

import numpy as np
import pytest

from narrows.reproduce.dimensions import (
    K6,
    contrast,
    deviation,
    discriminant,
    found_near,
    monte_carlo,
    points_wanted,
    ratio,
)
from narrows.reproduce.lab import Finding, Lab
from narrows.reproduce.manifolds import K13


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(quick=True)


@pytest.fixture(scope="module")
def findings(lab: Lab) -> dict[str, Finding]:
    return {entry.id: entry.measure(lab) for entry in (K6, K13)}


@pytest.mark.parametrize(
    ("d", "known"), [(1, 1), (2, pi / 4), (3, pi / 6), (4, pi**2 / 32), (10, pi**5 / 122880)]
)
def test_the_sphere_in_the_cube(d: int, known: float) -> None:
    assert ratio(d) == pytest.approx(known)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_drawn_points_agree_with_the_formula(d: int) -> None:
    n = 50_000
    found = monte_carlo(d, n, np.random.default_rng(0))
    assert abs(found - ratio(d)) < 4 * deviation(ratio(d), n)


def test_the_points_wanted_give_half_of_all_places_a_neighbour() -> None:
    assert points_wanted(1) == pytest.approx(np.log(2) / 0.2)
    assert points_wanted(2) == pytest.approx(np.log(2) / (pi * 0.01))
    assert found_near(3, np.random.default_rng(0)) == pytest.approx(0.5, abs=0.05)


def test_contrast_is_relative_to_the_nearest() -> None:
    assert contrast(np.array([[1.0], [3.0]]), np.array([[0.0]])) == 2


def test_discriminant_analysis_tells_what_is_apart() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    x = rng.standard_normal((200, 2)) + 10 * y[:, None]
    assert discriminant(x[:100], y[:100], x[100:], y[100:]) == 1


def test_the_curse(findings: dict[str, Finding]) -> None:
    finding = findings["K6"]
    assert finding.holds
    assert (
        finding.measured["contrast_digits"]["pixels_shuffled"] < finding.measured["contrast_digits"]["pixels"]
    )
    few = list(finding.measured["lda_accuracy_few_rows"].values())
    assert few[0] < max(few) > few[-1]


def test_findings_are_json_with_captions(findings: dict[str, Finding]) -> None:
    for finding in findings.values():
        assert json.loads(json.dumps(asdict(finding)))["sentence"].endswith(".")
        assert finding.figures
        assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
