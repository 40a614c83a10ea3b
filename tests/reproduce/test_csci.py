from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from narrows.reproduce.csci import ENTRIES, cross_entropy, squared_error
from narrows.reproduce.lab import Lab


def test_the_cross_entropy_is_torchs_where_it_is_finite() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 5, 8, 8))
    y = 0.01 + 0.98 * y
    theirs = functional.binary_cross_entropy(torch.as_tensor(y), torch.as_tensor(x))
    assert cross_entropy(x, y) == pytest.approx(float(theirs), rel=1e-12)
    assert cross_entropy(np.ones(4), np.zeros(4)) == pytest.approx(math.log(510)), (
        "and one 8-bit step at the ends"
    )
    assert squared_error(np.array([0.0, 1.0]), np.array([0.0, 0.5])) == 0.125


@pytest.mark.parametrize(
    ("name", "measured", "digits"),
    [("C1", "train", 4), ("C2", "cross_entropy_on_binary_trained_with_bce", 3)],
)
def test_the_numbers_are_those_of_the_sentence(name: str, measured: str, digits: int, lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == name).measure(lab)
    assert finding.checks
    assert f"{finding.measured[measured]:.{digits}f}" in finding.sentence
    assert np.isfinite(list(finding.measured.values())).all()
