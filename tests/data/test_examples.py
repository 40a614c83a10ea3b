from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows.data import split
from narrows.data.examples import SAMPLE_BLOCKS, draw_rows
from narrows.data.readers import as_data, read
from narrows.data.sources import on_disk


def test_rows_take_what_belongs_to_them_along() -> None:
    values = np.arange(10.0).reshape(5, 2)
    data = as_data(values, labels=np.array([4, 3, 2, 1, 0]), ids=tuple("abcde"))
    data = replace(data, groups=np.array([0, 0, 1, 1, 2]))
    some = data.rows(np.array([3, 1]))
    np.testing.assert_array_equal(some.array, values[[3, 1]])
    assert some.ids == ("d", "b")
    assert some.labels is not None
    assert some.groups is not None
    assert some.labels.tolist() == [1, 3]
    assert some.groups.tolist() == [1, 0]


def test_of_data_in_a_file_as_many_rows_are_drawn_as_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(on_disk, "BLOCK", 16 * 5)  # two rows
    values = np.arange(1000.0).reshape(200, 5)
    np.save(tmp_path / "x.npy", values)
    data = read(tmp_path / "x.npy")
    drawn = data.drawn()
    assert len(drawn) == SAMPLE_BLOCKS * 2
    assert (np.diff(drawn.array[:, 0]) > 0).all()
    np.testing.assert_array_equal(drawn.array, values[(drawn.array[:, 0] / 5).astype(int)])
    assert len(data.sample_of(np.arange(3))) == 3


def test_rows_are_drawn_without_repetition_and_alike_each_time() -> None:
    assert draw_rows(5, 9).tolist() == [0, 1, 2, 3, 4]
    drawn = draw_rows(1000, 100)
    assert len(set(drawn.tolist())) == 100
    assert drawn.tolist() == sorted(drawn.tolist()) == draw_rows(1000, 100).tolist()
    assert drawn.tolist() != draw_rows(1000, 100, seed=1).tolist()


def test_parts_of_large_examples_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", np.zeros((400, 16, 16), np.float32))
    whole = read(tmp_path / "x.npy").parts(0)
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(split, "VALUES", 30 * 16 * 16)
    parts = read(tmp_path / "x.npy").parts(0)
    assert parts.held_out is not None
    assert whole.held_out is not None
    assert (len(parts.held_out), len(parts.validation)) == (30, 30)
    assert (len(whole.held_out), len(parts.train)) == (80, len(whole.train))
