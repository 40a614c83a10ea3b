from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.smoothing import SMOOTHERS, interpolated, smoothed


@pytest.mark.parametrize("name", SMOOTHERS)
def test_noise_becomes_less_and_a_constant_stays(name: str) -> None:
    rng = np.random.default_rng(0)
    clean = np.sin(np.arange(300)[:, None] / 15 + np.arange(2))
    noisy = clean + 0.3 * rng.normal(size=clean.shape)
    made = smoothed(SMOOTHERS[name], noisy, clean)
    assert ((made - clean) ** 2).mean() < 0.4 * ((noisy - clean) ** 2).mean()
    np.testing.assert_allclose(SMOOTHERS[name].use(np.full((4, 1), 2.0), SMOOTHERS[name].widths[-1]), 2.0)


def test_missing_values_are_interpolated_along_time() -> None:
    values = np.array([[np.nan, np.nan], [1, np.nan], [np.nan, np.nan], [3, np.nan]])
    assert interpolated(values).tolist() == [[1, 0], [1, 0], [2, 0], [3, 0]]
