"""Images with calibrated axes written as TIFF, as ImageJ or OME has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.core.files import new_file, reserve
from narrows.data.calibration import Axes, shape_of
from narrows.data.columns import Array
from narrows.data.formats import need

PIXELS = ("T", "Z", "C", "Y", "X", "S")
"""The axes that TIFF knows, in the order in which ImageJ has them."""

IMAGEJ = ("uint8", "uint16", "float32")
"""The types of values that ImageJ knows; TIFF files of others follow OME."""

OME = (*IMAGEJ, "int8", "int16", "int32", "uint32", "float64")
"""The types of values that OME knows."""


@contextmanager
def tiff(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Array]:
    """An image or a stack: as ImageJ writes it where it knows the type, else as OME-TIFF."""
    try:
        import tifffile
    except ImportError as error:
        raise InputError(f"TIFF stacks {need('tiff')}.") from error
    letters = [axis.letter for axis in axes]
    if "Y" not in letters or "X" not in letters or any(letter not in PIXELS for letter in letters):
        raise InputError(
            f"TIFF files hold images with the axes {' '.join(PIXELS)}, but these are {' '.join(letters)}; "
            f"write .h5 or .zarr."
        )
    if dtype.name not in OME:
        raise InputError(
            f"Calibrated TIFF files hold {', '.join(OME)}, but these values are {dtype}; write .h5 or .zarr."
        )
    how = imagej(axes) if in_imagej(axes, dtype) else ome(axes)
    how["photometric"] = "rgb" if axes[-1].letter == "S" else "minisblack"
    with new_file(target) as part:
        array = tifffile.memmap(part, shape=shape_of(axes), dtype=dtype, **how)
        reserve(part)
        yield array
        array.flush()


def in_imagej(axes: Axes, dtype: np.dtype[Any]) -> bool:
    """Whether ImageJ knows the type and all that is known of the axes.

    It has one unit of length, positive steps, and no time of the first frame.
    """
    letters = [axis.letter for axis in axes]
    lengths = [axis for axis in axes if axis.letter in "XYZ"]
    one_unit = len({axis.unit for axis in lengths}) == 1 and all(axis.scale > 0 for axis in lengths)
    begins = any(axis.letter == "T" and axis.calibrated and axis.offset for axis in axes)
    ordered = letters == [each for each in PIXELS if each in letters]
    types = ("uint8",) if "S" in letters else IMAGEJ
    colours = all(axis.size in (3, 4) for axis in axes if axis.letter == "S")
    return dtype.name in types and ordered and one_unit and colours and not begins


def imagej(axes: Axes) -> dict[str, Any]:
    """What tifffile is told to write the calibration as ImageJ has it; its origins are in pixels."""
    known = {axis.letter: axis for axis in axes}
    metadata: dict[str, Any] = {"axes": "".join(known)}
    x, y = known["X"], known["Y"]
    for axis in axes:
        if axis.letter in "XYZ" and axis.calibrated and axis.offset:
            metadata[f"{axis.letter.lower()}origin"] = -axis.offset / axis.scale
    if x.calibrated:
        metadata["unit"] = x.unit
    if "Z" in known and known["Z"].calibrated:
        metadata["spacing"] = known["Z"].scale
    if "T" in known and known["T"].calibrated:
        metadata |= {"finterval": known["T"].scale, "tunit": known["T"].unit}
    resolution = {"resolution": (1 / x.scale, 1 / y.scale)} if x.calibrated else {}
    return {"imagej": True, "metadata": metadata, **resolution}


def ome(axes: Axes) -> dict[str, Any]:
    """What tifffile is told to write the calibration as OME has it; offsets are positions of planes."""
    metadata: dict[str, Any] = {"axes": "".join(axis.letter for axis in axes)}
    for axis in axes:
        if axis.calibrated and axis.letter in "XYZ":
            metadata |= {
                f"PhysicalSize{axis.letter}": abs(axis.scale),
                f"PhysicalSize{axis.letter}Unit": axis.unit,
            }
        elif axis.calibrated and axis.letter == "T":
            metadata |= {"TimeIncrement": axis.scale, "TimeIncrementUnit": axis.unit}
    return {"ome": True, "metadata": metadata | positions(axes)}


def positions(axes: Axes) -> dict[str, Any]:
    """The positions and the times of the planes, where an axis does not begin at 0."""
    outer = [axis for axis in axes if axis.letter not in "YXS"]
    shape = shape_of(tuple(outer))
    said: dict[str, Any] = {}
    for axis in axes:
        name = "DeltaT" if axis.letter == "T" else f"Position{axis.letter}"
        if axis.letter in "XYZT" and axis.calibrated and axis.offset:
            places = np.indices(shape)[outer.index(axis)] if axis in outer else np.zeros(shape)
            values = (axis.offset + axis.scale * places).ravel().tolist()
            said |= {name: values, f"{name}Unit": [axis.unit] * len(values)}
    return {"Plane": said} if said else {}
