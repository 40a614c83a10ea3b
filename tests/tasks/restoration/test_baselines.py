from __future__ import annotations

import numpy as np
import torch

from narrows.model.corruptions import CORRUPTIONS, LUMINANCE
from narrows.tasks.restoration.baselines import CLASSICAL, Known, biharmonic, channel_means


def test_every_method_undoes_a_corruption_that_there_is() -> None:
    assert CLASSICAL.keys() <= CORRUPTIONS.keys()


def test_channel_means_are_right_on_average(rng: np.random.Generator) -> None:
    train = rng.random((50, 3, 6, 6)) * np.array([1, 0.5, 0.2])[:, None, None]
    seen = np.tensordot(train, LUMINANCE, (1, 0))[:, None].repeat(3, axis=1)
    means = train.mean(axis=(0, 2, 3))
    tinted = channel_means(seen, Known(train, means))
    np.testing.assert_allclose(tinted.mean(axis=(0, 2, 3)), means)
    np.testing.assert_allclose(np.tensordot(tinted, LUMINANCE, (1, 0)), seen[:, 0])
    assert ((tinted - train) ** 2).mean() < ((seen - train) ** 2).mean()
    pair = channel_means(np.full((1, 2, 2, 2), 0.5), Known(train, np.array([0.2, 0.6])))
    np.testing.assert_allclose(pair[0, :, 0, 0], [0.3, 0.7])


def test_biharmonic_inpainting_fills_a_plane_exactly_and_leaves_the_rest() -> None:
    plane = 0.2 + 0.02 * np.arange(14)[:, None] + 0.03 * np.arange(12)
    wanted = np.stack([np.stack([plane, 1 - plane])] * 2)
    seen = wanted.copy()
    seen[0, :, 5:8, 4:7] = 0
    filled = biharmonic(seen, Known(wanted, np.zeros(2)))
    np.testing.assert_allclose(filled, wanted, atol=1e-6)
    assert torch.equal(torch.as_tensor(filled[1]), torch.as_tensor(wanted[1]))
