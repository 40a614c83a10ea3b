from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.sources import SOURCES, InMemory, as_source, on_disk


def test_an_array_and_a_source_are_both_sources() -> None:
    source = InMemory(np.zeros((2, 3)))
    assert as_source(source) is source
    assert len(as_source(np.zeros((2, 3)))) == 2


def test_small_files_are_left_to_their_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", np.zeros((20, 3)))
    assert SOURCES["npy"](tmp_path / "x.npy") is None
    monkeypatch.setattr(on_disk, "LARGE", 1)
    source = SOURCES["npy"](tmp_path / "x.npy")
    assert source is not None
    assert not source.in_memory
    assert source.shape == (20, 3)
