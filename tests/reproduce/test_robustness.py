from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.robustness import (
    DRAWN,
    LEVELS,
    SALTED,
    Outcome,
    corrupted,
    error_ratio,
    kept_share,
    noises,
)
from narrows.reproduce.trials import mlp, subset
from narrows.runs.run import Run


@pytest.fixture(scope="module")
def run(full_lab: Lab) -> Run:
    data = subset(full_lab.digits, 64)
    return full_lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=1)


def test_noise_is_the_same_each_time_and_in_range(full_lab: Lab, run: Run) -> None:
    x = flat(full_lab.digits.held_out.array)
    kinds = noises(run)
    weak, strong, salted = (corrupted(kinds[name], x) for name in ("σ = 0.1", "σ = 0.5", SALTED))
    assert np.array_equal(weak, corrupted(kinds["σ = 0.1"], x))
    assert all(seen.min() >= 0 and seen.max() <= 1 for seen in (weak, strong, salted))
    assert np.abs(weak - x).mean() < np.abs(strong - x).mean()
    assert np.mean(salted != x) == pytest.approx(
        0.2 * np.mean((x > 0) & (x < 1)) + 0.1 * np.mean((x == 0) | (x == 1)), abs=0.01
    )


def test_drawn_noise_differs_from_image_to_image_up_to_the_largest_level(run: Run) -> None:
    grey = np.full((500, 1, 28, 28), 0.5, dtype=np.float32)
    spread = corrupted(noises(run)[DRAWN], grey).reshape(500, -1).std(axis=1)
    strongest = corrupted(noises(run)[f"σ = {LEVELS[-1]:g}"], grey).std()
    assert spread.min() < 0.02
    assert strongest * 0.95 < spread.max() < strongest * 1.1


def test_the_share_of_noise_kept_is_small_behind_an_untrained_bottleneck(full_lab: Lab, run: Run) -> None:
    assert abs(kept_share(run, flat(full_lab.digits.held_out.array))) < 0.05


def test_errors_are_compared_seed_by_seed() -> None:
    def outcomes(*errors: float) -> list[Outcome]:
        return [Outcome({DRAWN: error}, {}, 0) for error in errors]

    ratio = error_ratio({"DAE": outcomes(0.1, 0.2, 0.3), "AE": outcomes(0.2, 0.4, 0.6)}, DRAWN)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.5, 0.5, 0.5))
