from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.rounding import ROUNDED, RoundingCheck


def found(mean: float, dtype: str) -> RoundingCheck:
    counts = np.random.default_rng(0).poisson(mean, (64, 64))
    check = RoundingCheck()
    check.add(counts.astype(dtype), np.full((64, 64), round(mean), dtype))
    return check


def test_rounding_matters_where_counts_are_few() -> None:
    finding = found(1.0, "uint16").finding
    assert finding is not None
    assert "an error of 0.29" in finding.evidence
    assert "standard deviation of only 0.99" in finding.evidence
    assert found(100.0, "uint16").finding is None
    assert found(1.0, "float32").finding is None
    assert RoundingCheck().finding is None


def test_its_error_is_that_of_rounding() -> None:
    values = 100 * np.random.default_rng(0).random(100_000)
    assert (values - values.round()).std() == pytest.approx(ROUNDED, rel=0.01)
