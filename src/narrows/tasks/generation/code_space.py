"""Where codes are and where they are not: centre, principal plane, and how empty a place is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.runs.run import Run

NEIGHBOURS = 5
"""Codes by whose distance the emptiness of a place is measured."""

EMPTY = 0.95
"""A place that is emptier than around this share of the held-out codes is called empty."""


class Space:
    """The codes of held-out data, against which others are measured.

    Args:
        run: the fitted run; one that is unfinished has none yet.

    Raises:
        InputError: for a run whose output does not follow from a code.
    """

    def __init__(self, run: Run) -> None:
        run.model.check_decodes()
        none = np.empty((0, run.model.code_size))
        codes = run.evidence.codes
        self.codes = (none if codes is None else codes).astype(np.float64)
        self.unfinished = run.unfinished
        mean = run.density.weights @ run.density.means
        self.centre = mean.numpy().astype(np.float64)

    def emptiness(self, codes: Array) -> Array | None:
        """How empty it is around each of `codes (n, d)`: for what share of held-out codes it is less so.

        0 is the densest place there is, 1 is emptier than around any code of held-out data. What counts is
        the distance to the fifth nearest held-out code (Loftsgaarden & Quesenberry 1965). None where fewer
        codes were held out than that takes.
        """
        from sklearn.neighbors import NearestNeighbors

        if len(self.codes) <= NEIGHBOURS:
            return None
        search = NearestNeighbors().fit(self.codes)
        usual = np.sort(search.kneighbors(self.codes, NEIGHBOURS + 1)[0][:, -1])
        found = search.kneighbors(np.asarray(codes, np.float64), NEIGHBOURS)[0][:, -1]
        return np.searchsorted(usual, found) / len(usual)

    def plane(self, dims: tuple[int, int] | None = None) -> Plane:
        """The plane of two code dimensions, or of the two directions in which codes vary most."""
        if self.unfinished:
            raise InputError(self.unfinished)
        d = self.codes.shape[1]
        if dims is None and d > 2:
            centred = self.codes - self.centre
            values, directions = np.linalg.svd(centred, full_matrices=False)[1:]
            share = 100 * (values[:2] ** 2).sum() / max((values**2).sum(), 1e-300)
            words = (
                f"the plane in which the {d}-dimensional codes vary most ({share:.0f} % of their variance)"
            )
            return Plane(directions[:2], words)
        chosen = dims or tuple(range(d))
        for dim in chosen:
            if not 0 <= dim < d:
                raise InputError(f"There is no code dimension {dim}: the code has {d}, counted from 0.")
        if len(set(chosen)) < len(chosen):
            raise InputError(f"A plane takes two different code dimensions, not {chosen[0]} twice.")
        names = " and ".join(map(str, chosen))
        rest = ", the others at their mean" if len(chosen) < d else ""
        return Plane(np.eye(d)[list(chosen)], f"code dimension{'s' * (len(chosen) > 1)} {names}{rest}")


class Plane(NamedTuple):
    """A plane through the centre of the codes.

    Attributes:
        directions: `(2, d)` orthonormal rows; one row for a code of one number.
        words: what they are.
    """

    directions: Array
    words: str
