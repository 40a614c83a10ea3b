"""Examples of recordings: each recording is one, padded to the length of the longest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from narrows.data.checks import check_finite
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.reading import Reading
from narrows.data.recordings.recording import Recording, Recordings
from narrows.data.sources import InMemory


def from_recordings(
    recordings: Recordings,
    name: str,
    how: Reading,
    notes: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    labels: Array | None = None,
) -> Data:
    """Recordings as examples `(n, time, channels)`; NaN past the end of a shorter one.

    Args:
        recordings: at least one.
        name: for messages, run folders and reports.
        how: the options of recordings.
        notes: sentences about what the reader did.
        warnings: sentences about what could not be read as wanted.
        labels: `(n,)`, of the recordings.
    """
    values = padded(recordings.all)
    schema = describe(values, "sequences")
    check_finite(values, name, allow_nan=schema.may_miss)
    return Data(
        InMemory(values),
        schema,
        name,
        recordings.names,
        labels,
        notes=notes,
        warnings=warnings,
        recordings=recordings,
    )


def padded(recordings: Sequence[Recording]) -> Array:
    """The values of recordings, `(n, time, channels)`; NaN past the end of each."""
    longest = max(map(len, recordings))
    if all(len(each) == longest for each in recordings):
        return np.stack([each.values for each in recordings])
    dtype = np.result_type(np.float32, *(each.values.dtype for each in recordings))
    values = np.full((len(recordings), longest, recordings[0].values.shape[1]), np.nan, dtype)
    for row, each in zip(values, recordings, strict=True):
        row[: len(each)] = each.values
    return values
