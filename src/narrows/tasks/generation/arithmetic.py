"""Arithmetic with codes: the difference of two examples added to a third."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, CodeSpace


class Sum(NamedTuple):
    """A sum of codes `(1, d)`, the example `(1, *shape)` decoded from it, and its emptiness `(1,)`."""

    code: Array
    value: Array
    emptiness: Array | None

    @property
    def sentence(self) -> str:
        """Whether the sum lies in an empty region."""
        if self.emptiness is None:
            return "Too few codes were held out to tell whether the sum lies in an empty region."
        share = float(self.emptiness[0])
        where = "it lies in an empty region" if share > EMPTY else "it lies among the codes of data"
        return f"Around the sum it is emptier than around {100 * share:.0f} % of held-out codes: {where}."


def arithmetic(run: Run, added: Array, subtracted: Array) -> Sum:
    """The example whose code is m + Σ (a - m) - Σ (s - m), m the mean of the codes of the training part.

    Any number of directions from the mean can be added. With one more added than subtracted, as in a - b + c,
    the mean cancels.

    Args:
        run: the fitted model.
        added: `(n, *shape)`, examples as the data came, at least one.
        subtracted: likewise, or none.
    """
    if not len(added):
        raise InputError("Arithmetic takes at least one example to add.")
    space = CodeSpace(run)
    code = space.centre + (run.encode(added) - space.centre).sum(axis=0)
    if len(subtracted):
        code -= (run.encode(subtracted) - space.centre).sum(axis=0)
    code = np.asarray(code, np.float32)[None]
    return Sum(code, run.decode(code), space.emptiness(code))
