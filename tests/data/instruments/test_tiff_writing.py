from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.images.tiff import read_tiff
from narrows.data.instruments.writing import created
from tests.data.instruments.test_writing import AXES, back, values


@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_a_volume_in_tiff_begins_where_it_began(dtype: str, tmp_path: Path) -> None:
    axes, given = (Axis("Z", 4, 0.5, 2.0, "nm"), *AXES[1:]), values(dtype)
    with created(tmp_path / "a.tif", axes, given.dtype) as array:
        array[...] = given
    found, known = back(tmp_path / "a.tif")
    assert found.tolist() == given.tolist()
    assert [axis.offset for axis in known] == pytest.approx([2.0, 0.3, -1.0])


def test_imagej_has_one_unit_and_others_are_written_as_ome(tmp_path: Path) -> None:
    axes = (Axis("Z", 4, 0.5, unit="µm"), Axis("Y", 12, 0.02, unit="nm"), Axis("X", 10, 0.02, unit="nm"))
    with created(tmp_path / "a.tif", axes, np.dtype("uint16")) as array:
        array[...] = values("uint16")
    known = back(tmp_path / "a.tif")[1]
    assert [(axis.unit, axis.scale) for axis in known] == [("µm", 0.5), ("nm", 0.02), ("nm", 0.02)]


def test_colours_are_written_as_colours(tmp_path: Path) -> None:
    given = np.random.default_rng(0).integers(0, 256, (4, 12, 10, 3)).astype(np.uint8)
    with created(tmp_path / "a.tif", (*AXES, Axis("S", 3)), given.dtype) as array:
        array[...] = given
    assert read_tiff(tmp_path / "a.tif").tolist() == given.tolist()


@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 5), ("uint16", 3), ("float32", 3), ("float64", 4)])
def test_channels_that_imagej_does_not_know_are_written_as_ome(
    dtype: str, channels: int, tmp_path: Path
) -> None:
    given = np.random.default_rng(0).integers(0, 200, (12, 10, channels)).astype(dtype)
    with created(tmp_path / "a.tif", (*AXES[1:], Axis("S", channels)), given.dtype) as array:
        array[...] = given
    found, axes = back(tmp_path / "a.tif")
    assert (found[0].tolist(), found.dtype) == (given.tolist(), given.dtype)
    assert [axis.text for axis in axes[:2]] == ["Y 12 (0.02 nm)", "X 10 (0.02 nm)"]


@pytest.mark.parametrize("dtype", ["bool", "int64"])
def test_types_that_no_calibrated_tiff_holds_are_refused(dtype: str, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=f"these values are {dtype}; write .h5 or .zarr"),
        created(tmp_path / "a.tif", AXES, np.dtype(dtype)),
    ):
        pass
