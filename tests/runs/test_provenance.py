from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import numpy as np
import pytest
import sklearn
import torch

import narrows
from narrows.data.readers import as_data, read
from narrows.data.sources import InMemory, on_disk
from narrows.data.split import split
from narrows.runs.provenance import about, fingerprint, versions


def test_the_fingerprint_is_the_sha256_of_the_values() -> None:
    values = np.arange(60, dtype="f8").reshape(20, 3)
    assert fingerprint(InMemory(values)) == hashlib.sha256(values.tobytes()).hexdigest()
    assert fingerprint(InMemory(np.asfortranarray(values))) == fingerprint(InMemory(values))
    changed = values.copy()
    changed[19, 2] = np.nextafter(changed[19, 2], 0)
    assert fingerprint(InMemory(changed)) != fingerprint(InMemory(values))


def test_data_on_disk_have_the_fingerprint_of_the_same_data_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).random((300, 6))
    np.save(tmp_path / "x.npy", values)
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(on_disk, "BLOCK", 700)
    found = read(str(tmp_path / "x.npy")).source
    assert not found.in_memory
    assert fingerprint(found) == fingerprint(InMemory(values))


def test_the_parts_are_counted() -> None:
    data = as_data(np.random.default_rng(0).random((100, 3)), name="table")
    parts = split(100, seed=0)
    found = about(data, parts, 20)
    assert (found["name"], found["n"], found["train"], found["validation"], found["held_out"]) == (
        "table",
        len(parts.train) + len(parts.validation) + 20,
        len(parts.train),
        len(parts.validation),
        20,
    )
    assert found["sha256"] == fingerprint(data.source)


def test_the_versions_are_those_that_are_imported() -> None:
    found = {name: text.partition("+")[0] for name, text in versions().items()}
    assert found == {
        "python": platform.python_version(),
        "narrows": narrows.__version__,
        "torch": torch.__version__.partition("+")[0],
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
