from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading


def test_frames_of_a_movie_are_parted_in_scenes(tmp_path: Path) -> None:
    np.save(tmp_path / "movie.npy", np.random.default_rng(0).random((200, 8, 8)))
    data = read(str(tmp_path / "movie.npy"), Reading(movie=True))
    assert data.movies is not None
    assert "200 frames of 1 movie" in data.notes[-1]
    parts = data.parts(0)
    assert parts.held_out is not None
    assert not np.isin(parts.held_out + 1, parts.train).any()
    assert not np.isin(parts.held_out - 1, parts.validation).any()
    np.save(tmp_path / "table.npy", np.random.default_rng(0).random((200, 8)))
    with pytest.raises(InputError, match="Frames of a movie are images in order, but table is read as table"):
        read(str(tmp_path / "table.npy"), Reading(movie=True))
