"""Arrays in files of any chunks give what the same arrays give in memory, and each chunk is read once."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.data.sources import on_disk
from narrows.data.sources.on_disk import OnDisk, boxes_of
from narrows.data.stored import Stored
from narrows.data.writers import write_pieces
from narrows.fitting.fit import fit
from narrows.tasks.anomalies.detector import Detector

SCAN = np.random.default_rng(0).integers(0, 99, (6, 9, 4, 5)).astype(">u2")


class Counted:
    """An array that counts how often each of its chunks is read."""

    def __init__(self, values: np.ndarray, chunks: tuple[int, ...]) -> None:
        self.values, self.chunks, self.shape, self.dtype = values, chunks, values.shape, values.dtype
        self.reads = np.zeros([-(-n // c) for n, c in zip(values.shape, chunks, strict=True)], int)

    def __getitem__(self, place: tuple[slice, ...]) -> np.ndarray:
        ends = [each.indices(size) for each, size in zip(place, self.shape, strict=True)]
        touched = (slice(a // c, -(-b // c)) for (a, b, _), c in zip(ends, self.chunks, strict=True))
        self.reads[tuple(touched)] += 1
        return self.values[place]


def scan(chunks: tuple[int, ...], outer: tuple[int, ...] = (0, 1)) -> tuple[OnDisk, Counted]:
    array: Any = Counted(SCAN, chunks)
    return OnDisk(Stored(array, "scan.h5", chunks=chunks), outer), array


CHUNKS = [(1, 1, 4, 5), (6, 9, 4, 5), (1, 9, 4, 5), (2, 3, 4, 5), (4, 4, 2, 5), (1, 4, 4, 5), (2, 9, 1, 1)]


@pytest.mark.parametrize("chunks", CHUNKS)
def test_a_pass_over_the_blocks_reads_each_chunk_once(
    chunks: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "BLOCK", 20 * 4 * prod(chunks[:2]))  # one tile
    source, array = scan(chunks)
    rows = np.concatenate([np.asarray(block) for block in source.blocks()])
    assert sorted(rows) == list(range(54))
    values = np.concatenate([piece for _, piece in source.pieces()])
    assert (array.reads == 1).all()
    assert source.times_read == 1
    assert values.dtype == np.dtype("u2")
    np.testing.assert_array_equal(source.in_order(values), SCAN.reshape(54, 4, 5))


@pytest.mark.parametrize("chunks", [None, *CHUNKS])
def test_any_rows_are_those_of_the_array(chunks: tuple[int, ...] | None) -> None:
    array: Any = SCAN
    source, expected = OnDisk(Stored(array, "a", chunks=chunks), (0, 1)), SCAN.reshape(54, 4, 5)
    for index in (range(3, 40), range(9, 18), range(4, 4), np.array([50, 3, 3, 4, 17]), np.array([], int)):
        np.testing.assert_array_equal(source.take(index), expected[np.asarray(index, dtype=int)])
    np.testing.assert_array_equal(source.all(), expected)


def test_chunks_without_room_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "BLOCK", 20 * 4)
    source, array = scan((3, 9, 4, 5))
    assert (source.tile, source.times_read) == ((1, 4), 9)
    assert max(len(block) for block in source.blocks()) == 4
    np.testing.assert_array_equal(
        source.in_order(np.concatenate([piece for _, piece in source.pieces()])), SCAN.reshape(54, 4, 5)
    )
    assert array.reads.max() == 9


def test_axes_in_any_order() -> None:
    source, _ = scan((2, 3, 4, 5))
    moved = source.arranged((3, 0), (2, 1))
    expected = SCAN.transpose(3, 0, 2, 1).reshape(30, 4, 9)
    np.testing.assert_array_equal(moved.all(), expected)
    np.testing.assert_array_equal(moved.take(np.array([29, 2])), expected[[29, 2]])
    np.testing.assert_array_equal(moved.lines(range(4, 9), range(1, 3)), expected[4:9, 1:3])
    one = source.arranged((), (2, 3, 0, 1))
    assert one.shape == (1, 4, 5, 6, 9)
    np.testing.assert_array_equal(one.all()[0], SCAN.transpose(2, 3, 0, 1))
    assert one.blocks() == [range(1)]


def test_boxes_cover_a_range_in_order() -> None:
    numbers = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    for first in range(24):
        for last in range(first, 25):
            found = [numbers[tuple(box)].ravel() for box in boxes_of(first, last, (2, 3, 4))]
            assert np.concatenate([[], *found]).tolist() == list(range(first, last))


def test_what_cannot_be_read_is_one_sentence() -> None:
    class Damaged(Counted):
        def __getitem__(self, place: tuple[slice, ...]) -> np.ndarray:
            raise RuntimeError("Blosc decompression failed")

    array: Any = Damaged(SCAN, SCAN.shape)
    with pytest.raises(InputError, match=r"A part of scan\.h5 cannot be read: Blosc decompression failed\."):
        OnDisk(Stored(array, "scan.h5")).take(range(2))


def test_results_come_in_the_order_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "BLOCK", 20 * 4 * 6)
    values: Any = np.random.default_rng(0).normal(size=(12, 10, 4, 5)).astype(np.float32)
    source = OnDisk(Stored(values, "a", chunks=(2, 3, 4, 5)), (0, 1))
    data = replace(as_data(source.all()), source=source)
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 2}})
    np.testing.assert_allclose(run.encode(source), run.encode(source.all()), atol=1e-5)
    np.testing.assert_allclose(run.scaled(source), run.scaled(source.all()))
    detector = Detector(run)
    scores = detector.scores(source), detector.scores(source.all())  # other batches round otherwise
    assert np.corrcoef(*scores)[0, 1] > 0.999
    made = ((rows, run.reconstruct(piece)) for rows, piece in source.pieces())
    write_pieces(made, source.shape, Path("back.npy"))
    np.testing.assert_allclose(np.load("back.npy"), run.reconstruct(source.all()), atol=1e-5)


def test_many_rows_at_random_are_read_in_few_pieces_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(40_000 * 4.0).reshape(40_000, 4)
    monkeypatch.setattr(on_disk, "BLOCK", 2**15)
    source = OnDisk(Stored(values, "x"))
    index = np.random.default_rng(0).permutation(40_000)[:9_000]
    pieces = list(source.together(index))
    assert len(pieces) == len(source.blocks()) == 40
    assert sorted(np.concatenate(pieces).tolist()) == list(range(9_000))
    assert all(np.ptp(index[places]) < 1024 for places in pieces)
    np.testing.assert_array_equal(source.take(index), values[index])
