"""Images that are said to be frames of movies."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.examples import Data
from narrows.data.movies import Movies
from narrows.data.split import Index


def as_movies(data: Data) -> Data:
    """Images as frames of movies: their groups are the movies, if they have groups.

    Raises:
        InputError: for data that are no images in order.
    """
    if data.schema.spatial != 2 or data.scan is not None or data.patches is not None:
        what = (
            "patches" if data.patches is not None else "a scan" if data.scan is not None else data.schema.kind
        )
        raise InputError(
            f"Frames of a movie are images in order, but {data.name} is read as {what}; give images, or "
            f"leave --movie, or the recipe for frames, out."
        )
    movies = data.movies or Movies(owners(data))
    return replace(data, movies=movies, groups=movies.scenes, notes=(*data.notes, movies.note))


def owners(data: Data) -> Index:
    """The movie of each image, `(n,)`: its group; without groups its place on all axes but that of time.

    The axis of time is that with the letter T, else the last one of those that number images.
    """
    if data.groups is not None:
        return np.unique(data.groups, return_inverse=True)[1].ravel()
    outer: list[Axis] = []
    for axis in data.axes:
        if prod(each.size for each in outer) < len(data):
            outer.append(axis)
    sizes = [axis.size for axis in outer]
    if prod(sizes) != len(data) or not outer:
        return np.zeros(len(data), dtype=np.intp)
    letters = [axis.letter for axis in outer]
    time = letters.index("T") if "T" in letters else len(letters) - 1
    numbers = np.arange(len(data)).reshape(sizes).take([0], axis=time)
    return np.unique(np.broadcast_to(numbers, sizes).ravel(), return_inverse=True)[1].ravel()
