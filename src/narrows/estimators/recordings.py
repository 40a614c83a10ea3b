"""Recordings as input of an estimator, and what is made of them in the container that they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from narrows.data.examples import Data
from narrows.data.kinds import KINDS
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_loaded
from narrows.data.recordings.objects import is_frame, recordings_of
from narrows.data.recordings.recording import Loaded, Recording
from narrows.data.schema import Array
from narrows.runs.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame


class OfSequences(Protocol):
    """The parameters of an `Autoencoder` that recordings depend on."""

    kind: str | None
    window: int | None
    stride: int | None


def recordings_in(estimator: OfSequences, X: Any, *, reset: bool) -> Loaded | None:
    """The recordings in `X`; None for other data, and for sequences of one length in an array.

    Raises:
        InputError: for recordings that do not fit to each other.
    """
    kind = None if estimator.kind is None else KINDS.get(estimator.kind)
    run = None if reset else vars(estimator).get("run_")
    schema = kind if run is None else run.schema
    if schema is None or not schema.over_time:
        return None
    if run is not None and is_shorter(X, run.schema.shape):
        X = list(X)
    return recordings_of(X, reading(estimator))


def is_shorter(X: Any, shape: tuple[int, ...]) -> bool:
    """Whether `X` is an array of sequences with fewer time steps than those of `shape`."""
    if is_frame(X) or isinstance(X, (list, tuple)) or np.ndim(X) != 1 + len(shape):
        return False
    _, steps, *channels = np.shape(X)
    return steps < shape[0] and channels == list(shape[1:])


def reading(estimator: OfSequences) -> Reading:
    """How recordings are read for `estimator`."""
    return Reading("sequences", window=estimator.window, stride=estimator.stride)


def examples_of(found: Loaded, estimator: OfSequences, run: Run | None = None) -> Data:
    """The examples of recordings; those of a fitted `run` in its windows and with its channels."""
    how = reading(estimator)
    if run is not None:
        window = run.config.get("reading", {}).get("window")
        how = replace(how, like=run.schema, window=window)
    return from_loaded(found, how)


def for_windows(y: Any, data: Data) -> Any:
    """Labels `y` of recordings, or of images, as those of their windows; other `y` as they are."""
    patches = data.patches
    if patches is None or np.shape(y) != (len(patches.names),):
        return y
    return np.asarray(y)[patches.owner]


def like_recordings(made: Sequence[Array], data: Data, given: Any) -> Any:
    """Recordings `(time, channels)` in the container of those `given`: a list, a data frame, or an array."""
    assert data.recordings is not None
    if isinstance(given, (list, tuple)):
        each = zip(made, data.recordings, given, strict=True)
        return [in_container(values, recording, data, one) for values, recording, one in each]
    if len(made) > 1:
        return np.stack([in_container(each, data.recordings.all[0], data, given[0]) for each in made])
    return in_container(made[0], data.recordings.all[0], data, given)


def in_container(values: Array, recording: Recording, data: Data, given: Any) -> Array | DataFrame:
    """One recording as a data frame of its channels, with its times as index, if it was `given` as one."""
    assert data.recordings is not None
    if not is_frame(given):
        return values if values.ndim == getattr(given, "ndim", 2) else values[:, 0]
    from pandas import DataFrame, DatetimeIndex, Index

    axis, index = data.recordings.axis, None
    if recording.times is not None:
        dates = axis.unit == "date"
        index = DatetimeIndex(recording.times) if dates else Index(recording.times)
        if dates and axis.zone:
            index = index.tz_localize("UTC").tz_convert(axis.zone)
        index = index.rename(axis.name or None)
    return DataFrame(values, index=index, columns=list(data.recordings.channels))
