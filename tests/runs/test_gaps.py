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


def test_a_linear_model_fills_in_the_least_squares_of_what_is_there() -> None:
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(6, 2)))[0]

    def projected(rows: Scaled) -> Array:
        """The projection on a plane; a missing value counts as 0."""
        return np.nan_to_num(rows.flat) @ basis @ basis.T

    rows = rng.normal(size=(4, 6))
    missing = np.array([[2], [3], [1], [4]]) == np.arange(6)
    filled, made = Gaps(describe(np.zeros((2, 6)), "sequences"), projected).completed(
        np.where(missing, np.nan, rows)
    )
    for row, gap, found in zip(rows, missing, filled, strict=True):
        code = np.linalg.lstsq(basis[~gap], row[~gap])[0]
        np.testing.assert_allclose(found[gap], (basis @ code)[gap], atol=0.02)
    np.testing.assert_allclose(made[missing], filled[missing])
