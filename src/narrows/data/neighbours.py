"""Pairs of neighbouring frames of movies, of which each is the target of the other.

What two frames have in common is what they show; their noise they have not (Lehtinen et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError, few, show
from narrows.core.findings import percent
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.frame_pairs import Movie, Pair
from narrows.data.kinds import describe
from narrows.data.movies import Movies
from narrows.data.sources import InMemory
from narrows.data.split import Index
from narrows.data.windows import ENOUGH_IMAGES, REGIONS, Patches, cut, regions

SIDE, LARGE = 64, 128
"""Pixels of the side of patches, if it is not told, of frames of at least so many pixels along each side."""

FEWEST = 20
"""From this number of scenes on they are the parts of a split; of fewer the regions of the frames are."""

MOST_LOST = 0.5
"""The share of a frame that is not in all others, up to which regions can be the parts."""


def neighbour_pairs(data: Data, side: int | None = None) -> Data:
    """The pairs of neighbouring frames of `data`, or square patches of both at the same places.

    The drift between them is measured and corrected to whole pixels. Pairs of different parts of a split
    share no frame: scenes are its groups, or of few frames the regions that all of them show.

    Args:
        data: frames of movies.
        side: height and width of the patches; by default `SIDE` of large frames, and else none are cut.

    Raises:
        InputError: for a movie of fewer than two frames, for frames that are equal or have too little in
            common, and for too few pairs to be parted.
    """
    movies, notes = movies_of(data)
    small = min(min(movie.frames.shape[1:3]) for movie in movies)
    side = side or (SIDE if small >= LARGE else None)
    where = Movies(np.repeat(np.arange(len(movies)), [len(movie.frames) - 1 for movie in movies]))
    few_scenes = len(np.unique(where.scenes)) < FEWEST
    shared = side is not None and few_scenes and all(movie.lost <= MOST_LOST for movie in movies)
    pairs = [pair for i, movie in enumerate(movies) for pair in movie.pairs(i, shared=shared)]
    found = whole(data, pairs) if side is None else patched(data, pairs, side, scenes=not shared)
    came = (note for note in data.notes if data.movies is None or note != data.movies.note)
    told = (*came, *notes, *drift_in_words(movies, pairs), *found.notes)
    warnings = (*data.warnings, *uncertain(movies), *exposures(pairs))
    test = None if data.test is None else neighbour_pairs(data.test, side)
    return replace(found, notes=told, warnings=warnings, test=test)


def movies_of(data: Data) -> tuple[list[Movie], tuple[str, ...]]:
    """The movies of two frames or more in `data`, and a sentence about those that are left out.

    Raises:
        InputError: when there are none, and for frames that are not in memory.
    """
    assert data.movies is not None
    if not data.source.in_memory:
        raise InputError(
            f"{data.name} is too large for memory, which pairs of frames have to fit into; give fewer or "
            f"smaller ones."
        )
    frames, names = last_channels(data), data.ids or tuple(f"{data.name}-{i}" for i in range(len(data)))
    rows = [np.flatnonzero(data.movies.owner == i) for i in np.unique(data.movies.owner)]
    long = [each for each in rows if len(each) > 1]
    if not long:
        raise InputError(
            f"{data.name} has no two frames that show the same, of which one is the target of the other; "
            f"give a movie or several scans of one place, or take a recipe that needs one image of each."
        )
    left_out = f"{len(rows) - len(long):,} of {len(rows):,} movies have one frame and are left out."
    movies = [Movie.of(frames[each], tuple(names[i] for i in each)) for each in long]
    return movies, (left_out,) if len(long) < len(rows) else ()


def last_channels(data: Data) -> Array:
    """The frames of `data` as `(n, height, width[, channels])`."""
    return np.moveaxis(data.array, 1, -1) if data.schema.axes == "CHW" else data.array


def checked(pairs: Sequence[Pair], name: str, side: int) -> list[Pair]:
    """The `pairs` of which the frames are not equal.

    Raises:
        InputError: when all are equal, and for frames that have fewer than `side` pixels in common.
    """
    for pair in pairs:
        if min(pair.first.shape[:2]) < side:
            raise InputError(
                f"After the correction of their drift the frames of {name} have {show(pair.first.shape[:2])} "
                f"pixels in common, too few for {side}x{side}; give frames that drift less, or a smaller "
                f"--patch."
            )
    kept = [pair for pair in pairs if not np.array_equal(pair.first, pair.second)]
    if not kept:
        raise InputError(
            f"Neighbouring frames of {name} are equal, so that they tell nothing of their noise; give frames "
            f"that were recorded one after the other."
        )
    return kept


def whole(data: Data, pairs: Sequence[Pair]) -> Data:
    """The pairs of whole frames, all cropped to one size; scenes are the groups.

    Raises:
        InputError: as `checked`, and for fewer than three scenes.
    """
    kept = checked(pairs, data.name, 1)
    high, wide = np.min([pair.first.shape[:2] for pair in kept], axis=0)
    first, second = (
        np.stack([frame[:high, :wide] for frame in frames])
        for frames in ([pair.first for pair in kept], [pair.second for pair in kept])
    )
    movies = movies_by_row(kept, np.arange(len(kept)))
    if len(np.unique(movies.scenes)) < 3:
        raise InputError(
            f"{data.name} has {len(kept):,} pairs of neighbouring frames, too few for three parts of which "
            f"none has a frame of another; cut them into patches, as --patch 32 (in Python "
            f"Denoiser(patch=32))."
        )
    if data.schema.axes == "CHW":
        first, second = (np.moveaxis(each, -1, 1) for each in (first, second))
    made = of_pairs(data, first, second, tuple(pair.name for pair in kept))
    schema = replace(made.schema, axes=data.schema.axes)
    return replace(made, schema=schema, groups=movies.scenes, movies=movies)


def patched(data: Data, pairs: Sequence[Pair], side: int, *, scenes: bool) -> Data:
    """Square patches of the pairs, of both frames at the same places.

    The groups are scenes, or the regions that all pairs of a movie show.

    Raises:
        InputError: as `checked`.
    """
    kept = checked(pairs, data.name, side)
    names = [pair.name for pair in kept]
    first, patches = cut([pair.first for pair in kept], names, (), side)
    second, _ = cut([pair.second for pair in kept], names, (), side)
    found = replace(of_pairs(data, first, second, patches.ids), patches=patches)
    if scenes:
        movies = movies_by_row(kept, patches.owner)
        few_scenes = len(np.unique(movies.scenes)) < ENOUGH_IMAGES
        counted = regions(patches, side) if few_scenes else None
        found = replace(found, groups=movies.scenes, movies=movies, stretches=counted)
    else:
        group = places(kept, patches, side)
        each = np.unique(np.column_stack([group, patches.owner]), axis=0, return_inverse=True)[1]
        found = replace(found, groups=group, stretches=each.ravel())
    assert found.groups is not None
    note = f"They were cut into {len(found):,} patches, in {len(np.unique(found.groups)):,} groups."
    return replace(found, notes=(note,))


def of_pairs(data: Data, first: Array, second: Array, ids: tuple[str, ...]) -> Data:
    """The frames `first`, each with that of `second` as its noisy one."""
    schema = describe(first, "images")
    return Data(InMemory(first), schema, data.name, ids, noisy=second, exchanged=True, axes=data.axes)


def movies_by_row(pairs: Sequence[Pair], owner: Index) -> Movies:
    """The movie and the place in it of the pair `owner (n,)` of each row."""
    return Movies(*(np.array(each)[owner] for each in zip(*((p.movie, p.place) for p in pairs), strict=True)))


def places(pairs: Sequence[Pair], patches: Patches, side: int) -> Index:
    """The square region of its movie that each patch is in, `(n,)`; about `REGIONS` of them in all.

    All pairs of a movie show the same, so that a region is the same in all of them.
    """
    movie = np.array([pair.movie for pair in pairs])[patches.owner]
    once = len(np.unique(np.column_stack([movie, patches.corners]), axis=0))
    region = side * max(1, int(np.sqrt(once / REGIONS)))
    where = np.column_stack([movie, patches.corners // region])
    return np.unique(where, axis=0, return_inverse=True)[1].ravel()


def drift_in_words(movies: Sequence[Movie], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Sentences about the pairs, and about the drift between their frames."""
    n, most = len(movies), max(int(np.abs(np.diff(m.offsets, axis=0)).max()) for m in movies)
    of = f"{n:,} movie{'s' * (n > 1)}"
    drift = f"drift up to {most:,} pixel{'s' * (most > 1)} between neighbouring frames, corrected"
    return (
        f"{len(pairs):,} pairs of neighbouring frames of {of}: each frame is the target of the other.",
        f"{drift[:1].upper()}{drift[1:]}." if most else "No drift of a pixel between neighbouring frames.",
    )


def uncertain(movies: Sequence[Movie]) -> tuple[str, ...]:
    """A sentence about frames whose drift could not be measured, if there are any."""
    n, lost = sum(len(m.frames) - 1 for m in movies), sum(m.uncertain for m in movies)
    if not lost:
        return ()
    return (
        f"The drift between {lost:,} of {n:,} pairs of neighbouring frames could not be measured and counts "
        f"as 0: noise hides it, or they show different things, which the model would mix; check that they "
        f"are frames of one scene.",
    )


def exposures(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """A sentence about neighbouring frames of different exposure, if there are any."""
    names = [pair.name for pair in pairs if pair.unlike]
    if not names:
        return ()
    return (
        f"{percent(len(names) / len(pairs))} of the pairs of neighbouring frames differ in brightness or "
        f"contrast by more than their noise explains: {few(names, 3)}; the model learns the mean of both, so "
        f"bring all frames to one exposure first.",
    )
