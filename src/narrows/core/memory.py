"""The memory of this machine: arrays that cannot fit are refused before they are allocated."""

from __future__ import annotations

import math
import os
import sys

from narrows.core.errors import InputError

AT_ONCE, VALUES_AT_ONCE = 1000, 2**20
"""Examples that a model computes at a time outside of training, and values of them, at the most."""


def rows_at_once(values: int) -> int:
    """How many examples of so many `values` a model computes at a time; large ones are computed one by one.

    >>> rows_at_once(64), rows_at_once(128 * 128 * 3), rows_at_once(1024 * 1024 * 3)
    (1000, 21, 1)
    """
    return max(1, min(AT_ONCE, VALUES_AT_ONCE // max(1, values)))


def machine_memory() -> float:
    """The physical memory in bytes; infinite where the system does not report it."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return math.inf
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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
