"""Which of several data sets in a file is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError, few, show
from narrows.data.checks import check_real

MOST_NAMED = 12
"""Data sets that a message lists at the most."""


class DataSet(NamedTuple):
    """A data set in a file: its shape, None if it is empty, and the type of its values."""

    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]

    @property
    def fault(self) -> str:
        """Why no examples can be read from it; empty if they can."""
        if self.shape is None or 0 in self.shape:
            return "is empty"
        if self.dtype.names:
            return f"holds records of {few(self.dtype.names, 3)}"
        if self.dtype.kind not in "buif":
            return "holds text or objects" if self.dtype.kind in "OSUTV" else f"is of {self.dtype}"
        return "" if self.shape else "is one number"

    @property
    def plausible(self) -> bool:
        """Whether it may hold examples: numbers along two axes at the least."""
        return not self.fault and sum(size > 1 for size in self.shape or ()) > 1

    @property
    def text(self) -> str:
        """Its shape and type."""
        return self.fault or f"{show(self.shape or ())} {self.dtype}"


def choose(found: Mapping[str, DataSet], wanted: str, file: str, usual: Sequence[str] = ()) -> str:
    """The name of the data set to read.

    Args:
        found: all data sets of the file, by name.
        wanted: the name of one, or the beginning of the names of several, as that of a group; empty for the
            only plausible one.
        file: for messages.
        usual: the names of those that the file itself says are its data.

    Raises:
        InputError: for a name that the file does not hold, for values that are no numbers, and where the
            name must be told.
    """
    if wanted in found:
        check(found[wanted], f"{file}::{wanted}", found)
        return wanted
    inside = [name for name in found if not wanted or name.startswith(wanted.rstrip("/") + "/")]
    if wanted and not inside:
        raise InputError(f"{file} holds no {wanted!r}; {listed(found)}.")
    plausible = [name for name in usual if name in inside and found[name].plausible]
    plausible = plausible or [name for name in inside if found[name].plausible]
    numbers = plausible or [name for name in inside if not found[name].fault]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise InputError(f"{file} holds no numbers to read; {listed(found)}.")
    texts = [f"{file}::{name} ({found[name].text})" for name in numbers]
    raise InputError(f"{file} holds {len(numbers)} data sets; say which: {few(texts, MOST_NAMED)}.")


def listed(found: Mapping[str, DataSet]) -> str:
    """What the file holds."""
    texts = [f"{name} ({each.text})" for name, each in found.items()]
    return f"it holds {few(texts, MOST_NAMED)}" if texts else "it holds no data sets"


def check(data: DataSet, name: str, found: Mapping[str, DataSet]) -> None:
    """Refuse a data set that holds no numbers.

    Raises:
        InputError: with what it holds, and those that hold numbers.
    """
    if data.fault:
        others = [f"{other} ({each.text})" for other, each in found.items() if not each.fault]
        said = f"; {few(others, MOST_NAMED)} can be read" if others else ""
        raise InputError(f"{name} {data.fault}, but real numbers are wanted{said}.")
    check_real(data.dtype, name)
