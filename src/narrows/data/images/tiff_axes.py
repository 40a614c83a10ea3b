"""The calibration of TIFF files, as ImageJ and OME write it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.data.calibration import Axes, Axis
from narrows.data.formats import format_of
from narrows.data.instruments.named_axes import ANGSTROM, unit_of

if TYPE_CHECKING:
    from tifffile import TiffFile

ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
"""How ImageJ writes letters beyond ASCII."""


def tiff_axes(file: Path) -> Axes:
    """The axes of the images of a file: those that number them, then height, width and channels.

    Returns:
        None of a file that says no unit, that is no TIFF, or where tifffile is not installed.
    """
    if format_of(file) != "tiff":
        return ()
    try:
        import tifffile
    except ImportError:
        return ()
    try:
        with tifffile.TiffFile(file) as tiff:
            axes = described(tiff)
    except Exception:  # a damaged file may raise anything in the parser; who reads it says so
        return ()
    return in_order(axes) if any(axis.calibrated for axis in axes) else ()


def described(tiff: TiffFile) -> Axes:
    """The axes of the first series, in the order of the file."""
    series = tiff.series[0]
    known = of_imagej(tiff) if tiff.is_imagej else of_ome(tiff) if tiff.is_ome else {}
    return tuple(
        Axis(letter, size, *known.get(letter, (1.0, 0.0, "")))
        for letter, size in zip(str(series.axes), series.shape, strict=True)
    )


def of_imagej(tiff: TiffFile) -> dict[str, tuple[float, float, str]]:
    """Scale, offset and unit of the axes by letter; resolution is in pixels per unit, origin in pixels."""
    said: dict[str, Any] = tiff.imagej_metadata or {}
    unit = unit_of(unescaped(str(said.get("unit", ""))))
    steps = {
        "X": resolution(tiff, "XResolution"),
        "Y": resolution(tiff, "YResolution"),
        "Z": said.get("spacing"),
    }
    found = {
        letter: (float(step), 0.0 - float(step) * float(said.get(f"{letter.lower()}origin", 0)), unit)
        for letter, step in steps.items()
        if step and unit
    }
    if said.get("finterval"):
        found["T"] = (float(said["finterval"]), 0.0, unit_of(str(said.get("tunit", "s"))))
    return found


def resolution(tiff: TiffFile, name: str) -> float:
    """The size of a pixel in the unit of the file; 0 where it is not said."""
    tag: Any = tiff.pages[0].tags.get(name)  # type: ignore[union-attr]
    if tag is None or not tag.value[0]:
        return 0.0
    return float(tag.value[1]) / float(tag.value[0])


def unescaped(text: str) -> str:
    r"""Text of ImageJ with letters beyond ASCII.

    >>> unescaped("\\u00B5m")
    'µm'
    """
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def of_ome(tiff: TiffFile) -> dict[str, tuple[float, float, str]]:
    """The same of OME-TIFF; a size without a unit is in µm, an increment of time in seconds.

    Offsets are the position and the time of the first plane.
    """
    import tifffile

    pixels = first(tifffile.xml2dict(tiff.ome_metadata or "").get("OME", {}), "Image", "Pixels")
    plane = first(pixels, "Plane")
    found = {}
    for letter in "XYZ":
        if size := float(pixels.get(f"PhysicalSize{letter}", 0)):
            unit = unit_of(str(pixels.get(f"PhysicalSize{letter}Unit", "µm")))
            found[letter] = (size, position(plane, f"Position{letter}", unit), unit)
    if step := float(pixels.get("TimeIncrement", 0)):
        unit = unit_of(str(pixels.get("TimeIncrementUnit", "s")))
        found["T"] = (step, position({"DeltaTUnit": "s", **plane}, "DeltaT", unit), unit)
    return found


def position(plane: dict[str, Any], name: str, unit: str) -> float:
    """The position of a plane in `unit`; 0 if it is not known, or in a unit that does not convert.

    >>> position({"PositionX": 2, "PositionXUnit": "nm"}, "PositionX", "µm")
    0.002
    >>> position({"PositionX": 2, "PositionXUnit": "reference frame"}, "PositionX", "µm")
    0.0
    """
    value, own = float(plane.get(name, 0)), unit_of(str(plane.get(f"{name}Unit", "reference frame")))
    if own == unit:
        return value
    return value * ANGSTROM[own] / ANGSTROM[unit] if own in ANGSTROM and unit in ANGSTROM else 0.0


def first(record: Any, *names: str) -> dict[str, Any]:
    """What lies at a path of names; of several elements of a name the first."""
    for name in names:
        record = record.get(name, {}) if isinstance(record, dict) else {}
        record = record[0] if isinstance(record, list) else record
    return record if isinstance(record, dict) else {}


def in_order(axes: Axes) -> Axes:
    """The axes of images as they are read: those that number them first, channels last.

    >>> [axis.letter for axis in in_order(tuple(Axis(letter, 2) for letter in "TCYX"))]
    ['T', 'Y', 'X', 'C']
    """
    inner = {letter: i for i, letter in enumerate("YXCS", 1)}
    return tuple(sorted(axes, key=lambda axis: inner.get(axis.letter, 0)))
