from __future__ import annotations

from pathlib import Path

import mrcfile
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.instruments.mrc import open_mrc
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from tests.damage import is_refused

STACK = np.random.default_rng(0).integers(-99, 99, (5, 30, 20)).astype(np.int16)
FILE = Path("a.mrc")


def write(values: np.ndarray = STACK, volume: bool = False, step: float = 1.5) -> None:
    with mrcfile.new(FILE, overwrite=True) as file:
        file.set_data(values)
        file.voxel_size = step
        if values.ndim == 3 and not volume:
            file.set_image_stack()


def test_stacks_and_volumes_with_the_size_of_a_voxel() -> None:
    write()
    data = read("a.mrc")
    np.testing.assert_array_equal(data.array, STACK)
    assert [axis.text for axis in open_mrc(FILE, "").axes or ()] == [
        "T 5",
        "Y 30 (1.5 Å)",
        "X 20 (1.5 Å)",
    ]
    write(volume=True)
    assert [axis.text for axis in open_mrc(FILE, "").axes or ()] == [
        "Z 5 (1.5 Å)",
        "Y 30 (1.5 Å)",
        "X 20 (1.5 Å)",
    ]
    write(STACK[0].astype(np.float32), step=0)
    assert [axis.text for axis in open_mrc(FILE, "").axes or ()] == ["Y 30", "X 20"]
    assert read("a.mrc", Reading(patch=8)).source.shape[1:] == (8, 8)


def test_large_files_stay_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setattr(on_disk, "LARGE", 1)
    found = read("a.mrc").source
    assert not found.in_memory
    np.testing.assert_array_equal(found.take(np.array([4, 1])), STACK[[4, 1]])


def test_big_endian_files_are_read() -> None:
    with mrcfile.new(FILE, overwrite=True) as file:
        file.set_data(STACK.astype(">i2"))
    data = read("a.mrc")
    assert data.array.dtype.isnative
    np.testing.assert_array_equal(data.array, STACK)


def test_what_cannot_be_read_is_one_sentence() -> None:
    write()
    whole = FILE.read_bytes()
    for length, said in ((2000, "is truncated or damaged"), (500, "cannot be read as an MRC file")):
        FILE.write_bytes(whole[:length])
        with pytest.raises(InputError, match=said):
            read("a.mrc")
    write((STACK * 1j).astype(np.complex64))
    with pytest.raises(InputError, match="is of complex64, but real numbers are wanted"):
        read("a.mrc")
    with pytest.raises(InputError, match="holds one array, and no part 'x'"):
        read("a.mrc::x")


def test_damaged_headers_do_not_crash() -> None:
    write()
    whole = FILE.read_bytes()
    for seed in range(40):
        rng, damaged = np.random.default_rng(seed), bytearray(whole)
        for place in rng.integers(0, 300, 3):
            damaged[place] = rng.integers(256)
        FILE.write_bytes(damaged)
        is_refused("a.mrc")
