"""What is said of the noise before a training that has no clean images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.data.lattice import lattice
from narrows.data.movie_reading import as_movies
from narrows.data.neighbours import neighbour_pairs
from narrows.data.readers import as_data
from narrows.evaluation.noise_advice import BETWEEN_FRAMES, BLIND
from narrows.fitting.fit import fit
from narrows.fitting.noise import check_noise, without_turns
from narrows.fitting.parts import split_data
from tests.noise import along_axis, compressed

CLEAN = lattice(10, 64, structure="square", dose=60).clean.astype(np.float64)
RNG = np.random.default_rng(0)
WHITE = RNG.normal(0, 15, CLEAN.shape)
ALONG = 15 * along_axis(CLEAN.shape, 0.7, RNG)


def found(images: np.ndarray, corruption: Mapping[str, Any] | None = None) -> Finding:
    parts = split_data(as_data(images), 0)
    finding = check_noise(parts, BLIND, {"corruption": corruption or {}})
    assert finding is not None
    return finding


def test_noise_that_suits_is_described() -> None:
    finding = found(CLEAN + WHITE)
    assert (finding.severity, finding.advice) == ("info", "")
    assert finding.evidence.startswith("The noise has a standard deviation of ")
    assert "Train with" not in finding.evidence


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (CLEAN, "There is nothing to remove."),
        (compressed(CLEAN + WHITE, 20), "Recipes without clean images leave most of the noise"),
        (CLEAN + ALONG, "Train with --recipe self-supervised --set corruption.rows="),
    ],
)
def test_noise_that_does_not_suit_is_a_warning(images: np.ndarray, words: str) -> None:
    finding = found(images)
    assert (finding.name, finding.severity) == ("noise", "warning")
    assert finding.advice.startswith(words)


def test_noise_along_rows_suits_where_neighbours_in_rows_are_hidden() -> None:
    assert found(CLEAN + ALONG, {"rows": 8}).severity == "info"


def test_images_too_small_to_measure_it_are_no_warning() -> None:
    finding = found(CLEAN[:, :28, :28])
    assert finding.severity == "info"
    assert finding.evidence.startswith("The noise cannot be measured in images of 28x28 pixels")


def test_other_recipes_and_data_have_none() -> None:
    parts = split_data(as_data(CLEAN), 0)
    assert check_noise(parts, "denoising", {"corruption": {}}) is None
    assert check_noise(split_data(as_data(CLEAN[:, 0]), 0), BLIND, {"corruption": {}}) is None


@pytest.mark.parametrize("clean", [False, True])
def test_it_is_said_before_training_and_kept_with_the_run(clean: bool) -> None:
    frames = lattice(30, 64, dose=60, frames=True, drift=0.1)
    data = neighbour_pairs(as_movies(as_data(frames.clean if clean else frames.noisy)), 32)
    small = {"encoder": {"widths": [4], "blocks": 1}, "training": {"epochs": 1}}
    told: list[str] = []
    run = fit(data, recipe=BETWEEN_FRAMES, overrides=small, on_phase=told.append)
    words = "No noise is seen" if clean else "The noise grows with the signal"
    assert told[0].startswith(f"warning: {words}" if clean else words)
    assert any(text.startswith(words) for text in run.config["why"])
    assert any(text.startswith(words) for text in run.config["warnings"]) == clean


def test_rotations_would_mix_rows_with_columns() -> None:
    turns = {"turns": True}
    for corruption in ({}, {"rows": 3, "columns": 3}):
        assert without_turns({"corruption": corruption}, turns, given=True) == turns
    along = {"corruption": {"columns": 3}}
    assert without_turns(along, {}, given=False) == {}
    assert without_turns(along, turns, given=False) == {"turns": False, "mirrors": True}
    with pytest.raises(InputError, match="hides neighbours along columns, which rotations by 90° mix"):
        without_turns(along, turns, given=True)
