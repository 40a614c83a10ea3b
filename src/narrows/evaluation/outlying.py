"""Rows that hold most of an error, so that what is said of all rows is a matter of a few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import few
from narrows.evaluation.errors import Floats

SHARE, TIMES = 0.5, 100.0
"""The share of an error that a few rows hold, and their mean in units of the others', that outlie."""

MOST, PART = 5, 0.05
"""How many rows may outlie, and which share of all."""


@dataclass(frozen=True, slots=True)
class OutlyingRows:
    """A few rows that hold most of an error.

    Attributes:
        names: of the rows, with the column that holds most of the error of each.
        share: of the model's error that lies in them.
        yardstick_share: of the yardstick's; None without one.
    """

    names: tuple[str, ...]
    share: float
    yardstick_share: float | None = None

    def __str__(self) -> str:
        return few(self.names)

    @property
    def it(self) -> str:
        """The pronoun for the rows."""
        return "it" if len(self.names) == 1 else "them"

    @property
    def s(self) -> str:
        """The ending of a verb whose subject they are."""
        return "s" * (len(self.names) == 1)

    @property
    def shares(self) -> str:
        """How much of the errors they hold."""
        theirs = self.yardstick_share
        if theirs is not None and theirs >= SHARE > self.share:
            return f"{100 * theirs:.3g} % of the error of the yardstick"
        return f"{100 * self.share:.3g} % of the error"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> OutlyingRows:
        """The inverse of `to_json`."""
        return cls(**{**record, "names": tuple(record["names"])})


def outlying(*amounts: Floats) -> NDArray[np.intp]:
    """The numbers of the rows that hold at least half of one of `amounts (n,)`, in order.

    They are few, and each holds on average 100 times as much as the others. What is left is searched again.
    """
    left = np.arange(len(amounts[0]))
    most = min(MOST, max(1, int(PART * len(left))))
    while len(left) > 2:
        found = [leading(each[left], most - (len(amounts[0]) - len(left))) for each in amounts]
        here = np.unique(np.concatenate(found))
        if not len(here) or len(here) > most - (len(amounts[0]) - len(left)):
            break
        left = np.delete(left, here)
    return np.setdiff1d(np.arange(len(amounts[0])), left)


def leading(amounts: Floats, most: int) -> NDArray[np.intp]:
    """The fewest rows, `most` at the most, that hold half of `amounts (n,)`; empty if these do not outlie."""
    order = np.argsort(-amounts, kind="stable")[: max(0, most)]
    held, total = np.cumsum(amounts[order]), amounts.sum()
    for count, sum_of in enumerate(held, 1):
        others = (total - sum_of) / max(len(amounts) - count, 1)
        if sum_of >= SHARE * total and sum_of / count > TIMES * others:
            return order[:count]
    return np.empty(0, dtype=np.intp)


def without(rows: NDArray[np.intp], *arrays: Any) -> list[Any]:
    """`arrays (n, …)` without `rows`; None stays None."""
    return [None if each is None else np.delete(each, rows, axis=0) for each in arrays]
