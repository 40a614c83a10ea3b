"""Images that are said to be frames of movies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.movies import Movies


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
            f"--movie says that images are frames, but {data.name} is read as {what}; leave it out."
        )
    n = len(data)
    groups = np.zeros(n, dtype=np.intp) if data.groups is None else data.groups
    movies = Movies(np.unique(groups, return_inverse=True)[1])
    count = int(movies.owner.max()) + 1
    note = (
        f"{n:,} frames of {count:,} movie{'s' * (count > 1)}: scenes stay in one part, and no frame is "
        f"beside one of another part."
    )
    return replace(data, movies=movies, groups=movies.scenes, notes=(*data.notes, note))
