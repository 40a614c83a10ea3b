from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.sources import on_disk
from tests.damage import is_refused
from tests.signals import PATTERNS, SPECTRA


def test_folders_and_archives_of_both_versions() -> None:
    for version in (2, 3):
        group = zarr.open_group(f"{version}.zarr", mode="w", zarr_format=version)  # type: ignore[arg-type]
        group.create_array("a/images", data=SPECTRA, chunks=(4, 14, 20))
        group.create_array("a/time", data=np.arange(13))
        assert "The array a/images of" in read(f"{version}.zarr").notes[0]
        np.testing.assert_array_equal(read(f"{version}.zarr::a/images").array, SPECTRA)
    store = zarr.storage.ZipStore("a.zarr.zip", mode="w")
    zarr.create_array(store, data=PATTERNS.astype(">u2"), chunks=(4, 5, 6, 6))
    store.close()
    data = read("a.zarr.zip")
    assert data.name == "a"
    np.testing.assert_array_equal(data.array, PATTERNS)
    with pytest.raises(InputError, match=r"holds no 'b'; it holds a/images \(13x14x20 float32\), a/time"):
        read("3.zarr::b")


def test_the_first_level_of_an_image_with_its_axes() -> None:
    group = zarr.open_group("a.ome.zarr", mode="w")
    group.create_array("0", data=PATTERNS, chunks=(1, 1, 6, 6))
    group.create_array("1", data=PATTERNS[..., ::2, ::2])
    group.create_array("labels/cells/0", data=PATTERNS[:, :1])
    axes: list[Any] = [{"name": name, "type": "space", "unit": "nanometer"} for name in "yx"]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *axes]
    levels = [
        {
            "path": str(i),
            "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 2.5 * 2**i, 2.5 * 2**i]}],
        }
        for i in range(2)
    ]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": levels}]}
    group["labels/cells"].attrs["ome"] = {"multiscales": [{"axes": axes, "datasets": levels[:1]}]}
    data = read("a.ome.zarr")
    assert (len(data), data.schema.axes) == (13, "CHW")
    assert "Calibrated axes: Y 6 (2.5 nm), X 6 (2.5 nm)." in data.notes
    assert "X 3 (5 nm)" in " ".join(read("a.ome.zarr::1").notes)


def test_signals_of_hyperspy() -> None:
    group = zarr.open_group("a.zspy", mode="w", zarr_format=2)
    signal = group.create_group("Experiments/scan")
    signal.create_array("data", data=SPECTRA, chunks=(4, 14, 20))
    for i, (name, unit) in enumerate((("y", "nm"), ("x", "nm"), ("Energy", "eV"))):
        axis = {"name": name, "units": unit, "scale": 0.5, "offset": 1.0, "navigate": i < 2}
        signal.create_group(f"axis-{i}").attrs.update(axis)
    data = read("a.zspy")
    assert data.scan is not None
    assert data.scan.signal[0].text == "E 20 (0.5 eV)"
    np.testing.assert_array_equal(data.scan.picture(data.array), SPECTRA)


def test_chunks_that_are_missing_or_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    array = zarr.create_array("a.zarr", shape=(12, 14, 20), chunks=(4, 14, 20), dtype="f4")
    array[:8] = SPECTRA[:8]
    assert "1 of 3 chunks are not in the file, and count as 0.0." in read("a.zarr").notes
    chunk = Path("a.zarr/c/1/0/0")
    chunk.write_bytes(chunk.read_bytes()[:40])
    with pytest.raises(InputError, match=r"A part of a cannot be read: "):
        read("a.zarr")
    monkeypatch.setattr(on_disk, "LARGE", 1)
    found = read("a.zarr").source
    np.testing.assert_array_equal(found.take(range(4)), SPECTRA[:4])
    with pytest.raises(InputError, match=r"A part of a cannot be read: "):
        found.take(range(4, 6))


def test_what_is_no_zarr_is_one_sentence() -> None:
    Path("a.zarr").mkdir()
    Path("b.zip").write_bytes(b"PK")
    for name in ("a.zarr", "b.zip"):
        with pytest.raises(InputError, match=f"{name} cannot be read as Zarr: "):
            read(name)
    zarr.open_group("c.zarr", mode="w")
    with pytest.raises(InputError, match=r"c\.zarr holds no numbers to read; it holds no data sets"):
        read("c.zarr")


def test_damaged_files_do_not_crash() -> None:
    zarr.open_group("a.zarr", mode="w").create_array("d", data=PATTERNS, chunks=(4, 5, 6, 6))
    files = {path: path.read_bytes() for path in sorted(Path("a.zarr").rglob("*")) if path.is_file()}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        path = list(files)[rng.integers(len(files))]
        damaged = bytearray(files[path])
        for place in rng.integers(0, len(damaged), 4):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        is_refused("a.zarr")
        path.write_bytes(files[path])
