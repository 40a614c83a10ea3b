"""How many processes a launcher such as torchrun started, and which of them this is.

They are told by environment variables, as torchrun sets them: RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE,
MASTER_ADDR and MASTER_PORT. Nothing heavy is imported here.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from narrows.core.errors import InputError

NEEDED = ("RANK", "MASTER_ADDR", "MASTER_PORT")
"""What several processes need to find each other, beside WORLD_SIZE."""


class Launch(NamedTuple):
    """The place of this process among those that were started together.

    Attributes:
        rank: its number among all, from 0.
        size: the number of all.
        local_rank: its number among those on its machine, from 0.
        local_size: the number of those on its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def first(self) -> bool:
        """Whether it is the process that prints and writes."""
        return self.rank == 0


def launched() -> Launch:
    """What the environment variables tell; one process where WORLD_SIZE is not set, or 1.

    Raises:
        InputError: for variables that are missing or contradict each other.
    """
    size = number("WORLD_SIZE", 1, 1, 10**6)
    if size == 1:
        return Launch()
    for name in NEEDED:
        if name not in os.environ:
            raise InputError(
                f"WORLD_SIZE is {size}, but {name} is not set; start by torchrun, which sets both, or unset "
                f"WORLD_SIZE."
            )
    rank = number("RANK", 0, 0, size - 1)
    local = number("LOCAL_RANK", rank, 0, size - 1)
    return Launch(rank, size, local, number("LOCAL_WORLD_SIZE", size, local + 1, size))


def number(name: str, default: int, least: int, most: int) -> int:
    """The environment variable `name`, a number from `least` to `most`.

    Raises:
        InputError: when it is none.
    """
    text = os.environ.get(name, str(default))
    if text.isdecimal() and least <= int(text) <= most:
        return int(text)
    raise InputError(
        f"The environment variable {name} is {text!r}, but wanted is a number from {least} to {most}; start "
        f"by torchrun, which sets it."
    )


def command(arguments: Sequence[str]) -> str:
    """The command that starts `arguments` of narrows with as many processes as now.

    It is that of one process where these are on several machines, whose launcher is not known.

    >>> command(["fit", "a b.npy"])
    "narrows fit 'a b.npy'"
    """
    launch = launched()
    alone = launch.size == 1 or launch.local_size < launch.size
    start = () if alone else ("torchrun", "--nproc-per-node", str(launch.size), "-m")
    return shlex.join([*start, "narrows", *arguments])
