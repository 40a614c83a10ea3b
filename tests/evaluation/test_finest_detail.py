"""Differences of high order, and the flattest blocks."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.finest_detail import BLOCK, COLUMNS, ROWS, Detail, difference


def detail(planes: np.ndarray) -> Detail:
    nowhere = np.zeros(planes.shape, dtype=np.bool_)
    return Detail(planes, planes, nowhere, nowhere)


@pytest.mark.parametrize("order", [2, 4, 6])
def test_a_difference_keeps_the_variance_of_white_noise_and_removes_polynomials(order: int) -> None:
    noise = detail(np.random.default_rng(0).normal(0, 3, (2, 256, 256)))
    found = noise.inner(noise.residual(order, ROWS, COLUMNS))
    assert abs(found.std() / 3 - 1) < 0.03
    y, x = np.mgrid[:64, :64] / 8
    smooth = detail((1 + x ** (order - 1) - y ** (order - 1))[None])
    assert np.abs(smooth.inner(smooth.residual(order, ROWS))).max() < 1e-8 * smooth.planes.max()
    assert difference(order).sum() == pytest.approx(0)


def test_the_flattest_blocks_are_away_from_edges() -> None:
    step = np.zeros((1, 128, 128))
    step[:, :, 60:] = 100
    found = detail(step + np.random.default_rng(0).normal(0, 1, step.shape))
    edges = found.blocks(found.inner(np.broadcast_to(np.abs(np.arange(128.0) - 60) < BLOCK, step.shape)))
    assert found.flat.sum() > 10
    assert not (edges[found.flat] > 0).any()


def test_blocks_beside_cut_pixels_are_left_out() -> None:
    planes = np.random.default_rng(0).normal(0, 1, (1, 96, 96))
    cut = np.zeros(planes.shape, dtype=np.bool_)
    cut[:, :, 48:] = True
    found = Detail(planes, planes, cut, np.zeros_like(cut))
    places = found.blocks(found.inner(np.broadcast_to(np.arange(96.0), planes.shape)))
    assert found.usable.any()
    assert places[found.usable].max() < 48
