"""Pixels that are cut at the ends of the range."""

from __future__ import annotations

import numpy as np

from narrows.evaluation.clipping import clipping, still


def test_cut_pixels_are_found_with_their_share() -> None:
    values = np.random.default_rng(0).normal(30, 25, (2, 64, 64))
    found = clipping(np.rint(values).clip(0, 255))
    assert (found.lowest, found.high) == (0, 0)
    assert abs(found.low - (values < 0.5).mean()) < 0.005
    assert found.cut(np.zeros((1, 2, 2))).all()
    assert found.sentence == "Cut at the end of the range: 12 % of the pixels at 0."


def test_pixels_that_reach_the_ends_are_not_cut() -> None:
    found = clipping(np.random.default_rng(0).normal(30, 25, (2, 64, 64)))
    assert (found.low, found.high, found.sentence) == (0, 0, "")
    assert not found.cut(np.full((1, 2, 2), 1000.0)).any()


def test_zeros_of_counts_are_not_cut() -> None:
    counts = np.random.default_rng(0).poisson(0.2, (2, 64, 64)).astype(float)
    assert (counts == 0).mean() > 0.8
    assert clipping(counts).low == 0
    assert clipping(7 * counts).low == 0


def test_pixels_without_noise() -> None:
    plane = np.zeros((1, 20, 20))
    plane[:, :, 10:] = np.random.default_rng(0).normal(0, 1, (1, 20, 10))
    assert still(plane)[0, :, :8].all()
    assert not still(plane)[0, :, 8:].any()
