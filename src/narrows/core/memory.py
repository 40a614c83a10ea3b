"""The memory of this machine: arrays that cannot fit are refused before they are allocated."""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from pathlib import Path

from narrows.core.errors import InputError

AT_ONCE, VALUES_AT_ONCE = 1000, 2**20
"""Examples that a model computes at a time outside of training, and values of them, at the most."""


def rows_at_once(values: int) -> int:
    """How many examples of so many `values` a model computes at a time; large ones are computed one by one.

    >>> rows_at_once(64), rows_at_once(128 * 128 * 3), rows_at_once(1024 * 1024 * 3)
    (1000, 21, 1)
    """
    return max(1, min(AT_ONCE, VALUES_AT_ONCE // max(1, values)))


MEMINFO, CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")
"""Where Linux reports the memory of the machine, and that of a container."""


def machine_memory() -> float:
    """The memory of the machine, or of the container, in bytes; infinite where the system does not tell."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return math.inf
    return min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), container_memory())


def container_memory() -> float:
    """The most memory in bytes that a container may use, by its cgroup; infinite without a limit."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            return float((CGROUP / name).read_text())
    return math.inf


def free_memory() -> float:
    """The memory in bytes that is free or can be freed; infinite where the system does not tell."""
    with suppress(OSError, ValueError, KeyError):
        here = 1024 * entries(MEMINFO)["MemAvailable"]
        with suppress(OSError, ValueError, KeyError):
            used = int((CGROUP / "memory.current").read_text())
            return min(here, container_memory() - used + entries(CGROUP / "memory.stat")["inactive_file"])
        return here
    return math.inf


def entries(file: Path) -> dict[str, int]:
    """The numbers in a `file` of lines such as "MemAvailable: 123 kB", by name."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) > 1}


def in_words(size: float) -> str:
    """Bytes as people read them.

    >>> in_words(3.25 * 2**30), in_words(5 * 2**20)
    ('3.2 GiB', '5 MiB')
    """
    return f"{size / 2**30:.2g} GiB" if size > 2**30 / 10 else f"{max(1, round(size / 2**20))} MiB"


def peak_memory() -> int | None:
    """The peak resident memory of this process in bytes; None where the system does not report it."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def check_room(size: float, what: str) -> None:
    """Refuse an allocation of `size` bytes that exceeds half of the machine's memory.

    Raises:
        InputError: beginning with `what`, a subject and a verb, such as "The images need".
    """
    limit = machine_memory() / 2
    if size > limit:
        raise InputError(
            f"{what} {size / 2**30:.1f} GiB, but half of this machine's memory is {limit / 2**30:.1f} GiB."
        )
