"""The readers of arrays with axes, by format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrows.data.instruments.hdf5 import open_hdf5
from narrows.data.instruments.mrc import open_mrc
from narrows.data.instruments.rosetta import open_rosetta
from narrows.data.instruments.zarr import open_zarr
from narrows.data.stored import Stored

STORED: dict[str, Callable[[Path, str], Stored]] = {
    "hdf5": open_hdf5,
    "zarr": open_zarr,
    "mrc": open_mrc,
    "microscope": open_rosetta,
}
"""By format, a function of a file and the name of a part in it."""
