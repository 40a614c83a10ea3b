"""Reconstructions of patches that their most unusual region has no part in."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.anomalies import masked_pairs
from narrows.tasks.anomalies.masked_pairs import MaskedPairs, region
from narrows.tasks.anomalies.pixels import Floats

SIDE = 24


def in_stripes(values: Floats) -> Floats:
    """A model that draws each third of a patch at its mean, which an anomaly moves, `(n, side, side, 1)`."""
    thirds = values.reshape(len(values), 3, SIDE // 3, SIDE, 1)
    return np.broadcast_to(thirds.mean(axis=(2, 3), keepdims=True), thirds.shape).reshape(values.shape)


def noise(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, SIDE, SIDE))


@pytest.fixture(scope="module")
def pairs() -> MaskedPairs:
    return MaskedPairs(lambda patches: patches[..., None], in_stripes, noise(200, 0))


def test_an_anomaly_no_longer_moves_the_reconstruction_around_it(pairs: MaskedPairs) -> None:
    usual, patch = noise(1, 1), noise(1, 1)
    patch[0, 10:14, 4:8] += 3.5
    plain, masked = pairs.plain(patch)[0, ..., 1], pairs(patch)[0, ..., 1]
    expected = pairs.plain(usual)[0, 8, 20, 1]
    assert plain[8, 20] > expected + 0.25
    assert abs(masked[8, 20] - expected) < 0.1
    np.testing.assert_array_equal(masked[16:], plain[16:])


def test_patches_that_are_scored_apart_give_the_same(
    pairs: MaskedPairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    patches = noise(9, 4)
    patches[::2, 10:14, 4:8] += 3.5
    together = pairs(patches)
    monkeypatch.setattr(masked_pairs, "AT_ONCE", 4 * SIDE**2)
    np.testing.assert_array_equal(pairs(patches), together)


def test_a_usual_patch_keeps_its_reconstruction(pairs: MaskedPairs) -> None:
    patches = noise(50, 2)
    made, plain = pairs(patches), pairs.plain(patches)
    assert (made == plain).all(axis=(1, 2, 3)).mean() > 0.9
    np.testing.assert_array_equal(made[..., 0], patches)


def test_the_region_of_the_highest_score_alone_is_replaced(pairs: MaskedPairs) -> None:
    patch = noise(1, 3)
    patch[0, 2:5, 2:5] += 4
    patch[0, 18:22, 18:22] -= 5
    found = region(pairs.detector.scores(pairs.plain(patch)[0]).scores, pairs.threshold)
    assert found[19:21, 19:21].all()
    assert not found[:10].any()
