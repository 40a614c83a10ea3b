"""Too much and too little of a network: the measures of these entries mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.capacity import ENTRIES, OVER, Case
from narrows.reproduce.depth import K11, astray, few_rows, judged_at, memorised
from narrows.reproduce.detail import PAIR, sharpness
from narrows.reproduce.lab import Lab, flat, mse, through, weights
from narrows.reproduce.trials import error, mlp, nearest, part, per_value


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(quick=True)


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K5", "K9", "K11", "K12"]


@pytest.mark.parametrize(
    ("learned", "judged", "diagnosis"),
    [(0.01, 0.012, "neither"), (0.01, 0.016, "overfitting"), (0.016, 0.016, "underfitting")],
)
def test_a_diagnosis_follows_from_the_errors(learned: float, judged: float, diagnosis: str) -> None:
    assert OVER == 1.5
    assert Case("", learned, judged, suited=0.01).diagnosis == diagnosis


def test_sharpness_is_one_of_the_image_itself_and_less_of_a_blurred_one() -> None:
    images = np.random.default_rng(0).random((3, 12, 10))
    blurred = (images + np.roll(images, 1, axis=1) + np.roll(images, 1, axis=2)) / 3
    assert sharpness(images, images) == 1
    assert sharpness(0.5 * images + 0.2, images) == pytest.approx(0.5)
    assert sharpness(blurred, images) < 0.8
    assert sharpness(np.ones_like(images), images) == 0


def test_the_steepness_of_a_ramp_is_its_slope() -> None:
    down, right = np.mgrid[0:8, 0:8]
    assert sharpness((3 * down + 4 * right)[None], right[None]) == pytest.approx(5)


def test_nearest_is_0_for_a_row_of_the_data_and_euclidean_for_others() -> None:
    data = np.array([[0.0, 0.0], [10.0, 0.0]])
    assert nearest(np.array([[10.0, 0.0], [3.0, 4.0]]), data) == pytest.approx([0, 5])


def test_a_part_is_the_first_rows_and_says_so_in_its_name(lab: Lab) -> None:
    few = part(lab.digits, 100)
    assert len(few) == 100
    assert np.array_equal(few.array, lab.digits.array[:100])
    assert len(few.held_out) == len(lab.digits.held_out) == 359
    assert few.name != lab.digits.name  # so that the lab does not take it for its first rows with all tests


def test_errors_are_those_of_the_reconstructions_and_of_the_history(lab: Lab) -> None:
    data = part(lab.digits, 100)
    run = lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=3)
    x = flat(data.held_out.array)
    assert error(run, data.held_out) == pytest.approx(mse(x, through(run, x)), rel=1e-5)
    assert error(run, data.held_out) == pytest.approx(per_value(run, "validation")[-1], rel=1e-5)
    assert weights(run) == 784 * 16 + 16 + 16 * 4 + 4 + 4 * 16 + 16 + 16 * 784 + 784


def test_the_pair_has_about_equal_weights(lab: Lab) -> None:
    data = part(lab.digits, 64)
    runs = [lab.fit("autoencoder", data, latent_dim=32, overrides=p, epochs=1) for p in PAIR.values()]
    mlp_has, cnn_has = map(weights, runs)
    assert mlp_has == pytest.approx(cnn_has, rel=0.02)
    assert {run.model.code_size for run in runs} == {32}


def test_depth_on_few_rows(lab: Lab) -> None:
    measured = K11.measure(lab).measured
    run = memorised(lab, 1)
    curve = per_value(run, "validation")
    assert judged_at(run, float("inf")) == curve[0]
    assert all(measured["test_error"][k] > measured["training_error"][k] for k in ("1", "4"))
    assert measured["test_error_there"]["4"] > measured["test_error_there"]["1"]
    # Of images that it knows by heart fewer are taken for others.
    assert 0 < 2 * astray(run, few_rows(lab), "training") < astray(run, few_rows(lab), "test") < 1
