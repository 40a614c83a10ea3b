"""What goes wrong, in one sentence: what came, what was wanted, what to do."""

from __future__ import annotations

from collections.abc import Sequence


class NarrowsError(Exception):
    """The base of all errors that are one sentence for the user.

    The command line prints the sentence and ends with `exit_code`: 2 for wrong use, 1 for what failed.
    """

    exit_code = 1


class InputError(NarrowsError, ValueError):
    """Wrong input: values, options or files other than what was wanted."""

    exit_code = 2


class DamagedRunError(InputError):
    """A run folder or a checkpoint that is not as it was written."""


class TrainingError(NarrowsError, RuntimeError):
    """Training that cannot go on: a quantity is not finite, or the state cannot be kept."""


class NoRoomError(NarrowsError):
    """A disk or a quota that is full."""


def show(shape: tuple[int, ...]) -> str:
    """A shape as people write it.

    >>> show((28, 28))
    '28x28'
    """
    return "x".join(map(str, shape)) or "one number"


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of `names`, and how many more there are.

    >>> few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def reason(error: BaseException) -> str:
    """The beginning of a library's message, without its full stop."""
    if "pickle" in str(error):
        return "it holds no plain numbers, and Python objects are never loaded"
    text = " ".join(str(error).split()).rstrip(". ") or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


LONGEST = 160
"""Letters of a library's message that are passed on."""
