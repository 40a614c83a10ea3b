"""Samples of images."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.movie_reading import as_movies
from narrows.data.readers import as_data
from narrows.evaluation import noise_sample
from narrows.evaluation.noise_sample import PERIOD, SIDE, drawn, pairs


def test_frames_have_partners_in_their_own_movie() -> None:
    owner, places = np.array([0, 0, 1, 1, 0]), np.array([0, 1, 0, 1, 2])
    one, other = pairs(owner, places, np.arange(5))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [(0, 1), (1, 4), (2, 3)]
    one, other = pairs(owner, places, np.array([0, 4, 2, 3]))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [(2, 3)]
    with pytest.raises(InputError, match="none do among 2"):
        pairs(owner, places, np.array([0, 2]))


def test_planes_are_those_of_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.arange(5 * 40 * 36, dtype=np.uint16).reshape(5, 40, 36)
    found = drawn(as_data(images), np.array([1, 3]), 0)
    assert (found.planes == images[[1, 3]]).all()
    assert (found.following, found.images, found.of) == (None, 2, 2)
    monkeypatch.setattr(noise_sample, "MOST", 40 * 36)
    assert drawn(as_data(images), np.arange(5), 0).images == 1


def test_crops_of_large_images_begin_at_blocks_of_compression() -> None:
    image = np.arange(1000)[None, :, None] * 10000 + np.arange(800)
    planes = drawn(as_data(image.astype(np.float64)), np.arange(1), 0).planes
    assert planes.shape[1:] == (SIDE, SIDE)
    assert len(np.unique(planes[:, 0, 0])) > 1
    assert (planes[:, 0, 0] // 10000 % PERIOD == 0).all()
    assert (planes[:, 0, 0] % 10000 % PERIOD == 0).all()


def test_the_difference_of_frames_has_the_variance_of_one() -> None:
    frames = np.random.default_rng(0).normal(50, 4, (9, 64, 64))
    found = drawn(as_movies(as_data(frames)), np.arange(9), 0)
    assert found.difference.std() == pytest.approx(4, rel=0.02)
    assert found.signal.mean() == pytest.approx(50, rel=0.01)
