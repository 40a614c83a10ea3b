from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.sources.joined import Joined
from narrows.data.writers import check_target
from tests.samples import curve

VALUES = curve(90)


def write(values: np.ndarray = VALUES, parts: int = 12) -> None:
    Path("shards").mkdir()
    for i, part in enumerate(np.array_split(values, parts)):
        np.save(f"shards/part-{i}.npy", part)


def test_a_pattern_of_arrays_is_all_their_examples_in_natural_order() -> None:
    write()
    data = read("shards/*.npy")
    np.testing.assert_array_equal(data.array, VALUES)
    assert data.name == "shards"
    assert "90 examples of 12 .npy files" in data.notes[0]
    some = read("shards/part-?.npy")
    assert len(some) < 90


@pytest.mark.usefixtures("small_blocks")
def test_large_shards_stay_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setattr(on_disk, "LARGE", 1)
    data = read("shards/*.npy")
    assert isinstance(data.source, Joined)
    np.testing.assert_array_equal(data.source.all(), VALUES)


def test_axes_are_those_of_each_file() -> None:
    images = np.random.default_rng(0).random((20, 3, 8, 9))
    write(images, 4)
    data = read("shards/*.npy", Reading(axes="NCYX"))
    np.testing.assert_array_equal(data.schema.arrange(data.array), images)
    with pytest.raises(InputError, match="examples along its first axis, but the axes CNYX say otherwise"):
        read("shards/*.npy", Reading(axes="CNYX"))


def test_files_that_do_not_fit_together_are_refused() -> None:
    write()
    np.save("shards/part-5.npy", VALUES[:4].astype("f4"))
    with pytest.raises(InputError, match=r"part-0.npy are 6 of float64 and those of part-5.npy 6 of float32"):
        read("shards/*.npy")
    Path("shards/part-5.npy").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"part-5.npy cannot be read as an .npy array"):
        read("shards/*.npy")
    np.save("shards/part-5.npy", np.float64(3))
    with pytest.raises(InputError, match=r"part-5.npy holds one number, not examples"):
        read("shards/*.npy")


def test_patches_of_several_files_and_patterns_without_files_are_refused() -> None:
    write()
    with pytest.raises(InputError, match="patches are cut from one"):
        read("shards/*.npy", Reading(patch=8))
    with pytest.raises(InputError, match="There is no file"):
        read("nothing/*.npy")


def test_a_shard_is_not_overwritten() -> None:
    write()
    with pytest.raises(InputError, match="is the input"):
        check_target(Path("shards/part-3.npy"), "shards/*.npy")
