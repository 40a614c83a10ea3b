from __future__ import annotations

import numpy as np

from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.runs.gaps import Gaps
from narrows.runs.scaler import Scaled


def ones(rows: Scaled) -> Array:
    return np.ones((len(rows), 6), dtype=np.float32)


def test_gaps_are_reconstructed_and_ends_are_zero() -> None:
    gaps = Gaps(describe(np.zeros((2, 6)), "sequences"), ones)
    rows = np.array([[3.0, np.nan, 5, 6, np.nan, np.nan], [1.0, 2, 3, 4, 5, 6]])
    filled, made = gaps.completed(rows)
    assert filled.tolist() == [[3, 1, 5, 6, 0, 0], [1, 2, 3, 4, 5, 6]]
    assert made.tolist() == [[1, 1, 1, 1, 0, 0], [1] * 6]
    assert gaps(rows)[0].tolist() == [3, 1, 5, 6, 1, 1]
