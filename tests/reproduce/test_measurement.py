from __future__ import annotations

from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.reproduce.catalogue import BY_ID
from narrows.reproduce.measurement import Row, Table, rows_of

TIMES = ("seconds", "cpu_seconds")


def lasting(rows: list[Row]) -> list[Row]:
    """Rows without what differs from call to call."""
    return [{key: value for key, value in row.items() if key not in TIMES} for row in rows]


def test_two_processes_measure_the_rows_that_one_measures(tmp_path: Path) -> None:
    entries = [BY_ID["E3"], BY_ID["E1"]]
    alone = list(rows_of(entries, Table(True, 0, tmp_path / "alone"), 1))
    together = list(rows_of(entries, Table(True, 0, tmp_path / "together"), 2))
    assert [row["id"] for row in together] == ["E3", "E1"]
    assert lasting(together) == lasting(alone)


def test_an_error_in_a_process_comes_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file cannot be written"):
        list(rows_of([BY_ID["E3"], BY_ID["E1"]], Table(True, 0, tmp_path / "file"), 2))
