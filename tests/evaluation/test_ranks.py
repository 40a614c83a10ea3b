from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from narrows.evaluation.ranks import ranks


def test_ranks_are_scipys() -> None:
    x = np.random.default_rng(0).integers(0, 9, (50, 3)).astype(float)
    x[::7, 1] = np.nan
    x[:, 2] = np.nan
    np.testing.assert_array_equal(ranks(x), rankdata(x, axis=0, nan_policy="omit"))
    np.testing.assert_array_equal(ranks(x[:, 0]), rankdata(x[:, 0]))
    assert ranks(np.empty(0)).shape == (0,)
