from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.preparation import Preparation
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.scan import Scan
from narrows.data.scan_axes import parse_scan_axes
from narrows.data.scan_reading import check_alike, flattened, read_scan
from narrows.data.sources import InMemory, on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored

CUBE = np.random.default_rng(0).normal(size=(6, 8, 5)).astype(np.float32)
PATTERNS = np.random.default_rng(1).integers(0, 99, (6, 8, 4, 3)).astype(np.uint16)


def test_spectra_of_a_scan_keep_their_places() -> None:
    data = read_scan(InMemory(CUBE), parse_scan_axes("YX|E"), "cube")
    assert (len(data), data.schema.kind, data.schema.shape) == (48, "spectra", (5,))
    assert data.scan is not None
    assert data.scan.picture(data.array).tolist() == CUBE.tolist()
    assert "places Y 6, X 8; signal E 5" in data.notes[0]


def test_an_energy_that_comes_first_is_moved_behind_the_places() -> None:
    data = read_scan(InMemory(CUBE), parse_scan_axes("EYX"), "cube")
    assert data.scan is not None
    assert data.scan.picture(data.array).tolist() == np.moveaxis(CUBE, 0, -1).tolist()


def test_patterns_are_images_in_files_too(tmp_path: Path) -> None:
    file = tmp_path / "scan.npy"
    np.save(file, PATTERNS)
    data = read(str(file), Reading(axes="YX|KyKx"))
    assert (data.schema.kind, data.schema.axes, data.schema.shape) == ("images", "HW", (4, 3))
    assert data.array.tolist() == PATTERNS.reshape(48, 4, 3).tolist()
    assert data.groups is not None
    assert data.rows(np.arange(3)).scan is None


@pytest.mark.parametrize("axes", ["YX|KyKx", "KyKxYX"])
def test_a_scan_on_disk_is_not_read_into_memory(axes: str) -> None:
    data = read_scan(OnDisk(Stored(PATTERNS, "a")), parse_scan_axes(axes), "a")
    assert not data.source.in_memory
    expected = flattened(PATTERNS, parse_scan_axes(axes))
    assert data.source.take(np.array([9, 2])).tolist() == expected[[9, 2]].tolist()
    assert data.source.all().tolist() == expected.tolist()


def test_what_is_no_scan_of_this_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scan.npy"
    np.save(file, PATTERNS)
    with pytest.raises(InputError, match="--kind says table; leave one out"):
        read(str(file), Reading(kind="table", axes="YX|KyKx"))
    with pytest.raises(InputError, match="--patch cuts images; leave one out"):
        read(str(file), Reading(patch=2, axes="YX|KyKx"))
    with pytest.raises(InputError, match="give a letter for each of its 4 axes"):
        read(str(file), Reading(axes="YX|E"))
    with pytest.raises(InputError, match="give a letter for each of its 3 axes"):
        flattened(CUBE, parse_scan_axes("YX|KyKx"))


def test_signals_of_other_calibrations_are_refused() -> None:
    def scan(unit: str) -> Scan:
        return Scan((Axis("Y", 3), Axis("X", 4)), (Axis("E", 5, 0.1, 0.0, unit),))

    check_alike(scan("keV"), scan("keV"), "a")
    check_alike(scan("keV"), scan(""), "a")
    with pytest.raises(InputError, match=r"has the axis E 5 \(0.1 eV\), but the model was fitted to E 5"):
        check_alike(scan("eV"), scan("keV"), "a")


def test_a_fitted_preparation_keeps_the_centre_that_was_found() -> None:
    rows, columns = np.mgrid[:16, :16]
    spot = 200 * np.exp(-((rows - 6) ** 2 + (columns - 9) ** 2) / 6)
    patterns = np.random.default_rng(0).poisson(spot, (6, 8, 16, 16)).astype(np.uint16)
    for values in (InMemory(patterns), OnDisk(Stored(patterns, "a"))):
        data = read_scan(values, parse_scan_axes("YX|KyKx"), "a", how=Preparation(mask=3, bin=2))
        assert data.scan is not None
        assert data.scan.preparation.centre == pytest.approx((6, 9), abs=0.2)
        assert [axis.size for axis in data.scan.signal] == [8, 8]
        assert data.schema.shape == (8, 8)
        assert "are set to 0; 2 neighbours" in data.notes[1]
        assert Scan.from_json(data.scan.to_json()) == data.scan


def test_only_scans_are_prepared(tmp_path: Path) -> None:
    file = tmp_path / "scan.npy"
    np.save(file, CUBE)
    with pytest.raises(InputError, match="prepare the signals of a scan, but scan is read as none"):
        read(str(file), Reading(preparation=Preparation(bin=2)))


def test_a_scan_that_is_small_when_it_is_prepared_is_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file, axes = OnDisk(Stored(PATTERNS, "a")), parse_scan_axes("YX|KyKx")
    expected = read_scan(InMemory(PATTERNS), axes, "a", how=Preparation(bin=3)).array
    data = read_scan(in_file, axes, "a", how=Preparation(bin=3))
    assert data.array.tolist() == expected.tolist()
    monkeypatch.setattr(on_disk, "LARGE", 48 * 4)
    large = read_scan(in_file, axes, "a", how=Preparation(bin=3))
    assert not large.source.in_memory
    assert large.source.all().tolist() == expected.tolist()


def test_a_dead_line_of_a_scan_is_warned_of() -> None:
    cube = CUBE.copy()
    cube[2] = 0
    assert "1 of 6 lines" in read_scan(InMemory(cube), parse_scan_axes("YX|E"), "a").warnings[0]
