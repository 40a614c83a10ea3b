from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows.data.examples import Data
from narrows.data.lattice import lattice
from narrows.data.readers import as_data, read
from narrows.data.reading import Reading
from narrows.data.sources import InMemory, on_disk
from narrows.data.sources.npy import open_npy
from narrows.fitting.parts import split_data
from tests.samples import curve


def test_the_parts_are_disjoint_and_are_all() -> None:
    values = np.arange(300.0).reshape(100, 3)
    parts = split_data(as_data(values), seed=3)
    rows = [part.array[:, 0] for part in (parts.train, parts.validation, parts.held_out)]
    assert sorted(np.concatenate(rows).tolist()) == values[:, 0].tolist()
    np.testing.assert_array_equal(parts.held_out.array, values[parts.numbers])
    np.testing.assert_array_equal(parts.arranged, parts.train.array)


def test_a_test_part_of_the_data_is_held_out_whole() -> None:
    data = as_data(curve(50))
    parts = split_data(replace(data, test=as_data(curve(7, seed=1))), seed=0)
    assert len(parts.train) + len(parts.validation) == 50
    np.testing.assert_array_equal(parts.held_out.array, curve(7, seed=1))
    assert parts.numbers.tolist() == [*range(7)]


def test_training_rows_in_a_file_come_block_by_block(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(on_disk, "BLOCK", 6 * 8 * 7)  # seven rows
    values = curve(400)
    np.save(tmp_path / "x.npy", values)
    source = open_npy(tmp_path / "x.npy")
    assert source is not None
    whole = as_data(values)
    in_file, in_memory = (
        split_data(Data(where, whole.schema, "x"), seed=0) for where in (source, InMemory(values))
    )
    blocks = list(in_file.training_blocks())
    assert len(blocks) > 5
    assert min(map(len, blocks)) > 0
    rows = in_file.index.train
    np.testing.assert_array_equal(np.concatenate(blocks), values[np.sort(rows)])
    np.testing.assert_array_equal(np.concatenate([*in_memory.training_blocks()]), values[rows])


def half_empty(folder: Path) -> Path:
    """Micrographs of which the right half shows nothing."""
    images = lattice(n=12, size=64, spacing=8, seed=1).noisy
    images[:, :, 32:] = np.random.default_rng(0).poisson(3, (12, 64, 32))
    np.save(folder / "x.npy", images)
    return folder / "x.npy"


def test_empty_patches_are_plain_in_memory_and_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = half_empty(tmp_path)
    found = split_data(read(file, Reading(patch=16)), seed=0)
    assert found.data.patches is not None
    empty = found.data.patches.corners[found.index.train, 1] >= 32
    np.testing.assert_array_equal(found.plain, empty)
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(on_disk, "BLOCK", 4096)
    streamed = split_data(read(file, Reading(patch=16)), seed=0)
    assert not streamed.data.source.in_memory
    np.testing.assert_array_equal(streamed.plain, empty)
    assert not split_data(as_data(curve(50)), seed=0).plain.any()
