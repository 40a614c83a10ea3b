from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.images.tiff_axes import tiff_axes

tifffile = pytest.importorskip("tifffile")
STACK = np.arange(3 * 6 * 8, dtype=np.uint16).reshape(3, 6, 8)


def test_the_calibration_of_imagej_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.tif"
    metadata = {"axes": "TYX", "unit": "\\u00B5m", "finterval": 0.25, "tunit": "s"}
    tifffile.imwrite(file, STACK, imagej=True, resolution=(50, 25), metadata=metadata)
    t, y, x = tiff_axes(file)
    assert (t, y.unit, x.unit) == (Axis("T", 3, 0.25, unit="s"), "µm", "µm")
    assert (y.scale, x.scale) == pytest.approx((0.04, 0.02))


def test_the_calibration_of_ome_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.ome.tif"
    sizes = {"PhysicalSizeX": 0.3, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.4, "PhysicalSizeYUnit": "nm"}
    tifffile.imwrite(file, STACK, metadata={"axes": "ZYX", **sizes, "PhysicalSizeZ": 2.0})
    assert tiff_axes(file) == (
        Axis("Z", 3, 2.0, unit="µm"),
        Axis("Y", 6, 0.4, unit="nm"),
        Axis("X", 8, 0.3, unit="nm"),
    )


def test_files_without_units_say_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, STACK, resolution=(72, 72), photometric="minisblack")
    assert tiff_axes(file) == ()
    file.write_bytes(file.read_bytes()[:40])
    assert tiff_axes(file) == ()
    assert tiff_axes(tmp_path / "a.png") == ()
