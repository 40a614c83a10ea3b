"""Recordings in arrays: one, or several of one length or of the lengths that are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, show
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.reading import NO_TIMES, Reading
from narrows.data.recordings.recording import Loaded, Place, Recording, Recordings, numbered_channels
from narrows.data.sources import Source
from narrows.data.sources.mapped import Mapped
from narrows.data.sources.on_disk import OnDisk


def in_array(
    values: Source, name: str, how: Reading, lengths: Array | None = None, labels: Array | None = None
) -> Loaded | None:
    """The recordings of an array; None if it has sequences of one length that are no recordings to cut.

    Args:
        values: one recording `(time,)`, with a window also `(time, channels)`; several `(n, time, channels)`;
            with lengths `(n, time)` too, or all behind each other, `(time, channels)`.
        name: for messages.
        how: the options of recordings.
        lengths: `(n,)`, of the recordings.
        labels: `(n,)`, of the recordings, or of the time steps of one.

    Raises:
        InputError: for lengths that do not fit, and for options that need times.
    """
    refuse_times(how, name)
    axes = len(values.shape)
    if lengths is not None:
        pieces = cut_to(real(values.all(), name), checked_lengths(lengths, name), name)
    elif axes == 1 or (axes == 2 and how.window is not None and not of_rows(how)):
        whole = mapped(values)
        pieces = [whole[:, None] if axes == 1 else whole]
    elif axes == 3 and how.window is not None:
        pieces = list(mapped(values))
    else:
        return None
    return loaded(pieces, name, labels)


def refuse_times(how: Reading, name: str) -> None:
    """Refuse options that need times, which arrays do not have.

    Raises:
        InputError: with the option.
    """
    said = {"--every": how.every, "--time": None if how.time == NO_TIMES else how.time}
    for option, value in said.items():
        if value is not None:
            raise InputError(
                f"{option} needs times, but {name} is an array, which has none; leave it out, or write a "
                f"table with a column of times."
            )


def of_rows(how: Reading) -> bool:
    """Whether a model was fitted to sequences in the rows of an array."""
    return isinstance(how.like, SequenceSchema) and how.like.axes == "T"


def mapped(values: Source) -> Array:
    """The array of a source; of a large file its values stay on disk."""
    if isinstance(values, OnDisk) and isinstance(values.stored.array, Mapped):
        return values.stored.array.map()
    return values.all()


def loaded(pieces: Sequence[Array], name: str, labels: Array | None = None) -> Loaded:
    """Recordings `(time, channels)` in memory; `labels` are theirs, or of the time steps of one."""
    names = [name] if len(pieces) == 1 else [str(i) for i in range(len(pieces))]
    steps = labels if len(pieces) == 1 and labels is not None and len(labels) == len(pieces[0]) else None
    each = tuple(Recording(label, values, labels=steps) for label, values in zip(names, pieces, strict=True))
    of_each = labels.ravel() if labels is not None and labels.size == len(pieces) else None
    recordings = Recordings(each, numbered_channels(pieces[0].shape[1]))
    return Loaded(recordings, name, labels=of_each, places=tuple(map(place_in, names)))


def place_in(name: str) -> Place:
    """The place of a time step of a recording, for messages."""
    return lambda step: f"Time step {step} of {name}"


def checked_lengths(lengths: Array, name: str) -> NDArray[np.intp]:
    """Lengths `(n,)` as whole numbers.

    Raises:
        InputError: for others.
    """
    values = np.asarray(lengths)
    if values.ndim != 1 or values.dtype.kind not in "uif" or (values != np.floor(values)).any():
        raise InputError(
            f"The lengths in {name} are {show(values.shape)} of {values.dtype}; wanted is one whole number "
            f"for each sequence."
        )
    return values.astype(np.intp)


def cut_to(values: Array, lengths: NDArray[np.intp], name: str) -> list[Array]:
    """The recordings `(time, channels)` of an array with their lengths.

    Args:
        values: padded, `(n, time[, channels])`, or all behind each other, `(time[, channels])`.
        lengths: `(n,)`.
        name: for messages.

    Raises:
        InputError: for lengths that do not fit.
    """
    padded = values.ndim > 1 and len(values) == len(lengths) and values.shape[1] >= lengths.max()
    if not padded and values.ndim < 3 and lengths.sum() == len(values):
        rows = values if values.ndim == 2 else values[:, None]
        return np.split(rows, np.cumsum(lengths)[:-1])
    if values.ndim < 2 or len(values) != len(lengths):
        raise InputError(
            f"The lengths in {name} do not fit: there are {len(lengths):,}, with {lengths.sum():,} time "
            f"steps, but the values are {show(values.shape)}; wanted is (examples, time, "
            f"channels) and a length for each example."
        )
    wrong = (lengths < 1) | (lengths > values.shape[1])
    if wrong.any():
        i = int(wrong.argmax())
        raise InputError(
            f"The length {lengths[i]:,} of sequence {i} (counted from 0) of {name} does not fit: it has "
            f"{values.shape[1]:,} time steps; wanted is 1 to {values.shape[1]:,}."
        )
    rows = values if values.ndim == 3 else values[..., None]
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def stacked(arrays: Iterable[Array], name: str) -> list[Array]:
    """Recordings of any length, `(time,)` or `(time, channels)`, as `(time, channels)`.

    Raises:
        InputError: for other axes, numbers of channels, or an empty one.
    """
    found = [real(np.asarray(each), f"Recording {i} of {name}") for i, each in enumerate(arrays)]
    for i, each in enumerate(found):
        if each.ndim not in (1, 2) or not each.size:
            raise InputError(
                f"Recording {i} of {name} has the shape {show(each.shape)}; wanted is (time,) or "
                f"(time, channels)."
            )
    columns = [each if each.ndim == 2 else each[:, None] for each in found]
    for i, each in enumerate(columns):
        if each.shape[1] != columns[0].shape[1]:
            raise InputError(
                f"Recording {i} of {name} has {each.shape[1]} channels, but the first has "
                f"{columns[0].shape[1]}; give all the same."
            )
    return columns
