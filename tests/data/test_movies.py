from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.movies import Movies
from narrows.data.split import Parts, split


@pytest.mark.parametrize("lengths", [(144,), (50, 70, 30)])
def test_no_frame_of_a_movie_is_beside_one_of_another_part(lengths: tuple[int, ...]) -> None:
    owner = np.repeat(np.arange(len(lengths)), lengths)
    shuffled = np.random.default_rng(0).permutation(len(owner))  # frames of several movies may come in turn
    movies = Movies(owner[shuffled])
    parts = movies.apart(split(len(owner), seed=1, groups=movies.scenes))
    assert parts.held_out is not None
    where = np.full(len(owner), -1)
    for number, rows in enumerate((parts.train, parts.validation, parts.held_out)):
        where[rows] = number
    for movie in range(len(lengths)):
        frames = np.flatnonzero(movies.owner == movie)
        ordered = where[frames[np.argsort(movies.places[frames])]]
        assert sorted(movies.places[frames]) == list(range(len(frames)))
        beside = {
            tuple(pair) for pair in np.column_stack([ordered[:-1], ordered[1:]]).tolist() if -1 not in pair
        }
        assert all(a == b for a, b in beside)
    assert len(parts.train) > 0.25 * len(owner)


def test_a_movie_of_a_few_frames_has_no_parts() -> None:
    movies = Movies(np.zeros(3, dtype=np.intp))
    with pytest.raises(InputError, match="3 frames are too few for parts"):
        movies.apart(Parts(np.array([0]), np.array([1]), np.array([2])))
