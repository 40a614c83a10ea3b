"""Examples of recordings: each recording is one, padded to the length of the longest, or windows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.checks import check_finite
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.reading import Reading
from narrows.data.recordings.durations import show_step
from narrows.data.recordings.period import usual_window
from narrows.data.recordings.recording import Loaded, Recording, Recordings
from narrows.data.recordings.sampling import ALIKE
from narrows.data.recordings.timing import timed
from narrows.data.recordings.windows import cut_recordings, stretches, stride_for, time_groups
from narrows.data.sources import InMemory, Source
from narrows.data.split import name_groups


def from_recordings(
    recordings: Recordings,
    name: str,
    how: Reading,
    notes: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    labels: Array | None = None,
) -> Data:
    """Recordings as examples `(n, time, channels)`: windows, or each recording with NaN behind its end.

    A single recording is cut into windows, whose length is its period where none is given.

    Args:
        recordings: at least one.
        name: for messages, run folders and reports.
        how: the options of recordings; with `like` the examples are those of a fitted model.
        notes: sentences about what the reader did.
        warnings: sentences about what could not be read as wanted.
        labels: `(n,)`, of the recordings.

    Raises:
        InputError: for values that are not finite, for other channels than those of `how.like`, and for
            recordings that are shorter than a window or longer than those that the model was fitted to.
    """
    if isinstance(how.like, SequenceSchema):
        recordings = known_as(recordings, how.like)
    window, said = window_for(recordings, how)
    if window is None:
        data = whole(recordings, name, how, labels)
    else:
        data = in_windows(recordings, name, how, window, labels)
    if how.groups is not None:
        data = grouped(data, name_groups(recordings.names, how.groups))
    return replace(data, notes=(*notes, *said), warnings=warnings)


def from_loaded(found: Loaded, how: Reading) -> Data:
    """Recordings that were read as examples, after their times were checked; errors as of both."""
    if how.patch is not None:
        raise InputError(
            f"--patch cuts images, but {found.name} holds recordings, which --window cuts; give that instead."
        )
    found = timed(found, how.every)
    if isinstance(how.like, SequenceSchema):
        found = found._replace(warnings=(*found.warnings, *warn_of_step(found.recordings, how.like)))
    data = from_recordings(found.recordings, found.name, how, found.notes, found.warnings, found.labels)
    return data if found.groups is None else grouped(data, found.groups)


def grouped(data: Data, groups: Array) -> Data:
    """`data` with the groups `(n,)` of its recordings."""
    owner = np.arange(len(data)) if data.patches is None else data.patches.owner
    return replace(data, groups=groups[owner], stretches=None)


def warn_of_step(recordings: Recordings, like: SequenceSchema) -> tuple[str, ...]:
    """A sentence about recordings whose time steps are not as long as those that a model was fitted to."""
    axis, known = recordings.axis, like.time
    if axis.unit != known.unit or axis.unit == "step" or abs(axis.step - known.step) <= ALIKE * known.step:
        return ()
    return (
        f"The time steps of {recordings.all[0].name} are {show_step(axis.step, axis)} long, but those that "
        f"the model was fitted to {show_step(known.step, known)}; resample the file, or fit a model to it.",
    )


def window_for(recordings: Recordings, how: Reading) -> tuple[int | None, tuple[str, ...]]:
    """The length of windows, None for whole recordings, and what is said of a length that was not given."""
    if how.window is not None or how.like is not None or len(recordings) > 1:
        return how.window, ()
    window = usual_window(recordings.all[0].values)
    if window < 2:
        raise InputError(
            f"{recordings.all[0].name} is one recording of {len(recordings.all[0]):,} time steps, too short "
            f"to be cut into windows; give --window 2 or more, or several recordings: a folder, or --id."
        )
    note = f"One recording is cut into windows; their length, {window:,} time steps, is from its period"
    return window, (f"{note} (--window, in Python window=, gives another).",)


def known_as(recordings: Recordings, like: SequenceSchema) -> Recordings:
    """The `recordings` with the channels of a model, in its order.

    Raises:
        InputError: for other channels.
    """
    missing = [channel for channel in like.channels if channel not in recordings.channels]
    if missing:
        raise InputError(
            f"The recordings have no channel {few(missing)}, to which the model was fitted; they have "
            f"{few(recordings.channels)}."
        )
    if not like.channels or like.channels == recordings.channels:
        return recordings
    order = [recordings.channels.index(channel) for channel in like.channels]
    picked = tuple(replace(each, values=each.values[:, order]) for each in recordings)
    return replace(recordings, all=picked, channels=like.channels)


def whole(recordings: Recordings, name: str, how: Reading, labels: Array | None) -> Data:
    """Each recording as an example."""
    longest = int(recordings.lengths.max()) if how.like is None else how.like.shape[0]
    for each in recordings:
        if len(each) > longest:
            raise InputError(
                f"{each.name} has {len(each):,} time steps, more than the {longest:,} of the longest "
                f"recording that the model was fitted to."
            )
        check_finite(each.values, each.name, allow_nan=True, columns=recordings.channels)
    values = padded(recordings.all, longest)
    if how.like is not None and how.like.axes == "T" and values.shape[2] == 1:
        values = values[:, :, 0]  # the model was fitted to an array without an axis of channels
    data = Data(InMemory(values), described(InMemory(values), recordings), name, recordings.names, labels)
    return replace(data, recordings=recordings)


def in_windows(recordings: Recordings, name: str, how: Reading, window: int, labels: Array | None) -> Data:
    """Windows of the recordings, grouped by time or by recording."""
    for each in recordings:
        check_finite(each.values, each.name, allow_nan=True, columns=recordings.channels)
    source, patches = cut_recordings(recordings, window, how.stride or stride_for(window))
    return Data(
        source,
        described(source, recordings),
        name,
        patches.ids,
        None if labels is None else labels[patches.owner],
        groups=time_groups(patches, window),
        stretches=stretches(patches, window),
        patches=patches,
        recordings=recordings,
    )


def lengthened(data: Data, longest: int) -> Data:
    """Recordings padded to `longest` time steps, if they are shorter."""
    assert data.recordings is not None
    if longest <= data.schema.shape[0]:
        return data
    source = InMemory(padded(data.recordings.all, longest))
    return replace(data, source=source, schema=described(source, data.recordings))


def described(source: Source, recordings: Recordings) -> SequenceSchema:
    """The schema of examples `(n, time, channels)` of recordings."""
    schema = SequenceSchema.of(tuple(source.shape[1:]), source.dtype.name)
    return replace(schema, channels=recordings.channels, time=recordings.axis)


def padded(recordings: Sequence[Recording], longest: int) -> Array:
    """The values of recordings, `(n, longest, channels)`; NaN past the end of each."""
    if all(len(each) == longest for each in recordings):
        return np.stack([each.values for each in recordings])
    dtype = np.result_type(np.float32, *(each.values.dtype for each in recordings))
    values = np.full((len(recordings), longest, recordings[0].values.shape[1]), np.nan, dtype)
    for row, each in zip(values, recordings, strict=True):
        row[: len(each)] = each.values
    return values
