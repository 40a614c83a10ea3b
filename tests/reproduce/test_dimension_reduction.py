from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.pca import Pca
from narrows.reproduce.dimension_reduction import checks, pca_error
from narrows.reproduce.lab import Lab, flat


def test_the_error_of_pca_is_the_variance_that_it_leaves(lab: Lab) -> None:
    data = lab.digits
    x = flat(data.held_out.array)
    mean = flat(data.array).mean(axis=0)
    errors = [pca_error(Pca.fit(flat(data.array), size), data) for size in (1, 8)]
    assert errors[1] < errors[0] < float(np.mean((x - mean) ** 2))


def test_each_size_is_judged_by_the_median_over_seeds() -> None:
    found = checks({2: [0.9, 0.8, 3.0], 8: [0.9, 1.1, 1.2]}, {2: 1.0, 8: 1.0})
    assert [check.outcome for check in found] == [True, False]
    assert [check.measured.value for check in found] == pytest.approx([0.9, 1.1])
