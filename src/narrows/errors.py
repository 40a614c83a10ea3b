"""What goes wrong, in one sentence: what came, what was wanted, what to do."""

from __future__ import annotations


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
