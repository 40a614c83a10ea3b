"""The space of codes: its centre, planes through it, and how empty a place in it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.runs.run import Run

NEIGHBOURS = 5
"""Emptiness is measured by the distance to the held-out code of this rank."""

EMPTY = 0.95
"""The emptiness above which a region is called empty."""


class CodeSpace:
    """The codes of held-out data, with which other codes are compared.

    Args:
        run: the fitted run; an unfinished one has no held-out codes.

    Raises:
        InputError: for a run that decodes no codes.
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
        """How empty the region around each of `codes (n, d)` is, `(n,)` from 0 to 1.

        It is the share of held-out codes whose distance to the fifth nearest held-out code is smaller
        (Loftsgaarden & Quesenberry 1965). None with five held-out codes or fewer.
        """
        from sklearn.neighbors import NearestNeighbors

        if len(self.codes) <= NEIGHBOURS:
            return None
        search = NearestNeighbors().fit(self.codes)
        # A held-out code is its own nearest neighbour.
        held_out = np.sort(search.kneighbors(self.codes, NEIGHBOURS + 1)[0][:, -1])
        distances = search.kneighbors(np.asarray(codes, np.float64), NEIGHBOURS)[0][:, -1]
        return np.searchsorted(held_out, distances) / len(held_out)

    def plane(self, dims: tuple[int, int] | None = None) -> Plane:
        """The plane of two latent dimensions, or without `dims` the one in which codes vary most."""
        if self.unfinished:
            raise InputError(self.unfinished)
        d = self.codes.shape[1]
        return self._principal_plane() if dims is None and d > 2 else plane_of(dims or tuple(range(d)), d)

    def _principal_plane(self) -> Plane:
        """The plane of the first two principal components."""
        values, directions = np.linalg.svd(self.codes - self.centre, full_matrices=False)[1:]
        share = 100 * (values[:2] ** 2).sum() / max((values**2).sum(), 1e-300)
        d = self.codes.shape[1]
        return Plane(
            directions[:2],
            f"the plane in which the {d}-dimensional codes vary most ({share:.0f} % of their variance)",
        )


class Plane(NamedTuple):
    """A plane through the centre of the codes.

    Attributes:
        directions: `(2, d)` orthonormal rows; one row for codes of one dimension.
        description: in words.
    """

    directions: Array
    description: str


def plane_of(dims: tuple[int, ...], d: int) -> Plane:
    """The plane of the latent dimensions `dims`, of which there are `d`.

    Raises:
        InputError: for a dimension that does not exist, or the same one twice.
    """
    for dim in dims:
        if not 0 <= dim < d:
            raise InputError(f"There is no code dimension {dim}: the code has {d}, counted from 0.")
    if len(set(dims)) < len(dims):
        raise InputError(f"A plane takes two different code dimensions, not {dims[0]} twice.")
    names = " and ".join(map(str, dims))
    rest = ", the others at their mean" if len(dims) < d else ""
    return Plane(np.eye(d)[list(dims)], f"code dimension{'s' * (len(dims) > 1)} {names}{rest}")
