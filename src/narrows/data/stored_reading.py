"""From an array in a file to examples: which of its axes number them."""

from __future__ import annotations

from math import prod

from narrows.core.errors import InputError, show
from narrows.data.axes import MEANINGS
from narrows.data.calibration import check_axes
from narrows.data.checks import check_real
from narrows.data.scan_axes import SIGNALS, ScanAxes
from narrows.data.sources import InMemory, Source, on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored

ORDER = ("T", "Z", "Y", "X", "Ky", "Kx")
"""Places of a scan and axes of a pattern in the order that pictures have; others come first."""


def source_of(stored: Stored) -> Source:
    """The array with its first axis as examples: in memory, unless it is large.

    Raises:
        InputError: for values that are not real, an array that does not fit its axes, and a small one that
            cannot be read.
    """
    check_real(stored.array.dtype, stored.name)
    if stored.axes is not None:
        check_axes(stored.axes, stored.shape, stored.name)
    return in_memory_if_small(OnDisk(stored))


def in_memory_if_small(source: Source) -> Source:
    """All examples of a source, unless they are large."""
    large = prod(source.shape) * source.dtype.itemsize >= on_disk.LARGE
    return source if large else InMemory(source.all())


def scan_axes(stored: Stored) -> ScanAxes | None:
    """The axes of the scan that an array is, as its file says; None for others.

    It is one where the file tells places from a signal of spectra or patterns, or names axes of these.
    """
    if stored.axes is None:
        return None
    letters = tuple(axis.letter for axis in stored.axes)
    signal = [i for i, letter in enumerate(letters) if letter in SIGNALS]
    places = [i for i in range(len(letters)) if i not in signal]
    if not places or len(signal) not in (1, 2) or "C" in letters:
        return None
    return ScanAxes(
        letters, *(tuple(sorted(part, key=lambda i: rank(letters[i]))) for part in (places, signal))
    )


def rank(letter: str) -> int:
    """The place of an axis among those of a picture."""
    return ORDER.index(letter) if letter in ORDER else -1


def image_letters(stored: Stored) -> str | None:
    """The letters of an array of images, as its file says; None where it says nothing.

    Raises:
        InputError: for a single spectrum.
    """
    if stored.axes is None:
        return None
    found = [axis.letter[-1].upper() if axis.letter in ("Ky", "Kx") else axis.letter for axis in stored.axes]
    letters = "".join(letter if letter in "YXC" or letter not in MEANINGS else "Q" for letter in found)
    if len(letters) == 1:
        raise InputError(
            f"{stored.name} holds {show(stored.shape)} values along one axis, as one spectrum does; wanted "
            f"are many examples."
        )
    return letters


def notes_of(stored: Stored, source: Source, *, scan: bool) -> tuple[str, ...]:
    """What the file says of the array: where it is, its axes and its chunks, and how often these are read.

    Args:
        stored: the array.
        source: the examples that were made of it.
        scan: whether they are of a scan, which says its axes itself.
    """
    calibrated = [axis.text for axis in stored.axes or () if axis.calibrated and not scan]
    chunks = [f"Stored in chunks of {show(stored.chunks)}"] if stored.chunks is not None else []
    if source.times_read > 1:
        chunks[0] += (
            f", each of which is read about {source.times_read:,} times in a pass, because its examples do "
            f"not fit into memory; chunks of fewer examples, as of 8x8 places of a scan, are read once"
        )
    axes = [f"Calibrated axes: {', '.join(calibrated)}."] if calibrated else []
    return (*stored.notes, *axes, *(f"{text}." for text in chunks))
