"""Axes from the names and units that files give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.calibration import Axes, Axis


class NamedAxis(NamedTuple):
    """An axis as a file describes it.

    Attributes:
        name: any text.
        size: the number of places.
        scale: from one place to the next.
        offset: the value at the first place.
        unit: any text; empty if the file says none.
        navigates: whether its places are those of a scan or a series; None if the file says nothing.
    """

    name: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    navigates: bool | None = None


LETTERS = {
    **dict.fromkeys(("y", "height", "row", "rows", "ry"), "Y"),
    **dict.fromkeys(("x", "width", "column", "columns", "rx"), "X"),
    **dict.fromkeys(("z", "depth", "slice"), "Z"),
    **dict.fromkeys(("t", "time", "frame", "frames", "image"), "T"),
    **dict.fromkeys(("c", "channel", "channels", "colour", "color"), "C"),
    **dict.fromkeys(("ky", "qy"), "Ky"),
    **dict.fromkeys(("kx", "qx"), "Kx"),
    **dict.fromkeys(("e", "energy", "energyloss", "eloss", "wavelength"), "E"),
}
"""The letter of an axis by its name, without spaces and in lower case."""

ENERGY = ("eV", "keV", "meV")
"""Units of the axis of spectra."""

RECIPROCAL = re.compile(r"1/.*|m?rad")
"""Units of the axes of diffraction patterns."""

ANGSTROM = {"Å": 1.0, "pm": 0.01, "nm": 10.0, "µm": 1e4, "mm": 1e7, "m": 1e10}
"""Units of length in Å."""

UNKNOWN = ("", "<undefined>", "undefined", "none", "px", "pixel", "pixels", "arb.u.", "a.u.", "counts", "1")
"""Units, in lower case, that say no more than that there is none."""

UNITS = {
    **dict.fromkeys(("um", "micron", "microns", "micrometer", "micrometre"), "µm"),
    **dict.fromkeys(("a", "ang", "angstrom", "angstroms"), "Å"),
    **dict.fromkeys(("nanometer", "nanometre"), "nm"),
    **dict.fromkeys(("picometer", "picometre"), "pm"),
    **dict.fromkeys(("millimeter", "millimetre"), "mm"),
    **dict.fromkeys(("meter", "metre"), "m"),
    **dict.fromkeys(("second", "seconds", "sec"), "s"),
}
"""Short forms of units, by other texts for them in lower case."""


def unit_of(text: str) -> str:
    """A unit in its short form; empty if there is none.

    >>> [unit_of(text) for text in ("[n_m]", "micrometer", "nm^-1", "[1_/_n_m]", "pixels", "A^-1")]
    ['nm', 'µm', '1/nm', '1/nm', '', '1/Å']
    """
    cleaned = text.strip()
    if cleaned.startswith("["):  # as EMD files have it
        cleaned = cleaned.strip("[]").replace("_", "")
    cleaned = cleaned.replace(" ", "").replace("μ", "µ")
    inverse = re.fullmatch(r"(.+?)\^?-1|1/(.+)", cleaned)
    if inverse:
        return f"1/{unit_of(inverse[1] or inverse[2])}"
    return "" if cleaned.lower() in UNKNOWN else UNITS.get(cleaned.lower(), cleaned)


def evenly(values: np.ndarray[Any, Any], name: str, unit: str) -> NamedAxis:
    """The axis with `values (n,)` at its places, which are about as far from each other."""
    if values.dtype.kind not in "iuf" or len(values) < 2:
        return NamedAxis(name, len(values), unit=unit)
    first, last = float(values[0]), float(values[-1])
    return NamedAxis(name, len(values), (last - first) / (len(values) - 1) or 1.0, first, unit)


def axes_of(named: Sequence[NamedAxis]) -> Axes:
    """The axes with letters: by their names and units, else by their places in the array."""
    units = [unit_of(axis.unit) for axis in named]
    letters = [LETTERS.get(re.sub(r"[\s_-]", "", axis.name.lower()), "") for axis in named]
    letters = [by_unit(letter, unit) for letter, unit in zip(letters, units, strict=True)]
    navigates = [axis.navigates for axis in named]
    signal = [i for i, of in enumerate(navigates) if of is False]
    if any(navigates) and signal:
        letters = of_signal(letters, signal)
    letters = without_repeats(letters)
    return tuple(
        Axis(letter, axis.size, axis.scale, axis.offset, unit)
        for letter, axis, unit in zip(letters, named, units, strict=True)
    )


def by_unit(letter: str, unit: str) -> str:
    """The letter of an axis with a unit, which says more than its name does."""
    if unit in ENERGY:
        return "E"
    return f"K{letter.lower()}" if letter in ("Y", "X") and RECIPROCAL.fullmatch(unit) else letter


def of_signal(letters: list[str], signal: list[int]) -> list[str]:
    """`letters`, those of the `signal` at the places of a scan of lines told from those of the places.

    >>> of_signal(["Y", "X", "", ""], [2, 3]), of_signal(["", ""], [1]), of_signal(["", "", ""], [1, 2])
    (['Y', 'X', 'Ky', 'Kx'], ['', 'E'], ['', 'Y', 'X'])
    """
    places = len(letters) - len(signal)
    names = ["E"] if len(signal) == 1 else ["Y", "X"] if places == 1 else ["Ky", "Kx"]
    letters = list(letters)
    for i, name in zip(signal[-2:], names, strict=False):
        if letters[i] in ("", "Y", "X"):
            letters[i] = name
    return letters


def without_repeats(letters: list[str]) -> list[str]:
    """`letters`, those that are missing or repeated by their places: the last are height and width.

    >>> without_repeats(["", "", ""]), without_repeats(["", "X", "E"]), without_repeats(["Y", "Y", "X"])
    (['T', 'Y', 'X'], ['Y', 'X', 'E'], ['T', 'Y', 'X'])
    """
    letters = list(letters)
    for i in range(len(letters)):
        if letters[i] in letters[i + 1 :]:
            letters[i] = ""
    free = [letter for letter in "XYTZABDGIJLM" if letter not in letters]
    for i in reversed(range(len(letters))):
        letters[i] = letters[i] or free.pop(0)
    return letters
