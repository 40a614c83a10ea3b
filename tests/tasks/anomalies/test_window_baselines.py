from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.anomalies.window_baselines import WINDOW_BASELINES, lagged


@pytest.mark.parametrize("name", WINDOW_BASELINES)
def test_every_baseline_scores_a_jump_in_a_wave_highest(name: str) -> None:
    rng = np.random.default_rng(0)
    phase = rng.uniform(0, 6, (300, 1))
    rows = np.sin(phase + np.arange(16) / 2)[:, None] + 0.05 * rng.normal(size=(300, 1, 16))
    rows[299, 0, 8:12] = 4
    windows = rows.astype(np.float32)
    assert (
        WINDOW_BASELINES[name](windows[:200], 100 * np.arange(200))(
            windows[200:], np.full(len(windows) - 200, -100)
        ).argmax()
        == 99
    )


def test_an_autoregression_predicts_each_later_step_from_those_before() -> None:
    windows = np.arange(24, dtype=np.float32).reshape(2, 2, 6)
    inputs, targets = lagged(windows, 4)
    assert inputs.shape == (4, 8)
    assert inputs[1].tolist() == [1, 2, 3, 4, 7, 8, 9, 10]
    assert targets[1].tolist() == [5, 11]


def test_a_wave_is_predicted_exactly() -> None:
    windows = np.sin(np.arange(400) / 5).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(windows, 20)[:, None].copy()
    assert (
        WINDOW_BASELINES["autoregression"](windows, np.arange(len(windows)))(
            windows, np.arange(len(windows))
        ).max()
        < 1e-3
    )
