"""How much memory this machine has, so that what cannot fit is refused before it is asked for."""

from __future__ import annotations

import math
import os
import sys

from narrows.core.errors import InputError


def machine_memory() -> float:
    """Bytes of memory; infinite where the system does not tell."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return math.inf
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def peak_memory() -> int | None:
    """The most bytes of memory that this process has had; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def check_room(size: float, what: str) -> None:
    """Refuse what is larger than half of the machine's memory.

    Raises:
        InputError: that `what`, the begin of a sentence, needs so many bytes.
    """
    there = machine_memory() / 2
    if size > there:
        raise InputError(
            f"{what} {size / 2**30:.1f} GiB, but half of this machine's memory is {there / 2**30:.1f} GiB."
        )
