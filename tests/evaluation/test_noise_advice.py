"""Which recipe is advised for which noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.data.examples import Data
from narrows.data.lattice import lattice
from narrows.data.movie_reading import as_movies
from narrows.data.neighbours import neighbour_pairs
from narrows.data.readers import as_data
from narrows.evaluation.noise_advice import BESIDE, BETWEEN_FRAMES, BLIND, advise
from tests.noise import along_axis, compressed, stripes

CLEAN = lattice(4, 192, structure="square", dose=60).clean.astype(np.float64)
RNG = np.random.default_rng(0)
WHITE = RNG.normal(0, 15, CLEAN.shape)


def test_independent_noise_takes_the_blind_spot() -> None:
    found = advise(as_data(CLEAN + WHITE))
    assert (found.recipe, dict(found.recipes)) == (BLIND, {BLIND: {}})
    assert found.suits(BLIND, {"name": "blind-spot"})
    assert not found.suits(BETWEEN_FRAMES, {})
    finding = found.finding("autoencoder", {})
    assert (finding.severity, finding.advice) == ("info", "")
    assert "Train with --recipe self-supervised, which needs no clean images." in finding.evidence


COUNTS = lattice(4, 192, structure="square", dose=8).noisy.astype(np.int64)


@pytest.mark.parametrize(
    ("images", "options"),
    [
        (COUNTS, " --set corruption.name=thinned"),
        (7 * COUNTS, " --set corruption.name=thinned --set corruption.gain=7"),
        (100 + COUNTS, " --set corruption.name=thinned --set corruption.offset=100"),
        (COUNTS + RNG.normal(0, 3, COUNTS.shape).round().astype(np.int64), ""),
        (1.7 * COUNTS, ""),
    ],
    ids=["counts", "gain", "offset", "read", "unit"],
)
def test_counts_are_parted(images: np.ndarray, options: str) -> None:
    found = advise(as_data(images))
    assert f"Train with --recipe self-supervised{options}, which needs no clean images." == found.advice


@pytest.mark.parametrize("name", ["rows", "columns"])
def test_noise_along_a_direction_hides_neighbours_there(name: str) -> None:
    noise = 15 * along_axis(CLEAN.shape, 0.6, RNG)
    found = advise(as_data(CLEAN + (noise if name == "rows" else noise.swapaxes(1, 2))))
    assert found.recipe == BLIND
    ((option, side),) = found.recipes[BLIND].items()
    assert option == name
    assert 2 <= side <= 5
    assert f"--set corruption.{name}={side}, which hides" in found.advice
    assert found.suits(BLIND, {name: side})
    assert not found.suits(BLIND, {})
    finding = found.finding(BLIND, {})
    assert finding.severity == "warning"
    assert finding.advice == found.advice


def test_offsets_of_whole_lines_stay_in_part() -> None:
    found = advise(as_data(CLEAN + WHITE + stripes(CLEAN.shape, 12, RNG)))
    assert dict(found.recipes) == {BLIND: {"rows": BESIDE}}
    assert found.advice.endswith("in the row, too; offsets of whole lines stay in part.")


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (CLEAN, "There is nothing to remove."),
        (compressed(CLEAN + WHITE, 30), "Recipes without clean images leave most of the noise; take"),
        (
            CLEAN + gaussian_filter(4 * WHITE, (0, 0.8, 0.8)),
            "Recipes without clean images leave most of it, as neighbours",
        ),
    ],
)
def test_where_none_applies_a_fit_warns(images: np.ndarray, words: str) -> None:
    found = advise(as_data(images))
    assert found.recipe is None
    assert found.advice.startswith(words)
    assert found.finding("autoencoder", {}).severity == "info"
    assert found.finding(BLIND, {}).severity == "warning"


def test_noise_that_cannot_be_measured_is_no_warning() -> None:
    found = advise(as_data(np.full((4, 40, 40), 7)))
    assert (found.recipe, found.measured) == (None, False)
    finding = found.finding(BLIND, {})
    assert finding.severity == "info"
    assert finding.evidence.endswith("Whether a recipe for noise applies is not known.")


def movie(frames: np.ndarray) -> Data:
    return as_movies(as_data(frames))


FRAMES = RNG.poisson(CLEAN[0], (6, *CLEAN.shape[1:])).astype(float)


def test_frames_are_compared_with_each_other() -> None:
    found = advise(movie(FRAMES))
    assert list(found.recipes) == [BETWEEN_FRAMES, BLIND]
    smoothed = advise(movie(gaussian_filter(FRAMES, (0, 1, 1))))
    assert list(smoothed.recipes) == [BETWEEN_FRAMES]


def test_pairs_of_frames_are_compared() -> None:
    pairs = neighbour_pairs(movie(FRAMES), 48)
    assert pairs.exchanged
    found = advise(pairs)
    assert list(found.recipes) == [BETWEEN_FRAMES, BLIND]
    assert "grows with the signal" in found.evidence


def test_frames_of_another_exposure_are_a_warning() -> None:
    found = advise(movie(FRAMES * np.array([1, 1, 1, 3, 3, 3])[:, None, None]))
    finding = found.finding("autoencoder", {})
    assert finding.severity == "warning"
    assert "The brightness of frames differs by up to" in finding.evidence
    assert finding.advice.startswith("Bring the frames to one exposure")


def test_frames_that_share_their_noise_do_not_suit() -> None:
    found = advise(movie(FRAMES[0] + RNG.normal(0, 3, FRAMES.shape)))
    assert list(found.recipes) == [BLIND]
    assert found.advice.startswith(
        "--recipe noise2noise does not apply, as frames have their noise in common"
    )


def test_a_clean_movie_has_nothing_to_remove() -> None:
    frames = lattice(4, 192, dose=60, frames=True, drift=0.1).clean.astype(np.float64)
    assert advise(movie(frames)).advice == "There is nothing to remove."


def test_equal_frames_do_not_suit() -> None:
    found = advise(movie(np.repeat(FRAMES[:1], 4, axis=0)))
    assert found.recipe is None
    assert "3 of 3 pairs of frames are equal." in found.evidence
