"""Files that rosettasciio writes come back with their axes."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rsciio", reason="rosettasciio, the extra 'em', is not installed")

from narrows.core.errors import InputError
from narrows.data.instruments.rosetta import named, stored
from narrows.data.readers import read
from narrows.data.sources import on_disk
from tests.signals import PATTERNS, SPECTRA, as_dict


def write(module: str, file: str, values: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(f"rsciio.{module}").file_writer(file, as_dict(values))


@pytest.mark.parametrize(
    ("module", "file", "values"),
    [("blockfile", "a.blo", PATTERNS.astype(np.uint8)), ("ripple", "a.rpl", SPECTRA), ("hspy", "a.hspy", PATTERNS),
     ("emd", "a.emd", PATTERNS), ("emd", "a.emd", SPECTRA), ("nexus", "a.nxs", PATTERNS), ("hspy", "a.hspy", SPECTRA)],
)  # fmt: skip
def test_scans_come_back(module: str, file: str, values: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    write(module, file, values)
    data = read(file)
    assert data.scan is not None
    assert [axis.text for axis in data.scan.axes] == ["Y 13 (2 nm)", "X 14 (2 nm)"]
    assert len(data.scan.signal) == values.ndim - 2
    np.testing.assert_array_equal(data.scan.picture(data.array), values)
    monkeypatch.setattr(on_disk, "LARGE", 1)
    large = read(file).source
    assert not large.in_memory
    index = np.array([180, 3, 17])
    np.testing.assert_array_equal(large.take(index), data.array[index])


def test_what_cannot_be_read_is_one_sentence() -> None:
    write("blockfile", "a.blo", PATTERNS.astype(np.uint8))
    Path("a.blo").write_bytes(Path("a.blo").read_bytes()[:900])
    with pytest.raises(InputError, match="cannot be read: "):
        read("a.blo")
    Path("a.dm3").write_bytes(b"nothing at all, and certainly no tags" * 9)
    with pytest.raises(InputError, match=r"a\.dm3 cannot be read: "):
        read("a.dm3")


def test_signals_of_one_title_are_told_apart() -> None:
    signals = [{"metadata": {"General": {"title": title}}} for title in ("EDS", "EDS", "")]
    assert list(named(signals)) == ["EDS", "EDS-1", "2"]


def test_axes_that_are_numbered_otherwise_are_in_the_order_of_the_file() -> None:
    signal = as_dict(SPECTRA)
    signal["axes"][0]["index_in_array"], signal["axes"][1]["index_in_array"] = 1, 0
    assert [axis.text for axis in stored(signal, "a").axes or ()][:2] == ["Y 13 (2 nm)", "X 14 (2 nm)"]
