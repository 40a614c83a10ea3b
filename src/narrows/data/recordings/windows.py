"""Cut recordings into windows along time, group the windows for a split, and join what was made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import gcd

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.recordings.recording import Recordings
from narrows.data.sources import InMemory, Source
from narrows.data.sources.base import Index
from narrows.data.windows import Patches, covering

OVERLAP = 4
"""A window begins this fraction of its length after the one before, if no stride is given."""

MANY = 10
"""From this number of recordings on, each is a group of a split; fewer are cut into blocks of time."""

BLOCKS, FEWEST_BLOCKS = 40, 5
"""Blocks of time that fewer recordings are cut into, at the most and at the least."""

BLOCK = 8
"""The usual length of a block of time, in windows."""

MOST_BYTES = 2**28
"""Windows that take more memory are cut when they are asked for."""


def stride_for(window: int) -> int:
    """The time steps from one window to the next, if they are not given: about 1 / `OVERLAP` of a window.

    They have no divisor in common with the length: windows of a period would begin at a few phases only.

    >>> stride_for(128), stride_for(96), stride_for(3)
    (31, 23, 1)
    """
    return next(step for step in range(max(1, window // OVERLAP), 0, -1) if gcd(step, window) == 1)


def cut_recordings(recordings: Recordings, window: int, stride: int) -> tuple[Source, Patches]:
    """The windows of recordings, `(n, window, channels)`, and where they come from.

    The last window of a recording ends where the recording does. Windows without any value are left out.

    Raises:
        InputError: for a recording that is shorter than a window.
    """
    sizes = [(int(length),) for length in recordings.lengths]
    patches = replace(covering(sizes, recordings.names, (), window, stride), gap=window)
    patches = patches.chosen(np.concatenate(list(observed(recordings, patches, window))))
    source = Windows([each.values for each in recordings], patches, window)
    small = source.dtype.itemsize * int(np.prod(source.shape)) <= MOST_BYTES
    return InMemory(source.all()) if small else source, patches


def observed(recordings: Recordings, patches: Patches, window: int) -> Iterator[NDArray[np.bool_]]:
    """Of each recording, which of its windows have a value."""
    for i, each in enumerate(recordings):
        starts = patches.corners[patches.owner == i, 0]
        if each.values.dtype.kind != "f":
            yield np.ones(len(starts), dtype=np.bool_)
            continue
        seen = np.cumsum(np.append(0, ~np.isnan(each.values).all(axis=1)))
        yield seen[starts + window] > seen[starts]


class Windows(Source):
    """Windows of recordings, each cut when it is asked for.

    Args:
        values: of the recordings, `(time, channels)` each.
        patches: where the windows are.
        window: their length.
    """

    in_memory = False

    def __init__(self, values: Sequence[Array], patches: Patches, window: int) -> None:
        self.values, self.window = values, window
        self.owner, self.starts = patches.owner, patches.corners[:, 0]
        self.shape = (len(self.owner), window, values[0].shape[1])
        self.dtype = np.result_type(*values)

    def take(self, index: Index) -> Array:
        rows = np.arange(len(self))[index.start : index.stop] if isinstance(index, range) else index
        taken = np.empty((len(rows), *self.shape[1:]), self.dtype)
        for i, (owner, start) in enumerate(zip(self.owner[rows], self.starts[rows], strict=True)):
            taken[i] = self.values[owner][start : start + self.window]
        return taken

    def blocks(self) -> Sequence[range]:
        step = max(1, MOST_BYTES // 16 // max(1, self.dtype.itemsize * int(np.prod(self.shape[1:]))))
        return [range(first, min(first + step, len(self))) for first in range(0, len(self), step)]


def time_groups(patches: Patches, window: int) -> NDArray[np.intp]:
    """The group of each window, `(n,)`: its recording, or the block of time that it begins in.

    Parts of a split are made of groups; `narrows.data.split.apart` removes the windows of one part that are
    near to those of another.
    """
    if len(patches.sizes) >= MANY:
        return patches.owner
    steps = sum(size[0] for size in patches.sizes)
    blocks = min(BLOCKS, max(FEWEST_BLOCKS, steps // (BLOCK * window)))
    return stretches(patches, max(1, -(-steps // blocks)))


def stretches(patches: Patches, length: int) -> NDArray[np.intp]:
    """The number of the stretch of `length` time steps that each window begins in, `(n,)`."""
    places = np.column_stack([patches.owner, patches.corners[:, 0] // length])
    return np.unique(places, axis=0, return_inverse=True)[1]


def averaged(pieces: Array, patches: Patches) -> list[NDArray[np.float64]]:
    """The mean of overlapping windows at each time step of the recordings that they were cut from.

    Args:
        pieces: `(n, window, …)`, one for each window of `patches`.
        patches: where the windows are.

    Returns:
        For each recording `(time, …)`; NaN where no window has a value.
    """
    window = pieces.shape[1]
    there = ~np.isnan(pieces) if pieces.dtype.kind == "f" else np.ones(pieces.shape, dtype=np.bool_)
    found = []
    for i, (steps,) in enumerate(patches.sizes):
        rows = np.flatnonzero(patches.owner == i)
        starts = patches.corners[rows, 0]
        total = np.zeros((steps, *pieces.shape[2:]))
        count = np.zeros(total.shape)
        for step in range(window):
            np.add.at(total, starts + step, np.where(there[rows, step], pieces[rows, step], 0.0))
            np.add.at(count, starts + step, there[rows, step])
        found.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    return found
