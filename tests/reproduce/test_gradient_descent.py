from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.pca import Pca
from narrows.reproduce.gradient_descent import descend, error


def test_descent_reaches_pca_with_a_large_rate_and_not_with_a_small_one() -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((600, 3)) * (3, 2, 0.3) @ rng.standard_normal((3, 20)) + 1).astype(np.float32)
    pca = Pca.fit(x, 2)
    best = float(np.mean((pca.reconstruct(x) - x) ** 2))
    assert error(descend(x, 2, 0.03, 200, 0), x) == pytest.approx(best, rel=0.03)
    assert error(descend(x, 2, 1e-4, 60, 0), x) > 2 * best
