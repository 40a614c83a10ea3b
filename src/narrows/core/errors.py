"""What goes wrong, in one sentence: what came, what was wanted, what to do."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(ValueError):
    """The caller's mistake: the command line prints it and ends with exit code 2."""


class TrainingError(RuntimeError):
    """Training could not go on; the command line prints it and ends with exit code 1."""


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
