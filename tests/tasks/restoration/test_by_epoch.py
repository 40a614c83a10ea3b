"""Corrupted examples and their reconstructions, epoch by epoch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from narrows import Autoencoder
from narrows.runs.run import Run
from narrows.tasks.restoration.by_epoch import MOST_EPOCHS, SHOWN, by_epoch
from tests.samples import DIGITS

HOW = {"epochs": 5, "snapshot_every": 2, "keep": "last"}


@pytest.fixture(scope="module")
def noisy() -> Run:
    return Autoencoder(4, recipe="denoising-vae", training=HOW).fit(DIGITS[:300]).run_


def test_every_second_epoch_and_the_last_are_shown(noisy: Run) -> None:
    found = by_epoch(noisy)
    assert found is not None
    assert list(found.made) == [2, 4, 5]
    assert noisy.evidence.originals is not None
    np.testing.assert_array_equal(found.originals, noisy.evidence.originals[:SHOWN])
    assert found.seen.shape == found.originals.shape
    assert 1 < np.abs(found.seen - found.originals).mean() < 5  # noise of 0.3 times 16, clamped
    errors = {n: ((made - found.originals) ** 2).mean() for n, made in found.made.items()}
    assert errors[5] < errors[2]


def test_codes_are_drawn_and_the_same_each_time(noisy: Run) -> None:
    first, again = by_epoch(noisy), by_epoch(noisy)
    assert first is not None
    assert again is not None
    state = torch.get_rng_state()
    np.testing.assert_array_equal(first.made[5], again.made[5])
    mean = noisy.unscaled(noisy.restored(first.originals), noisy.scaled(first.originals))
    assert np.abs(first.made[5] - mean).max() > 0.1
    by_epoch(noisy)
    assert torch.equal(torch.get_rng_state(), state)


def test_at_most_ten_epochs(noisy: Run) -> None:
    many = replace(noisy, earlier=dict.fromkeys(range(1, 25), noisy), history=[*noisy.history])
    many.history[-1] = {**many.history[-1], "number": 30}
    found = by_epoch(many)
    assert found is not None
    assert len(found.made) <= MOST_EPOCHS
    assert max(found.made) == 30
    assert list(found.made) == sorted(found.made)


def test_without_a_corruption_there_is_nothing_to_show(digits_run: Run) -> None:
    assert by_epoch(digits_run) is None
