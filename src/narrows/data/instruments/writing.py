"""Arrays with calibrated axes written as TIFF, HDF5, Zarr or MRC, as the readers find them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from narrows.core.errors import InputError
from narrows.core.files import new_file, new_folder, reserve
from narrows.data.calibration import Axes, Axis, shape_of
from narrows.data.columns import Array
from narrows.data.formats import format_of, need
from narrows.data.instruments.named_axes import ANGSTROM
from narrows.data.instruments.tiff_writing import tiff
from narrows.data.scan_axes import SIGNALS

LONG = {
    "nm": "nanometer",
    "µm": "micrometer",
    "mm": "millimeter",
    "m": "meter",
    "s": "second",
    "Å": "angstrom",
}
"""The names of units in OME-NGFF."""

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


@contextmanager
def hdf5(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
    """The data set `data`, with a scale for each of its dimensions, or the signal of a file of hyperspy."""
    try:
        import h5py
    except ImportError as error:
        raise InputError(f"HDF5 {need('hdf5')}.") from error
    with new_file(target) as part, h5py.File(part, "w") as file:
        if target.suffix.lower() == ".hspy":
            yield hyperspy(file, axes, dtype)
            return
        data = file.create_dataset("data", shape_of(axes), dtype)
        for i, axis in enumerate(axes if named(axes) else ()):
            scale = file.create_dataset(f"axes/{axis.letter}", data=axis.values)
            scale.attrs["units"] = axis.unit
            scale.make_scale(axis.letter)
            data.dims[i].label = axis.letter
            data.dims[i].attach_scale(scale)
        yield data


def hyperspy(file: Any, axes: Axes, dtype: np.dtype[Any]) -> Writable:
    """The signal `data` as hyperspy has it: the axes of a spectrum or an image are told from others."""
    file.attrs["file_format"], file.attrs["file_format_version"] = "HyperSpy", "3.3"
    group = file.create_group("Experiments/data")
    group.create_group("metadata/General").attrs["title"] = "data"
    group.create_group("original_metadata")
    for i, axis in enumerate(axes):
        described = {"name": axis.letter.lower(), "size": axis.size, "scale": axis.scale, "units": axis.unit}
        described |= {"offset": axis.offset, "navigate": i not in signal_axes(axes), "index_in_array": i}
        group.create_group(f"axis-{i}").attrs.update({"_type": "UniformDataAxis", **described})
    return group.create_dataset("data", shape_of(axes), dtype)


def signal_axes(axes: Axes) -> list[int]:
    """The numbers of the axes of a spectrum or a pattern, else of height and width, else of the last axis."""
    for letters in (SIGNALS, ("Y", "X")):
        if found := [i for i, axis in enumerate(axes) if axis.letter in letters]:
            return found
    return [len(axes) - 1]


@contextmanager
def zarr(target: Path, axes: Axes, dtype: np.dtype[Any]) -> Iterator[Writable]:
    """An image of OME-NGFF 0.5 with one level, whose axes have scales and offsets."""
    if target.name.lower().endswith(".zip"):
        raise InputError(f"Zarr is written as a folder, not to {target.name!r}; leave out .zip.")
    with new_folder(target) as part:
        yield in_zarr(part, axes, dtype)


def in_zarr(folder: Path, axes: Axes, dtype: np.dtype[Any]) -> Writable:
    """As `zarr`, in an empty `folder`.

    Raises:
        InputError: without the package.
    """
    try:
        import zarr
    except ImportError as error:
        raise InputError(f"Zarr {need('zarr')}.") from error
    group = zarr.open_group(folder, mode="w")
    names = [axis.letter.lower() for axis in axes] if named(axes) else None
    if names:
        group.attrs["ome"] = {"version": "0.5", "multiscales": [level(axes)]}
    array: Writable = group.create_array("0", shape=shape_of(axes), dtype=dtype, dimension_names=names)
    return array


def opened_zarr(folder: Path) -> Writable:
    """The array that `in_zarr` made in `folder`."""
    import zarr

    array: Writable = zarr.open_array(folder / "0", mode="r+")
    return array


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
            reserve(part)
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


CREATED: dict[str, Callable[[Path, Axes, np.dtype[Any]], AbstractContextManager[Writable]]] = {
    "hdf5": hdf5,
    "zarr": zarr,
    "mrc": mrc,
    "tiff": tiff,
}
"""By format, what creates an array in such a file."""
