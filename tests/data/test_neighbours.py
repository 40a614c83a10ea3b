from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.lattice import lattice
from narrows.data.movie_reading import as_movies
from narrows.data.neighbours import neighbour_pairs
from narrows.data.pair_reading import read_frames
from narrows.data.readers import as_data
from narrows.data.reading import Reading
from tests.data.images.test_shifts import moved


def frames_of(*lengths: int, size: int = 40) -> Data:
    """Movies that stand still, whose frames hold their number and that of their movie, beside a scene."""
    movies = [moved(np.zeros((n - 1, 2), dtype=np.intp), 0.2, size, i) for i, n in enumerate(lengths)]
    for i, movie in enumerate(movies):
        for j, frame in enumerate(movie):
            frame[::8, ::8] = 100 * i + j
    groups = np.repeat(np.arange(len(lengths)), lengths)
    return as_movies(replace(as_data(np.concatenate(movies), "images"), groups=groups))


def parts_of(data: Data) -> dict[int, set[int]]:
    """The frames of each part, as the numbers that the patches in it hold."""
    assert data.noisy is not None
    parts = data.parts(0)
    assert parts.held_out is not None
    found = {}
    for number, rows in enumerate((parts.train, parts.validation, parts.held_out)):
        both = np.concatenate([data.array[rows], data.noisy[rows]])
        found[number] = {int(np.rint(value)) for value in both[:, 0, 0]}
    return found


def test_pairs_are_neighbours_of_one_movie_and_parts_share_no_frame() -> None:
    data = neighbour_pairs(frames_of(40, 25, 13), 8)
    assert data.noisy is not None
    assert data.exchanged
    first, second = (each[:, 0, 0] for each in (data.array, data.noisy))
    np.testing.assert_array_equal(second, first + 1)
    assert len(np.unique(first)) == 39 + 24 + 12
    frames = parts_of(data)
    assert not frames[0] & frames[2]
    assert not frames[0] & frames[1]
    assert not frames[1] & frames[2]


def test_few_frames_are_parted_by_region() -> None:
    data = neighbour_pairs(frames_of(2, size=64), 8)
    assert data.noisy is not None
    parts, patches = data.parts(0), data.patches
    assert patches is not None
    assert parts.held_out is not None
    corners = [{tuple(c) for c in patches.corners[rows].tolist()} for rows in (parts.train, parts.held_out)]
    assert not corners[0] & corners[1]
    more = neighbour_pairs(frames_of(6, size=64), 8)
    assert more.patches is not None
    assert more.groups is not None
    for corner in {tuple(c) for c in more.patches.corners.tolist()}:
        where = (more.patches.corners == corner).all(axis=1)
        assert where.sum() == 5
        assert len(np.unique(more.groups[where])) == 1


def test_few_frames_that_move_far_are_parted_in_scenes() -> None:
    steps = np.tile([[5, 4]], (29, 1))
    data = neighbour_pairs(as_movies(as_data(moved(steps, 0.3, 64), "images")), 16)
    assert data.movies is not None
    assert "29 pairs of neighbouring frames of 1 movie" in " ".join(data.notes)
    parts = data.parts(0)
    assert parts.held_out is not None
    place = data.movies.places
    assert np.abs(place[parts.train][:, None] - place[parts.held_out]).min() > 1


def test_patches_of_a_drifting_lattice_show_the_same(tmp_path: Path) -> None:
    made = lattice(n=6, size=128, dose=4, drift=5, frames=True, seed=1)
    np.save(tmp_path / "frames.npy", made.noisy)
    still = neighbour_pairs(as_movies(as_data(np.stack([made.noisy[0]] * 5 + [made.noisy[1]]), "images")), 32)
    data = read_frames(str(tmp_path / "frames.npy"), Reading())
    assert data.patch == 64
    assert data.noisy is not None
    most = int(np.abs(np.rint(np.diff(made.offsets, axis=0))).max())
    assert f"Drift up to {most} pixels between neighbouring frames, corrected." in data.notes
    difference = (data.array.astype(float) - data.noisy).var() / 2
    assert difference < 1.3 * data.array.mean()  # about the variance of the counts
    assert "No drift" not in " ".join(data.notes)
    assert still.noisy is not None
    assert len(still) == len(still.noisy) == 16  # of five pairs, four of equal frames


def test_whole_frames_have_one_size() -> None:
    rng = np.random.default_rng(0)
    frames = moved(rng.integers(-2, 3, (30, 2)), 0.3, 32)
    data = neighbour_pairs(as_movies(as_data(frames.astype(np.float32), "images")))
    assert data.noisy is not None
    assert data.noisy.shape == data.array.shape
    assert len(data) == 30
    assert data.patches is None
    high = as_data(np.stack([frames] * 5, axis=1), "images")
    assert high.schema.axes == "CHW"
    channels = neighbour_pairs(as_movies(high))
    assert channels.schema.axes == "CHW"
    assert channels.schema.shape == (5, *data.schema.shape)


def test_files_and_folders_are_movies(tmp_path: Path) -> None:
    scene = moved(np.zeros((5, 2), dtype=np.intp), 0.3, 40)
    frames = [Image.fromarray((128 + 25 * frame).clip(0, 255).astype(np.uint8)) for frame in scene]
    for name in ("a", "b"):
        (tmp_path / "files").mkdir(exist_ok=True)
        first, *others = (frame.copy() for frame in frames)
        first.save(tmp_path / f"files/{name}.tif", save_all=True, append_images=others)
        (tmp_path / f"folders/{name}").mkdir(parents=True)
        for i, frame in enumerate(frames):
            frame.save(tmp_path / f"folders/{name}/{i}.png")
    for source in ("files", "folders"):
        data = read_frames(str(tmp_path / source), Reading(patch=16))
        assert (
            "10 pairs of neighbouring frames of 2 movies: each frame is the target of the other."
            in data.notes
        )


@pytest.mark.parametrize(
    ("frames", "side", "said"),
    [
        (np.random.default_rng(0).random((1, 40, 40)), 8, "no two frames that show the same"),
        (np.ones((4, 40, 40)) * np.arange(40), 8, "Neighbouring frames of data are equal"),
        (
            np.random.default_rng(0).random((5, 40, 40)),
            None,
            "4 pairs of neighbouring frames, too few .* --patch 32",
        ),
        (np.random.default_rng(0).random((5, 40, 40)), 64, "40x40 pixels in common, too few for 64x64"),
    ],
)
def test_frames_that_make_no_pairs_are_refused(frames: Any, side: int | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        neighbour_pairs(as_movies(as_data(frames, "images")), side)


def test_what_makes_pairs_worse_is_said() -> None:
    rng = np.random.default_rng(0)
    noise = neighbour_pairs(as_movies(as_data(rng.normal(size=(6, 64, 64)), "images")), 16)
    assert "The drift between 5 of 5 pairs of neighbouring frames could not be measured" in noise.warnings[0]
    flicker = moved(np.zeros((5, 2), dtype=np.intp), 0.5, 64) + np.array([0, 1] * 3)[:, None, None]
    warned = neighbour_pairs(as_movies(as_data(flicker, "images")), 16).warnings
    assert "100 % of the pairs of neighbouring frames differ in brightness" in warned[0]
