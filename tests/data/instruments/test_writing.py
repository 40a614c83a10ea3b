from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError, NoRoomError
from narrows.data.calibration import Axes, Axis
from narrows.data.formats import format_of
from narrows.data.images.tiff import read_tiff
from narrows.data.images.tiff_axes import tiff_axes
from narrows.data.instruments.files import STORED
from narrows.data.instruments.writing import created
from narrows.data.layout import unnamed

for package in ("h5py", "zarr", "mrcfile", "tifffile"):
    pytest.importorskip(package)

AXES = (Axis("T", 4, 0.5, 2.0, "s"), Axis("Y", 12, 0.02, 0.3, "nm"), Axis("X", 10, 0.02, -1.0, "nm"))


def values(dtype: str) -> np.ndarray:
    return (200 * np.random.default_rng(0).random((4, 12, 10))).astype(dtype)


def back(file: Path) -> tuple[np.ndarray, Axes]:
    """The values and the axes that the readers find in a file."""
    if format_of(file) == "tiff":
        return read_tiff(file), tiff_axes(file)
    stored = STORED[format_of(file)](file, "")
    return np.asarray(stored.array[:]), stored.axes or ()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("ending", [".h5", ".zarr", ".tif"])
def test_values_types_and_units_come_back(ending: str, dtype: str, tmp_path: Path) -> None:
    file, given = tmp_path / f"a{ending}", values(dtype)
    with created(file, AXES, given.dtype) as array:
        array[:1], array[1:] = given[:1], given[1:]
    found, axes = back(file)
    assert found.dtype == given.dtype
    assert found.tolist() == given.tolist()
    for axis, wanted in zip(axes, AXES, strict=True):
        assert (axis.letter, axis.size, axis.unit) == (wanted.letter, wanted.size, wanted.unit)
        assert axis.scale == pytest.approx(wanted.scale)
        assert axis.offset == pytest.approx(wanted.offset)


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint16", "float32"])
@pytest.mark.parametrize("letter", ["T", "Z"])
def test_an_mrc_file_has_the_size_of_its_pixels(letter: str, dtype: str, tmp_path: Path) -> None:
    file, given = tmp_path / "a.mrc", values(dtype)
    axes = (Axis(letter, 4, 0.1, unit="nm" if letter == "Z" else "s"), *AXES[1:])
    with created(file, axes, given.dtype) as array:
        array[...] = given
    found, known = back(file)
    assert (found.dtype, found.tolist()) == (given.dtype, given.tolist())
    assert [axis.letter for axis in known] == [letter, "Y", "X"]
    assert [axis.unit for axis in known[1:]] == ["Å", "Å"]
    assert known[2].scale == pytest.approx(0.2)
    if letter == "Z":
        assert known[0].scale == pytest.approx(1.0)


def refused(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="there is no such call")
@pytest.mark.parametrize("ending", [".mrc", ".tif"])
def test_a_file_takes_its_room_before_it_is_mapped(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that writes to a map beyond the room on a disk is ended without a word."""
    monkeypatch.setattr(os, "posix_fallocate", refused)
    full = pytest.raises(
        NoRoomError, match=r"a\.\w+ cannot be written: No space left on device; free some space\.$"
    )
    with full, created(tmp_path / f"a{ending}", AXES, np.dtype("f4")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_message_of_a_library_is_not_quoted_where_the_system_has_one(tmp_path: Path) -> None:
    full = pytest.raises(
        NoRoomError, match=r"a\.h5 cannot be written: No space left on device; free some space\.$"
    )
    with full, created(tmp_path / "a.h5", AXES, np.dtype("f4")):
        error = OSError("Can't close file\n(errno = 28, error message = 'No space left on device')")
        error.errno = 28
        raise error


def test_a_scan_of_patterns_keeps_its_axes_in_hdf5_and_zarr(tmp_path: Path) -> None:
    axes = (*AXES[1:], Axis("Ky", 3, 0.1, -0.1, "1/nm"), Axis("Kx", 4, 0.1, -0.2, "1/nm"))
    given = np.random.default_rng(0).integers(0, 9, (12, 10, 3, 4)).astype(np.uint16)
    for ending in (".h5", ".zarr"):
        with created(tmp_path / f"a{ending}", axes, given.dtype) as array:
            array[2:3, 1:5] = given[2:3, 1:5]
        found, known = back(tmp_path / f"a{ending}")
        assert found[2, 1:5].tolist() == given[2, 1:5].tolist()
        assert [axis.letter for axis in known] == ["Y", "X", "Ky", "Kx"]
        assert [axis.unit for axis in known] == ["nm", "nm", "1/nm", "1/nm"]


def test_a_file_of_hyperspy_tells_the_signal_from_the_places(tmp_path: Path) -> None:
    import h5py

    axes = (*AXES[1:], Axis("E", 5, 2.0, 80.0, "eV"))
    for shown, navigates in ((axes, [True, True, False]), (AXES, [True, False, False])):
        with created(tmp_path / "a.hspy", shown, np.dtype("u2")):
            pass
        with h5py.File(tmp_path / "a.hspy") as file:
            group = file["Experiments/data"]
            assert [bool(group[f"axis-{i}"].attrs["navigate"]) for i in range(3)] == navigates


def test_what_a_format_does_not_hold_is_refused(tmp_path: Path) -> None:
    spectra = (Axis("Y", 2), Axis("X", 3), Axis("E", 5))
    with (
        pytest.raises(InputError, match="MRC files hold images, stacks and volumes"),
        created(tmp_path / "a.mrc", AXES, np.dtype(np.float64)),
    ):
        pass
    with (
        pytest.raises(InputError, match="TIFF files hold images with the axes"),
        created(tmp_path / "a.tif", spectra, np.dtype(np.uint8)),
    ):
        pass
    with (
        pytest.raises(InputError, match="Zarr is written as a folder"),
        created(tmp_path / "a.zarr.zip", spectra, np.dtype(np.uint8)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".h5", ".zarr"])
def test_axes_of_which_nothing_is_known_are_not_named(ending: str, tmp_path: Path) -> None:
    given = np.random.default_rng(0).random((5, 3))
    with created(tmp_path / f"a{ending}", unnamed(given.shape), given.dtype) as array:
        array[...] = given
    found, axes = back(tmp_path / f"a{ending}")
    assert (found.tolist(), axes) == (given.tolist(), ())
