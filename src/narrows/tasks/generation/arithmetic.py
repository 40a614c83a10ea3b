"""Codes added and subtracted: what one example has and another has not, given to a third."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, Space


class Sum(NamedTuple):
    """A sum of codes `(1, d)`, the example `(1, *shape)` decoded from it, and how empty it is there."""

    code: Array
    value: Array
    emptiness: Array | None

    @property
    def sentence(self) -> str:
        """Where the sum lies, in words."""
        if self.emptiness is None:
            return "Too few codes were held out to tell whether codes lie around the sum."
        share = float(self.emptiness[0])
        where = "it lies in empty space" if share > EMPTY else "it lies among the codes of data"
        return f"Around the sum it is emptier than around {100 * share:.0f} % of held-out codes: {where}."


def arithmetic(run: Run, added: Array, subtracted: Array) -> Sum:
    """The example whose code is m + Σ (a - m) - Σ (s - m), m the mean of the codes of the training part.

    As directions from their mean codes can be added however many there are. Where one more is added than
    subtracted, as in a - b + c, the mean cancels and the sum is that of the codes.

    Args:
        run: the fitted model.
        added: `(n, *shape)`, examples as the data came, at least one.
        subtracted: likewise, or none.
    """
    if not len(added):
        raise InputError("Arithmetic takes at least one example to add.")
    space = Space(run)
    code = space.centre + (run.encode(added) - space.centre).sum(axis=0)
    if len(subtracted):
        code -= (run.encode(subtracted) - space.centre).sum(axis=0)
    code = np.asarray(code, np.float32)[None]
    return Sum(code, run.decode(code), space.emptiness(code))
