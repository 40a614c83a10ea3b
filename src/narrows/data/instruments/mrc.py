"""Images, stacks and volumes in MRC files, by mrcfile; the values stay in the file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError, reason
from narrows.data.calibration import Axes, Axis
from narrows.data.formats import need, without_ending
from narrows.data.instruments.choosing import DataSet, check
from narrows.data.sources.mapped import Mapped
from narrows.data.stored import Stored

if TYPE_CHECKING:
    from mrcfile.mrcmemmap import MrcMemmap


def open_mrc(file: Path, part: str) -> Stored:
    """The image, stack or volume of an MRC file.

    Raises:
        InputError: for a file that cannot be read, or that is shorter than its header says.
    """
    if part:
        raise InputError(f"{file.name} holds one array, and no part {part!r}; leave it out.")
    with mapped(file) as opened:
        if opened.data is None:
            raise InputError(f"{file.name} is truncated or damaged: it is shorter than its header says.")
        data: Any = opened.data
        check(DataSet(data.shape, data.dtype), file.name, {})
        array = Mapped(file.resolve(), data.shape, data.dtype, data.offset)
        return Stored(array, without_ending(file), axes_in(opened))


def mapped(file: Path) -> MrcMemmap:
    """`file` as mrcfile opens it; faults of the header that leave the values as they are are passed over.

    Raises:
        InputError: for a file that cannot be read.
    """
    try:
        import mrcfile
    except ImportError as error:
        raise InputError(f"{file.name} {need('mrc')}.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return mrcfile.mmap(file, mode="r", permissive=True)
    except Exception as error:
        raise InputError(f"{file.name} cannot be read as an MRC file: {reason(error)}.") from error


def axes_in(opened: MrcMemmap) -> Axes:
    """The axes: height and width, with frames or depth before; steps in Å where the header says them."""
    shape = opened.data.shape
    letters = ("TZYX" if opened.is_volume_stack() else "ZYX" if opened.is_volume() else "TYX")[-len(shape) :]
    size = opened.voxel_size
    steps = {"Z": float(size.z), "Y": float(size.y), "X": float(size.x)}
    return tuple(
        Axis(letter, n, steps[letter], 0.0, "Å") if steps.get(letter, 0) > 0 else Axis(letter, n)
        for letter, n in zip(letters, shape, strict=True)
    )
