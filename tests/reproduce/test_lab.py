"""The lectures' table: what it prints, that it goes on, and that its page needs nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce import Lab
from narrows.reproduce.clusters import accuracy
from narrows.reproduce.lab import enlarged_digits, mse, noisy
from narrows.reproduce.sharif import checkerboard


def test_a_lab_trains_the_same_once() -> None:
    lab = Lab(quick=True)
    data = lab.some(lab.digits, 100)
    run = lab.fit("y1", data, epochs=1)
    assert lab.fit("y1", data, epochs=1) is run
    assert lab.fit("y1", data, epochs=1, latent_dim=2) is not run
    seen: list[int] = []
    lab.fit("y1", data, epochs=2, watch=lambda run, epoch: seen.append(epoch.number))
    assert seen == [1, 2]


def test_the_enlarged_digits_are_parted() -> None:
    data = enlarged_digits()
    assert data.test is not None
    assert (data.array.shape, data.test.array.shape) == ((1438, 28, 28), (359, 28, 28))
    assert data.array.max() > 240


def test_the_measures() -> None:
    assert accuracy(np.array([2, 2, 0, 0, 1]), np.array([0, 0, 1, 1, 1])) == 0.8
    assert mse(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2
    x = np.full((400, 8, 8), 0.5, dtype=np.float32)
    assert np.std(noisy(x, 0.1)) == pytest.approx(0.1, rel=0.02)
    assert (noisy(x, 3.0).min(), noisy(x, 3.0).max()) == (0, 1)
    board = np.indices((28, 28)).sum(0)[None] % 2
    slope = np.linspace(0, 1, 28)[None, :, None] * np.ones((1, 28, 28))
    assert checkerboard(board.astype(float)) > 0.9
    assert checkerboard(slope) < 1e-3
