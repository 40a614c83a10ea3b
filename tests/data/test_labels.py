from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.labels import read_labels


def test_labels_are_read_from_arrays_idx_and_text(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([2, 0, 1]))
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x03\2\0\1"))
    (tmp_path / "c.txt").write_text("ant\n bee \n\nant\n")
    assert read_labels(tmp_path / "a.npy").tolist() == read_labels(tmp_path / "b.gz").tolist() == [2, 0, 1]
    assert read_labels(tmp_path / "c.txt").tolist() == ["ant", "bee", "ant"]


@pytest.mark.parametrize("labels", [np.zeros((3, 2)), np.array([1j, 2])])
def test_what_is_no_label_for_each_example_is_refused(labels: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", labels)
    with pytest.raises(InputError, match=r"a\.npy holds .*, but wanted is one label per example"):
        read_labels(tmp_path / "a.npy")
