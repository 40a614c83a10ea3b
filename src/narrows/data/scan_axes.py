"""The axes of an array that is a scan, by letters: places before a stroke, the signal at each behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from narrows.core.errors import InputError, show

SIGNALS = ("E", "Ky", "Kx")
"""The letters that are axes of a signal without a stroke, too: energy, and those of patterns."""

EXAMPLES = "YX|KyKx for patterns, YX|E for spectra, or EYX"

TOKEN = re.compile(r"K[XY]|[A-Z]")


class ScanAxes(NamedTuple):
    """The axes of an array that is a scan.

    Attributes:
        letters: of each axis, in the order of the array.
        places: the numbers of the axes that are places of the scan, in order.
        signal: the numbers of the axes of the signal at each place, in order.
    """

    letters: tuple[str, ...]
    places: tuple[int, ...]
    signal: tuple[int, ...]

    @property
    def in_order(self) -> bool:
        """Whether all places come before the signal."""
        return (*self.places, *self.signal) == tuple(range(len(self.letters)))

    @property
    def text(self) -> str:
        """The letters, with a stroke where the axes are in order."""
        if not self.in_order:
            return "".join(self.letters)
        named = ["".join(self.letters[i] for i in axes) for axes in (self.places, self.signal)]
        return "|".join(named)


def is_scan(axes: str | None) -> bool:
    """Whether letters are those of a scan.

    >>> is_scan("YX|E"), is_scan("kykxyx"), is_scan("TYX"), is_scan(None)
    (True, True, False, False)
    """
    found = TOKEN.findall((axes or "").upper())
    return "|" in (axes or "") or any(letter.capitalize() in SIGNALS for letter in found)


def parse_scan_axes(text: str) -> ScanAxes:
    """The axes that a person gives for a scan.

    >>> parse_scan_axes("yx|kykx")
    ScanAxes(letters=('Y', 'X', 'Ky', 'Kx'), places=(0, 1), signal=(2, 3))
    >>> parse_scan_axes("EYX").signal
    (0,)

    Raises:
        InputError: for letters that leave out the places or the signal, or name an axis twice.
    """
    cleaned = text.strip().upper()
    parts = cleaned.split("|")
    if len(parts) > 2 or re.sub(TOKEN, "", cleaned.replace("|", "")):
        raise InputError(wrong(text))
    letters = [tuple(letter.capitalize() for letter in TOKEN.findall(part)) for part in parts]
    joined = sum(letters, ())
    signal = (
        tuple(range(len(letters[0]), len(joined)))
        if len(parts) == 2
        else tuple(i for i, letter in enumerate(joined) if letter in SIGNALS)
    )
    places = tuple(i for i in range(len(joined)) if i not in signal)
    if len(set(joined)) < len(joined) or not places or len(signal) not in (1, 2):
        raise InputError(wrong(text))
    return ScanAxes(joined, places, signal)


def wrong(text: str) -> str:
    """The message for letters that are no axes of a scan."""
    return (
        f"The axes of a scan are its places, then a stroke, then one or two axes of the signal at each "
        f"place: {EXAMPLES}; but got {text!r}."
    )


def check_number(axes: ScanAxes, shape: Sequence[int], name: str) -> None:
    """Refuse an array with another number of axes.

    Raises:
        InputError: with both.
    """
    if len(axes.letters) != len(shape):
        raise InputError(
            f"The axes {axes.text} are {len(axes.letters)}, but {name} has the shape {show(tuple(shape))}; "
            f"give a letter for each of its {len(shape)} axes."
        )
