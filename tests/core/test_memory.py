from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from narrows.core import memory
from narrows.core.errors import InputError


def test_what_fills_more_than_half_of_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "machine_memory", lambda: 8.0 * 2**30)
    memory.check_room(4 * 2**30, "A grid needs")
    wanted = r"A grid needs 5\.0 GiB, but half of this machine's memory is 4\.0 GiB\."
    with pytest.raises(InputError, match=wanted):
        memory.check_room(5 * 2**30, "A grid needs")


def test_the_peak_is_in_bytes() -> None:
    """At least what was just in use, and no more than the machine has."""
    peak = memory.peak_memory()
    if peak is None:
        pytest.skip("this system does not tell")
    block = np.ones(2**28, dtype=np.uint8)
    after = memory.peak_memory()
    assert after is not None
    assert max(block.nbytes, peak) <= after <= memory.machine_memory()


def test_a_container_limits_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    whole = memory.machine_memory()
    assert memory.free_memory() == math.inf
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    4000 kB\nHugePages_Total:   0\n")
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 200000\n")
    assert (memory.machine_memory(), memory.free_memory()) == (whole, 4000 * 1024)
    (tmp_path / "memory.max").write_text("1000000\n")
    assert (memory.machine_memory(), memory.free_memory()) == (1_000_000, 500_000)
