from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.geometry import ENTRIES, corrupted, noises, passed_share
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.trials import mlp, subset


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K4", "K6", "K13"]


def test_noise_is_the_same_each_time_and_in_range(full_lab: Lab) -> None:
    data = subset(full_lab.digits, 64)
    run = full_lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=1)
    x = flat(data.held_out.array)
    kinds = noises(run)
    weak, strong, salted = (corrupted(kinds[name], x) for name in ("σ = 0.1", "σ = 0.7", "salt and pepper"))
    assert np.array_equal(weak, corrupted(kinds["σ = 0.1"], x))
    assert all(seen.min() >= 0 and seen.max() <= 1 for seen in (weak, strong, salted))
    assert np.abs(weak - x).mean() < np.abs(strong - x).mean()
    assert np.mean(salted != x) == pytest.approx(
        0.2 * np.mean((x > 0) & (x < 1)) + 0.1 * np.mean((x == 0) | (x == 1)), abs=0.01
    )


def test_the_share_of_noise_kept_is_small_behind_an_untrained_bottleneck(full_lab: Lab) -> None:
    data = subset(full_lab.digits, 64)
    run = full_lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=1)
    assert abs(passed_share(run, flat(data.held_out.array))) < 0.05
