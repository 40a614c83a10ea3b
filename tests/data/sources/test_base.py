from __future__ import annotations

import numpy as np

from narrows.data.sources import Index, Source


class Halves(Source):
    """Rows that are read in two blocks."""

    in_memory = False

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def take(self, index: Index) -> np.ndarray:
        return self.values[list(index)]

    def blocks(self) -> list[range]:
        half = len(self) // 2
        return [range(half), range(half, len(self))]


def test_pieces_are_the_blocks_with_the_numbers_of_their_rows() -> None:
    values = np.arange(10).reshape(5, 2)
    assert [rows for rows, _ in Halves(values).pieces()] == [range(2), range(2, 5)]
    np.testing.assert_array_equal(np.concatenate([piece for _, piece in Halves(values).pieces()]), values)
    np.testing.assert_array_equal(Halves(values).all(), values)
