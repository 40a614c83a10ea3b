"""The errors for users: one sentence each, that says what came, what was wanted, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence


class NarrowsError(Exception):
    """The base class of all errors for users; the message is one sentence.

    The command line prints the message and ends with `exit_code`: 2 for wrong use, 1 for a failure.
    """

    exit_code = 1


class InputError(NarrowsError, ValueError):
    """Values, options or files that cannot be used."""

    exit_code = 2


class DamagedRunError(InputError):
    """A run folder or a checkpoint differs from what was written."""


class TrainingError(NarrowsError, RuntimeError):
    """Training cannot continue: a value is not finite, or the state cannot be written."""


class NoRoomError(NarrowsError):
    """The disk or the quota is full."""


def show(shape: tuple[int, ...]) -> str:
    """A shape as text: its lengths with `x` between them.

    >>> show((28, 28))
    '28x28'
    """
    return "x".join(map(str, shape)) or "one number"


def few(names: Sequence[str], most: int = 5) -> str:
    """The first `most` of `names`, and the number of the others.

    >>> few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def reason(error: BaseException) -> str:
    """The message of an error that a library raised: its first characters, without the full stop."""
    if "pickle" in str(error):
        return "it holds no plain numbers, and Python objects are never loaded"
    plain = COLOURS.sub("", str(error))
    text = " ".join(plain.split()).rstrip(". ") or type(error).__name__
    return text if len(text) <= REASON_LENGTH else f"{text[:REASON_LENGTH]} …"


COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Escape sequences by which a library colours its messages."""

REASON_LENGTH = 160
"""Characters of a library's message that are quoted at most."""
