"""Arrays with calibrated axes written as TIFF, HDF5, Zarr or MRC, as the readers find them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from narrows.core.errors import InputError
from narrows.core.files import new_file, new_folder
from narrows.data.calibration import Axes, Axis
from narrows.data.columns import Array
from narrows.data.formats import format_of, need

PIXELS = ("T", "Z", "C", "Y", "X", "S")
"""The axes that TIFF knows, in the order in which ImageJ has them."""

IMAGEJ = ("uint8", "uint16", "float32")
"""The types of values that ImageJ knows; TIFF files of others follow OME."""

LONG = {
    "nm": "nanometer",
    "µm": "micrometer",
    "mm": "millimeter",
    "m": "meter",
    "s": "second",
    "Å": "angstrom",
}
"""The names of units in OME-NGFF."""

ANGSTROM = {"Å": 1.0, "pm": 0.01, "nm": 10.0, "µm": 1e4, "mm": 1e7}
"""Units of length in Å, the unit of MRC files."""

MRC_MODES = {"int8": 0, "int16": 1, "float32": 2, "uint16": 6, "uint8": 6, "float16": 12}
"""The modes of MRC 2014 by the type of the values; bytes become 16 bits, as there is no mode for them."""


class Writable(Protocol):
    """An array in a file that takes values."""

    def __setitem__(self, place: Any, values: Array) -> None: ...


def created(target: Path, axes: Axes, dtype: np.dtype[Any]) -> AbstractContextManager[Writable]:
    """A new array in a file; the file is there when the context ends without an error.

    Args:
        target: its path, whose ending is of a format of `CREATED`.
        axes: of the array.
        dtype: of its values.

    Raises:
        InputError: for axes or a type that the format does not hold, and without the package that writes it.
    """
    return CREATED[format_of(target)](target, axes, np.dtype(dtype))


def named(axes: Axes) -> bool:
    """Whether the axes have letters."""
    return all(axis.letter for axis in axes)


def shape_of(axes: Axes) -> tuple[int, ...]:
    return tuple(axis.size for axis in axes)


@contextmanager
def hdf5(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
    """The data set `data`, with a scale for each of its dimensions."""
    try:
        import h5py
    except ImportError as error:
        raise InputError(f"HDF5 {need('hdf5')}.") from error
    with new_file(target) as part, h5py.File(part, "w") as file:
        data = file.create_dataset("data", shape_of(axes), dtype)
        for i, axis in enumerate(axes if named(axes) else ()):
            scale = file.create_dataset(f"axes/{axis.letter}", data=axis.values)
            scale.attrs["units"] = axis.unit
            scale.make_scale(axis.letter)
            data.dims[i].label = axis.letter
            data.dims[i].attach_scale(scale)
        yield data


@contextmanager
def zarr(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
    """An image of OME-NGFF 0.5 with one level, whose axes have scales and offsets."""
    try:
        import zarr
    except ImportError as error:
        raise InputError(f"Zarr {need('zarr')}.") from error
    if target.name.lower().endswith(".zip"):
        raise InputError(f"Zarr is written as a folder, not to {target.name!r}; leave out .zip.")
    with new_folder(target) as part:
        group = zarr.open_group(part, mode="w")
        names = [axis.letter.lower() for axis in axes] if named(axes) else None
        if names:
            group.attrs["ome"] = {"version": "0.5", "multiscales": [level(axes)]}
        yield group.create_array("0", shape=shape_of(axes), dtype=dtype, dimension_names=names)


def level(axes: Axes) -> dict[str, Any]:
    """The description of an image of OME-NGFF with one level."""
    described = [
        {"name": axis.letter.lower(), "type": "time" if axis.letter == "T" else "space"}
        | ({"unit": LONG.get(axis.unit, axis.unit)} if axis.unit else {})
        for axis in axes
    ]
    moves = [
        {"type": "scale", "scale": [axis.scale for axis in axes]},
        {"type": "translation", "translation": [axis.offset for axis in axes]},
    ]
    return {"axes": described, "datasets": [{"path": "0", "coordinateTransformations": moves}]}


@contextmanager
def mrc(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
    """An image, a stack or a volume, with the size of its pixels in Å."""
    try:
        import mrcfile
    except ImportError as error:
        raise InputError(f"MRC {need('mrc')}.") from error
    letters = [axis.letter for axis in axes]
    if letters[-2:] != ["Y", "X"] or len(letters) > 3 or dtype.name not in MRC_MODES:
        raise InputError(
            f"MRC files hold images, stacks and volumes of {', '.join(MRC_MODES)}, but these values are "
            f"{dtype} with the axes {' '.join(letters)}; write .h5 or .zarr."
        )
    with new_file(target) as part:
        part.unlink()
        with mrcfile.new_mmap(part, shape_of(axes), MRC_MODES[dtype.name]) as file:
            if letters[0] == "Z":
                file.set_volume()
            elif len(letters) == 3:
                file.set_image_stack()
            sizes = {axis.letter.lower(): in_angstrom(axis) for axis in axes}
            file.voxel_size = tuple(sizes.get(letter, 0.0) for letter in "xyz")
            yield file.data


def in_angstrom(axis: Axis) -> float:
    """The distance of two places in Å; 0 where it is not known."""
    return axis.scale * ANGSTROM.get(axis.unit, 0.0)


@contextmanager
def tiff(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
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
    in_imagej = dtype.name in IMAGEJ and letters == [each for each in PIXELS if each in letters]
    how = imagej(axes) if in_imagej else ome(axes)
    how["photometric"] = "rgb" if axes[-1].letter == "S" else "minisblack"
    with new_file(target) as part:
        array = tifffile.memmap(part, shape=shape_of(axes), dtype=dtype, **how)
        yield array
        array.flush()


def imagej(axes: Axes) -> dict[str, Any]:
    """What tifffile is told to write the calibration as ImageJ has it."""
    known = {axis.letter: axis for axis in axes}
    metadata: dict[str, Any] = {"axes": "".join(known)}
    x, y = known["X"], known["Y"]
    if x.calibrated:
        metadata["unit"] = x.unit
    if "Z" in known and known["Z"].calibrated:
        metadata["spacing"] = known["Z"].scale
    if "T" in known and known["T"].calibrated:
        metadata |= {"finterval": known["T"].scale, "tunit": known["T"].unit}
    resolution = {"resolution": (1 / x.scale, 1 / y.scale)} if x.calibrated else {}
    return {"imagej": True, "metadata": metadata, **resolution}


def ome(axes: Axes) -> dict[str, Any]:
    """What tifffile is told to write the calibration as OME has it."""
    metadata: dict[str, Any] = {"axes": "".join(axis.letter for axis in axes)}
    for axis in axes:
        if axis.calibrated and axis.letter in "XYZ":
            metadata |= {
                f"PhysicalSize{axis.letter}": axis.scale,
                f"PhysicalSize{axis.letter}Unit": axis.unit,
            }
        elif axis.calibrated and axis.letter == "T":
            metadata |= {"TimeIncrement": axis.scale, "TimeIncrementUnit": axis.unit}
    return {"ome": True, "metadata": metadata}


CREATED: dict[str, Callable[[Path, Axes, np.dtype[Any]], AbstractContextManager[Writable]]] = {
    "hdf5": hdf5,
    "zarr": zarr,
    "mrc": mrc,
    "tiff": tiff,
}
"""By format, what creates an array in such a file."""
