"""Blocks of 8x8 pixels."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.lattice import lattice
from narrows.evaluation.compression_blocks import blockiness
from tests.noise import compressed

CLEAN = lattice(4, 256, structure="hexagonal", dose=60).clean.astype(np.float64)
NOISY = CLEAN + np.random.default_rng(0).normal(0, 15, CLEAN.shape)


@pytest.mark.parametrize("shift", [0, 3])
def test_blocks_are_found_wherever_they_begin(shift: int) -> None:
    assert blockiness(compressed(NOISY, 30)[:, shift:, shift:].astype(float)) > 0.05


def test_other_images_have_no_blocks() -> None:
    assert blockiness(NOISY) == 0
    assert blockiness(CLEAN) == 0
    assert blockiness(compressed(NOISY, 98).astype(float)) == 0


def test_a_pattern_with_the_period_of_blocks_is_none() -> None:
    wave = np.cos(2 * np.pi * np.arange(256) / 8)
    assert blockiness(CLEAN + 20 * (wave + wave[:, None])) == 0
    assert blockiness(np.zeros((1, 16, 16))) == 0
