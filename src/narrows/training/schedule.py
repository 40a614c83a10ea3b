"""The schedule of the learning rate."""

from __future__ import annotations

import math

UP = 0.3
"""Share of the steps in which the rate rises."""

START, END = 25.0, 1e4
"""The rate begins at the highest divided by `START`, and ends at that divided by `END`."""

LOW, HIGH = 0.85, 0.95
"""The momentum falls to `LOW` while the rate rises, and rises to `HIGH` again."""


class OneCycle:
    """One cycle of the learning rate by the number of a step, as torch's OneCycleLR has it.

    The rate rises by a half cosine, and falls by one (Smith & Topin 2019, "Super-convergence"). Torch's class
    takes one of its optimizers, which import its compiler.

    Args:
        highest: learning rate.
        steps: of the whole cycle.
    """

    def __init__(self, highest: float, steps: int) -> None:
        self.highest, self.steps = highest, max(2, steps)

    def rate(self, step: int) -> float:
        """The learning rate of step number `step`, from 0."""
        first = self.highest / START
        return self._between(step, first, self.highest, first / END)

    def momentum(self, step: int) -> float:
        """The momentum of step number `step`, from 0."""
        return self._between(step, HIGH, LOW, HIGH)

    def _between(self, step: int, first: float, middle: float, last: float) -> float:
        """The value at `step` of a curve that goes from `first` to `middle`, and on to `last`."""
        turn = UP * self.steps - 1
        if step <= turn:
            return half_cosine(first, middle, step / turn)
        return half_cosine(middle, last, (step - turn) / (self.steps - 1 - turn))


def half_cosine(start: float, end: float, share: float) -> float:
    """The value after a `share` of the way from `start` to `end`.

    >>> half_cosine(2.0, 4.0, 0.5)
    3.0
    """
    return end + (start - end) / 2 * (math.cos(math.pi * share) + 1)
