"""The noise of images: its structure, and that there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.core.errors import InputError
from narrows.data.lattice import lattice
from narrows.data.movie_reading import as_movies
from narrows.data.readers import as_data
from narrows.evaluation.noise_estimation import estimate
from tests.noise import along_axis, compressed, stripes

CLEAN = lattice(4, 192, structure="hexagonal", dose=60).clean.astype(np.float64)
RNG = np.random.default_rng(0)
WHITE = RNG.normal(0, 15, CLEAN.shape)
SMOOTHED = gaussian_filter(RNG.normal(0, 60, CLEAN.shape), (0, 0.8, 0.8))
MADE = {
    "none": (CLEAN, np.rint(CLEAN), np.rint(257 * CLEAN)),
    "independent": (CLEAN + WHITE, np.rint(CLEAN + WHITE), RNG.poisson(CLEAN), RNG.poisson(CLEAN / 60)),
    "rows": (CLEAN + 15 * along_axis(CLEAN.shape, 0.6, RNG), CLEAN + WHITE + stripes(CLEAN.shape, 10, RNG)),
    "columns": (CLEAN + 15 * along_axis(CLEAN.shape, 0.6, RNG).swapaxes(1, 2),),
    "all directions": (CLEAN + SMOOTHED,),
    "blocks": (compressed(CLEAN + WHITE, 30),),
}


@pytest.mark.parametrize(("structure", "i"), [(name, i) for name in MADE for i in range(len(MADE[name]))])
def test_the_structure_of_the_noise(structure: str, i: int) -> None:
    assert estimate(as_data(MADE[structure][i])).structure == structure


def test_it_does_not_depend_on_the_unit() -> None:
    one, other = (estimate(as_data(images)) for images in (CLEAN + WHITE, 1000 + 5 * (CLEAN + WHITE)))
    assert other.strength == pytest.approx(5 * one.strength, rel=0.03)
    assert one.structure == other.structure


def test_channels_and_whole_large_images_are_taken() -> None:
    colours = RNG.normal(0, 3, (2, 64, 64, 3)) + 100
    assert estimate(as_data(colours)).strength == pytest.approx(3, rel=0.1)
    large = RNG.normal(0, 3, (1, 700, 900)) + 100
    found = estimate(as_data(large))
    assert (found.images, found.of) == (1, 1)
    assert found.strength == pytest.approx(3, rel=0.05)


def test_rows_alone_are_measured_where_they_are_given() -> None:
    images = np.concatenate([CLEAN[:2] + WHITE[:2], CLEAN[2:]])
    assert estimate(as_data(images), np.array([0, 1])).structure == "independent"
    assert estimate(as_data(images), np.array([2, 3])).structure == "none"


def test_frames_are_compared_with_those_that_follow() -> None:
    texture = 30 * RNG.standard_normal(CLEAN.shape[1:])
    frames = RNG.poisson(CLEAN[0] + 100, (6, *CLEAN.shape[1:])) + texture
    movie = estimate(as_movies(as_data(frames)))
    assert movie.frames is not None
    assert movie.dependence.noise.gain == pytest.approx(1, rel=0.15)
    assert movie.frames.shared > 0.5
    assert estimate(as_data(frames)).strength > 25


def test_frames_that_are_equal_or_of_other_exposure_are_counted() -> None:
    frames = RNG.poisson(CLEAN[0], (6, *CLEAN.shape[1:])).astype(float)
    frames[3] = frames[2]
    frames[5] *= 4
    found = estimate(as_movies(as_data(frames))).frames
    assert found is not None
    assert (found.same, found.pairs) == (1, 5)
    assert found.brightness > 3
    assert found.shared < 0.3


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.full((4, 40, 40), 7), "the pixels take 1 values only"),
        (RNG.integers(0, 2, (4, 40, 40)), "the pixels take 2 values only"),
        (RNG.normal(0, 1, (4, 28, 28)), "in images of 28x28 pixels; the smallest are 32x32"),
        (
            np.maximum(RNG.normal(-30, 10, (4, 40, 40)), 0),
            "too few pixels differ. Cut at the end of the range",
        ),
    ],
)
def test_what_cannot_be_measured_is_said(images: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words.replace(".", r"\.")):
        estimate(as_data(images))


def test_noise_that_is_cut_is_measured_elsewhere() -> None:
    images = np.concatenate([CLEAN[:3] + 100, np.zeros((1, 192, 192))]) + WHITE
    found = estimate(as_data(images.clip(0)))
    assert found.clipping.low > 0.1
    assert not found.hidden
    assert found.strength == pytest.approx(15, rel=0.05)
