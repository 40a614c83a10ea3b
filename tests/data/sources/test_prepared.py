from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.preparation import Preparation
from narrows.data.sources import Index, on_disk
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.prepared import Prepared
from narrows.data.stored import Stored

SPECTRA = np.random.default_rng(0).integers(0, 9, (40, 30)).astype(np.uint16)
SIGNAL = (Axis("E", 30),)


@pytest.mark.parametrize("how", [Preparation(bin=4), Preparation(crop=(2, 20), counts="anscombe")])
def test_signals_are_prepared_when_they_are_read(how: Preparation) -> None:
    source = Prepared(OnDisk(Stored(SPECTRA, "a")), how, SIGNAL)
    whole = how(SPECTRA, SIGNAL)
    assert not source.in_memory
    assert (source.shape, source.dtype) == (whole.shape, whole.dtype)
    assert source.take(np.array([7, 3])).tolist() == whole[[7, 3]].tolist()
    assert source.all().tolist() == whole.tolist()


def test_signals_as_they_came_are_read_tile_by_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "BLOCK", 6 * 20 * 4)
    values: Any = np.random.default_rng(0).integers(0, 9, (7, 8, 20)).astype(np.uint16)
    file = OnDisk(Stored(values, "a", chunks=(2, 3, 20)), (0, 1))
    sizes: list[int] = []

    def take(index: Index) -> np.ndarray:
        sizes.append(len(index))
        return OnDisk.take(file, index)

    monkeypatch.setattr(file, "take", take)
    found = Prepared(file, Preparation(bin=5), (Axis("E", 20),))
    expected = values.reshape(56, 4, 5).sum(axis=2)
    np.testing.assert_array_equal(found.all(), expected)
    np.testing.assert_array_equal(found.take(np.array([40, 3, 3, 4])), expected[[40, 3, 3, 4]])
    assert max(sizes) <= 6
    for rows, piece in found.pieces():
        np.testing.assert_array_equal(piece, expected[np.asarray(rows)])
