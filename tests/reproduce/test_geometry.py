"""Volumes, distances and surfaces: the measures of these entries mean what they say."""

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
from narrows.reproduce.geometry import ENTRIES, noises, passed_on, shown
from narrows.reproduce.lab import Finding, Lab, flat
from narrows.reproduce.manifolds import K13
from narrows.reproduce.spiral import on_spiral
from narrows.reproduce.trials import mlp, part


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(quick=True)


@pytest.fixture(scope="module")
def findings(lab: Lab) -> dict[str, Finding]:
    return {entry.id: entry.measure(lab) for entry in (K6, K13)}


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K4", "K6", "K13"]


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


def test_the_linear_autoencoder_is_pca_and_the_other_is_not(findings: dict[str, Finding]) -> None:
    finding = findings["K13"]
    assert finding.holds
    for name, measured in finding.measured.items():
        pca = finding.yardstick[name]["PCA, 2"]
        assert 0.2 < pca < 0.4  # of three scaled coordinates about one is lost
        assert measured["linear autoencoder, 2"] == pytest.approx(pca, rel=0.01)
        assert measured["autoencoder, 2"] < pca / 4


def test_findings_are_json_with_captions(findings: dict[str, Finding]) -> None:
    for finding in findings.values():
        assert json.loads(json.dumps(asdict(finding)))["sentence"].endswith(".")
        assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)


def test_noise_is_the_same_each_time_and_in_range(lab: Lab) -> None:
    data = part(lab.digits, 64)
    run = lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=1)
    x = flat(data.held_out.array)
    kinds = noises(run)
    weak, strong, salted = (shown(kinds[name], x) for name in ("σ = 0.1", "σ = 0.7", "salt and pepper"))
    assert np.array_equal(weak, shown(kinds["σ = 0.1"], x))
    assert all(seen.min() >= 0 and seen.max() <= 1 for seen in (weak, strong, salted))
    assert np.abs(weak - x).mean() < np.abs(strong - x).mean()
    assert np.mean(salted != x) == pytest.approx(
        0.2 * np.mean((x > 0) & (x < 1)) + 0.1 * np.mean((x == 0) | (x == 1)), abs=0.01
    )


def test_noise_passed_on_is_small_behind_an_untrained_bottleneck(lab: Lab) -> None:
    data = part(lab.digits, 64)
    run = lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=1)
    assert abs(passed_on(run, flat(data.held_out.array))) < 0.05


def test_the_spiral_begins_and_ends_where_it_should() -> None:
    assert on_spiral(np.array([0.0, 1.0])) == pytest.approx(np.array([[0.3, 0], [-1.3, 0]]))
