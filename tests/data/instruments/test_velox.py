from __future__ import annotations

import json
import sys

import h5py
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.instruments.named_axes import NamedAxis
from narrows.data.instruments.velox import short
from narrows.data.readers import read

FRAMES = np.random.default_rng(0).integers(0, 99, (14, 12, 5)).astype(np.uint16)


def write(detectors: int = 1) -> None:
    said = {
        "BinaryResult": {
            "PixelSize": {"height": "2e-11", "width": "2e-11"},
            "PixelUnitX": "m",
            "PixelUnitY": "m",
        }
    }
    text = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
    with h5py.File("a.emd", "w") as file:
        for i in range(detectors):
            group = file.create_group(f"Data/Image/{i:032x}")
            group["Data"] = FRAMES
            group["Metadata"] = np.concatenate([text, np.zeros(50, np.uint8)])[:, None].repeat(5, axis=1)


def test_frames_are_images_with_the_size_of_a_pixel() -> None:
    write()
    data = read("a.emd")
    np.testing.assert_array_equal(data.array, np.moveaxis(FRAMES, -1, 0))
    assert "Y 14 (20 pm), X 12 (20 pm)" in " ".join(data.notes)


def test_one_of_several_detectors_is_asked_for() -> None:
    write(2)
    with pytest.raises(InputError, match=r"holds 2 data sets; say which: a\.emd::/Data/Image/0+/Data"):
        read("a.emd")
    assert len(read(f"a.emd::/Data/Image/{1:032x}/Data")) == 5


def test_metres_are_shortened() -> None:
    assert short(NamedAxis("x", 5, 3e-9, 0.0, "m"))[2:5] == pytest.approx((3.0, 0.0, "nm"))
    assert short(NamedAxis("x", 5, 0.1, 0.0, "1/m")).scale == 0.1


def test_packed_spectra_are_left_to_rosettasciio(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    with h5py.File("a.emd", "a") as file:
        file["Data/SpectrumStream/0/Data"] = np.zeros((9, 1), np.uint16)
    assert len(read(f"a.emd::/Data/Image/{0:032x}/Data")) == 5
    monkeypatch.setitem(sys.modules, "rsciio", None)
    for part in ("", "::EDS"):
        with pytest.raises(InputError, match=r"a\.emd needs the extra 'em': pip install 'narrows\[em\]'"):
            read(f"a.emd{part}")
