"""Scans as data: an example is the signal at a place."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from narrows.core.errors import InputError
from narrows.data.calibration import Axes, Axis
from narrows.data.checks import real
from narrows.data.columns import Array
from narrows.data.dead_places import dead_places
from narrows.data.examples import Data
from narrows.data.kinds.images import ImageSchema
from narrows.data.kinds.spectra import SpectrumSchema
from narrows.data.preparation import AS_IT_CAME, Preparation, brightest
from narrows.data.reading import Reading
from narrows.data.scan import Scan
from narrows.data.scan_axes import ScanAxes, check_number
from narrows.data.schema import Schema
from narrows.data.sources import InMemory, Source, on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.prepared import Prepared

SAMPLED = 4
"""Blocks from which the mean pattern is taken that tells where the centre is."""


def read_scan(
    values: Source, axes: ScanAxes, name: str, known: Axes | None = None, how: Preparation = AS_IT_CAME
) -> Data:
    """The signals in an array of a scan.

    Args:
        values: the array, its first axis as examples.
        axes: which of its axes are places, and which are of the signal.
        name: for messages, run folders and reports.
        known: what the file says of the axes, in the order of the array.
        how: what is done to the signals.

    Raises:
        InputError: for another number of axes, values that are not real and finite, and steps of preparation
            that do not suit them.
    """
    check_number(axes, values.shape, name)
    described = [
        Axis(letter, size) if known is None else replace(known[i], letter=letter)
        for i, (letter, size) in enumerate(zip(axes.letters, values.shape, strict=True))
    ]
    places, signal = (tuple(described[i] for i in part) for part in (axes.places, axes.signal))
    source, how = prepared(at_places(values, axes), signal, how, name)
    return from_scan(source, Scan(places, how.axes(signal), how), name)


def prepared(source: Source, signal: Axes, how: Preparation, name: str) -> tuple[Source, Preparation]:
    """The signals `source (n, *signal)` after preparation, and its steps with the centre that was found.

    Raises:
        InputError: for steps that do not suit the signals.
    """
    if how.idle:
        return source, how
    how.check(signal, name)
    if how.mask is not None and how.centre is None:
        how = replace(how, centre=brightest(mean_of(source)))
    made = Prepared(source, how, signal)
    small = prod(made.shape) * made.dtype.itemsize < on_disk.LARGE
    return InMemory(made.all()) if source.in_memory or small else made, how


def mean_of(source: Source) -> Array:
    """The mean of the examples of a few blocks that are spread over `source`."""
    blocks = source.blocks()
    chosen = [blocks[i] for i in np.unique(np.linspace(0, len(blocks) - 1, SAMPLED, dtype=int))]
    return np.mean([np.nanmean(source.take(rows), axis=0, dtype=np.float64) for rows in chosen], axis=0)


def scan_in(values: Source, name: str, how: Reading, axes: ScanAxes, known: Axes | None = None) -> Data:
    """As `read_scan`, after a check of `how`.

    Raises:
        InputError: for options of other data, and another kind than that of the signals.
    """
    data = read_scan(values, axes, name, known, how.preparation)
    if how.patch is not None or how.kind not in (None, data.schema.kind):
        wanted = "--patch cuts images" if how.patch is not None else f"--kind says {how.kind}"
        raise InputError(
            f"The axes {axes.text} make {name} a scan of {data.schema.kind}, but {wanted}; leave one out."
        )
    return data


def from_scan(source: Source, scan: Scan, name: str) -> Data:
    """The examples `source (n, *signal)` of a scan, in the order of its places.

    Regions of neighbours are the groups, so that a verdict is not over neighbours of what was trained on.

    Raises:
        InputError: for values that are not real and finite.
    """
    if source.in_memory:
        source = InMemory(real(source.all(), name))
    schema = schema_of(scan, source)
    kind = "spectra" if len(scan.signal) == 1 else "patterns"
    places, signal = (", ".join(axis.text for axis in axes) for axes in (scan.axes, scan.signal))
    notes = (f"A scan of {len(scan):,} {kind}: places {places}; signal {signal}.", scan.preparation.sentence)
    said = tuple(note for note in notes if note)
    warnings = dead_places(source.all(), scan) if source.in_memory else ()
    axes, groups = (*scan.axes, *scan.signal), scan.groups()
    return Data(source, schema, name, notes=said, warnings=warnings, groups=groups, scan=scan, axes=axes)


def schema_of(scan: Scan, source: Source) -> Schema:
    """The description of the signal at a place."""
    shape, dtype = source.shape[1:], source.dtype.name
    if len(scan.signal) == 2:
        return ImageSchema(dtype, shape, "HW")
    return SpectrumSchema(dtype, shape, "E", axis=scan.signal[0])


def at_places(values: Source, axes: ScanAxes) -> Source:
    """The signals `(n, *signal)` of an array, one for each place in order."""
    if isinstance(values, OnDisk):
        return values.arranged(axes.places, axes.signal)
    return InMemory(flattened(values.all(), axes))


def flattened(values: Array, axes: ScanAxes) -> Array:
    """The signals `(n, *signal)` of an array in memory.

    Raises:
        InputError: for another number of axes.
    """
    check_number(axes, values.shape, "the array")
    moved = values.transpose(*axes.places, *axes.signal)
    return np.ascontiguousarray(moved.reshape(-1, *moved.shape[len(axes.places) :]))


def check_alike(scan: Scan, like: Scan, name: str) -> None:
    """Refuse a scan whose signal is calibrated otherwise than that of a fitted one.

    Raises:
        InputError: with both calibrations.
    """
    for mine, theirs in zip(scan.signal, like.signal, strict=True):
        if mine.calibrated and theirs.calibrated and not mine.like(theirs):
            raise InputError(
                f"The signal of {name} has the axis {mine.text}, but the model was fitted to {theirs.text}; "
                f"bring both to one calibration."
            )
