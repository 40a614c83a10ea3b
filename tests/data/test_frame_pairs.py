from __future__ import annotations

import numpy as np
import pytest

from narrows.data.frame_pairs import Movie, Pair
from tests.data.images.test_shifts import moved

STEPS = np.array([[3, -2], [0, 5], [-4, 1]])


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("channels", [0, 2])
def test_both_frames_of_a_pair_show_the_same(shared: bool, channels: int) -> None:
    frames = moved(STEPS, 0.0)
    frames = np.stack([frames, -2 * frames], axis=-1) if channels else frames
    movie = Movie.of(frames, ("a", "b", "c", "d"))
    pairs = movie.pairs(0, shared=shared)
    assert [(pair.name, pair.place) for pair in pairs] == [("a+b", 0), ("b+c", 1), ("c+d", 2)]
    for pair in pairs:
        np.testing.assert_array_equal(pair.first, pair.second)
    sizes = [pair.first.shape[:2] for pair in pairs]
    alone = [(96 - abs(y), 96 - abs(x)) for y, x in STEPS]
    reach = np.ptp(movie.offsets, axis=0)
    assert sizes == ([tuple(96 - reach)] * 3 if shared else alone)
    if shared:  # all pairs show the same
        np.testing.assert_array_equal(pairs[0].first, pairs[2].second)


def test_frames_without_anything_in_common_are_empty() -> None:
    offsets = np.array([[0, 0], [9, 0], [18, 0]])
    movie = Movie(np.zeros((3, 16, 16)), ("a", "b", "c"), offsets, 0)
    assert [pair.first.shape for pair in movie.pairs(0, shared=True)] == [(0, 16), (0, 16)]


def test_an_exposure_is_another_where_noise_does_not_explain_it() -> None:
    rng = np.random.default_rng(0)
    scene = rng.normal(10, 1, (64, 64))

    def pair(gain: float, offset: float) -> Pair:
        first, second = (scene + rng.normal(0, 1, scene.shape) for _ in range(2))
        return Pair(0, 0, "a+b", first, gain * second + offset)

    assert pair(1, 0).noise == pytest.approx(1, rel=0.05)
    assert not pair(1, 0).unlike
    assert not pair(1, 0.1).unlike
    assert pair(1, 0.5).unlike
    assert pair(1.3, -3).unlike
