from __future__ import annotations

import numpy as np

from narrows.data.sources import InMemory


def test_an_array_is_one_block() -> None:
    values = np.arange(12).reshape(4, 3)
    source = InMemory(values)
    assert (len(source), source.shape, source.dtype) == (4, (4, 3), values.dtype)
    assert [(rows, piece.tolist()) for rows, piece in source.pieces()] == [(range(4), values.tolist())]
    np.testing.assert_array_equal(source.take(range(1, 3)), values[1:3])
    np.testing.assert_array_equal(source.take(np.array([2, 0])), values[[2, 0]])
