"""HDF5 files of several conventions, written by h5py."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.instruments.hdf5 import open_hdf5
from narrows.data.readers import read
from tests.damage import is_refused
from tests.signals import PATTERNS, SPECTRA

FILE = Path("a.h5")


def test_the_only_data_set_is_found_and_read_in_native_order() -> None:
    with h5py.File(FILE, "w") as file:
        file.create_dataset("a/b/images", data=SPECTRA.astype(">f4"), chunks=(4, 14, 20))
        file["a/time"] = np.arange(13)
        file["name"] = "x"
    data = read("a.h5")
    assert (data.schema.kind, data.array.dtype) == ("images", np.dtype("f4"))
    np.testing.assert_array_equal(data.array, SPECTRA)
    assert "The data set /a/b/images of a.h5. Stored in chunks of 4x14x20." in " ".join(data.notes)
    assert len(read("a.h5::/a/b/images")) == len(read("a.h5::a/b")) == 13
    with pytest.raises(InputError, match=r"holds no '/a/c'; it holds /a/b/images \(13x14x20 >f4\), /a/time"):
        read("a.h5::/a/c")


def test_nexus_says_signal_axes_and_default() -> None:
    with h5py.File(FILE, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["default"] = "cube"
        for name in ("cube", "other"):
            group = entry.create_group(name)
            group.attrs["signal"], group.attrs["axes"] = "counts", ["y", ".", "energy"]
            group["counts"] = SPECTRA
            group["y"], group["energy"] = 3.0 * np.arange(13), 100 + 0.5 * np.arange(20)
            group["y"].attrs["units"], group["energy"].attrs["units"] = "nm", "eV"
    data = read("a.h5")
    assert data.scan is not None
    assert data.scan.axes == (Axis("Y", 13, 3.0, 0.0, "nm"), Axis("X", 14))
    assert data.scan.signal == (Axis("E", 20, 0.5, 100.0, "eV"),)
    assert "The data set /entry/cube/counts" in data.notes[0]
    np.testing.assert_array_equal(data.scan.picture(data.array), SPECTRA)


def test_emd_of_py4dstem_has_rows_first() -> None:
    with h5py.File("a.emd", "w") as file:
        group = file.create_group("root/datacube")
        group.attrs["emd_group_type"] = "array"
        group["data"] = PATTERNS
        for i, (name, unit) in enumerate([("Rx", "nm"), ("Ry", "nm"), ("Qx", "A^-1"), ("Qy", "A^-1")]):
            group[f"dim{i}"] = np.array([0.0, 0.25])  # a linear axis
            group[f"dim{i}"].attrs.update({"name": name, "units": unit})
    data = read("a.emd")
    assert data.scan is not None
    assert [axis.text for axis in data.scan.axes] == ["Y 13 (0.25 nm)", "X 14 (0.25 nm)"]
    assert [axis.text for axis in data.scan.signal] == ["Ky 6 (0.25 1/Å)", "Kx 6 (0.25 1/Å)"]
    np.testing.assert_array_equal(data.scan.picture(data.array), PATTERNS)


def test_axes_with_the_energy_first_are_brought_in_order() -> None:
    with h5py.File("a.emd", "w") as file:
        group = file.create_group("signals/eels")
        group.attrs["emd_group_type"] = 1
        group["data"] = np.moveaxis(SPECTRA, -1, 0)
        for i, (name, size, unit) in enumerate(
            [("Energy", 20, "[e_V]"), ("y", 13, "[n_m]"), ("x", 14, "[n_m]")], 1
        ):
            group[f"dim{i}"] = np.arange(size) * 2.0
            group[f"dim{i}"].attrs.update({"name": name, "units": unit})
    data = read("a.emd")
    assert data.scan is not None
    assert data.scan.signal[0].unit == "eV"
    np.testing.assert_array_equal(data.scan.picture(data.array), SPECTRA)


def test_scales_of_dimensions_and_sizes_of_elements() -> None:
    with h5py.File(FILE, "w") as file:
        images = file.create_dataset("images", data=SPECTRA)
        file["height"] = 0.5 * np.arange(14)
        file["height"].attrs["units"] = "um"
        file["height"].make_scale("height")
        images.dims[1].attach_scale(file["height"])
        images.dims[0].label, images.dims[2].label = "time", "width"
    with h5py.File("b.h5", "w") as file:
        file["volume"] = SPECTRA
        file["volume"].attrs["element_size_um"] = [0.3, 0.1, 0.2]
    assert [axis.text for axis in open_hdf5(FILE, "").axes or ()] == ["T 13", "Y 14 (0.5 µm)", "X 20"]
    assert [axis.text for axis in open_hdf5(Path("b.h5"), "").axes or ()] == [
        "Z 13 (0.3 µm)", "Y 14 (0.1 µm)", "X 20 (0.2 µm)"]  # fmt: skip


def test_channels_first_are_known_by_the_axes() -> None:
    with h5py.File(FILE, "w") as file:
        images = file.create_dataset("images", data=PATTERNS)
        for i, name in enumerate(("time", "channel", "y", "x")):
            images.dims[i].label = name
    data = read("a.h5")
    assert (data.schema.axes, data.schema.shape, len(data)) == ("CHW", (14, 6, 6), 13)


def test_links() -> None:
    with h5py.File("b.h5", "w") as file:
        file["images"] = SPECTRA
    with h5py.File(FILE, "w") as file:
        file["there"] = h5py.ExternalLink("b.h5", "/images")
        file["again"] = h5py.SoftLink("/there")
        file["loop"] = h5py.SoftLink("/")
        file["gone"] = h5py.ExternalLink("c.h5", "/x")
    assert len(read("a.h5")) == len(read("a.h5::/again")) == len(read("a.h5::/there")) == 13
    with pytest.raises(InputError, match=r"a\.h5::/gone is a link to /x of c\.h5, which is not there"):
        read("a.h5::/gone")
    Path("b.h5").unlink()
    with pytest.raises(InputError, match=r"a\.h5::/\w+ is a link to .*, which is not there"):
        read("a.h5")


def test_virtual_data_sets_need_their_files() -> None:
    layout = h5py.VirtualLayout((4, 14, 20), "f4")
    layout[:] = h5py.VirtualSource("b.h5", "images", (4, 14, 20))
    with h5py.File(FILE, "w") as file:
        file.create_virtual_dataset("all", layout)
    with pytest.raises(InputError, match=r"a\.h5::/all takes its values from b\.h5, which is not beside it"):
        read("a.h5")
    with h5py.File("b.h5", "w") as file:
        file["images"] = SPECTRA[:4]
    np.testing.assert_array_equal(read("a.h5").array, SPECTRA[:4])


def test_what_holds_no_numbers() -> None:
    with h5py.File(FILE, "w") as file:
        file["records"] = np.zeros(3, dtype=[("a", "f4"), ("b", "i4")])
        file["words"] = ["a", "b"]
        file["empty"] = h5py.Empty("f4")
        file["none"] = np.zeros((0, 3))
    for path, fault in (("records", "holds records of a, b"), ("words", "holds text"), ("empty", "is empty"),
                        ("none", "is empty")):  # fmt: skip
        with pytest.raises(InputError, match=f"a.h5::/{path} {fault}"):
            read(f"a.h5::/{path}")
    with pytest.raises(InputError, match="holds no numbers to read"):
        read("a.h5")


def test_truncated_and_damaged_files_are_one_sentence() -> None:
    with h5py.File(FILE, "w") as file:
        group = file.create_group("entry")
        group.attrs["signal"], group.attrs["axes"] = "data", ["y", "x", "ky", "kx"]
        group.create_dataset("data", data=PATTERNS, chunks=(4, 5, 6, 6), compression="gzip")
    whole = FILE.read_bytes()
    FILE.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cannot be read as an HDF5 file: .*truncated"):
        read("a.h5")
    refused = 0
    for seed in range(40):
        rng, damaged = np.random.default_rng(seed), bytearray(whole)
        for place in rng.integers(0, len(whole) if seed % 2 else 2000, 4):
            damaged[place] = rng.integers(256)
        FILE.write_bytes(damaged)
        refused += is_refused("a.h5")
    assert refused > 5
