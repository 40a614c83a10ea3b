"""The places of a scan that its page shows, with their codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.data.scan import Scan
from narrows.data.schema import Array

MOST_PLACES = 2**17
"""Places that a page shows, at the most; of a larger scan every second line and column, every third, …"""


@dataclass(frozen=True, eq=False)
class ShownPlaces:
    """Places of a scan on a grid, in the order of its lines.

    Attributes:
        shape: of the grid, height and width.
        numbers: `(m,)`, of each place the number of its example.
        codes: `(m, code_size)` float32.
        held_out: `(k,)`, where the held-out rows that the run keeps are among the places; -1 for others.
    """

    shape: Array
    numbers: Array
    codes: Array
    held_out: Array

    @classmethod
    def draw(cls, scan: Scan, codes: Array, held_out: Array) -> ShownPlaces:
        """The places that are shown of all.

        Args:
            scan: of more than two axes the first picture is shown.
            codes: of all examples, `(n, code_size)`.
            held_out: the numbers of the held-out examples that the run keeps; -1 for those of another scan.
        """
        *_, height, width = (1, *scan.shape)
        first = np.arange(len(scan)).reshape(-1, height, width)[0]
        step = max(1, int(np.ceil(np.sqrt(height * width / MOST_PLACES))))
        grid = first[::step, ::step]
        numbers = grid.ravel().astype(np.int64)
        shape = np.array(grid.shape, np.int64)
        return cls(shape, numbers, codes[numbers].astype(np.float32), found_in(numbers, held_out))


def found_in(ordered: Array, numbers: Array) -> Array:
    """Where `numbers (k,)` are among the `ordered` ones, `(k,)`; -1 for those that are not there.

    >>> found_in(np.array([2, 5, 9]), np.array([5, 7, -1, 9])).tolist()
    [1, -1, -1, 2]
    """
    places = np.searchsorted(ordered, numbers).clip(max=len(ordered) - 1)
    return np.where(ordered[places] == numbers, places, -1)
