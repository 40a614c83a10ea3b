from __future__ import annotations

import numpy as np
import torch

from narrows.model.corruptions import CORRUPTIONS, LUMINANCE
from narrows.tasks.restoration.baselines import BASELINES, Known, biharmonic, channel_means


def test_every_method_belongs_to_a_corruption() -> None:
    assert BASELINES.keys() <= CORRUPTIONS.keys()


def test_channel_means_are_right_on_average(rng: np.random.Generator) -> None:
    train = rng.random((50, 3, 6, 6)) * np.array([1, 0.5, 0.2])[:, None, None]
    corrupted = np.tensordot(train, LUMINANCE, (1, 0))[:, None].repeat(3, axis=1)
    means = train.mean(axis=(0, 2, 3))
    tinted = channel_means(corrupted, Known(train, means))
    np.testing.assert_allclose(tinted.mean(axis=(0, 2, 3)), means)
    np.testing.assert_allclose(np.tensordot(tinted, LUMINANCE, (1, 0)), corrupted[:, 0])
    assert ((tinted - train) ** 2).mean() < ((corrupted - train) ** 2).mean()
    pair = channel_means(np.full((1, 2, 2, 2), 0.5), Known(train, np.array([0.2, 0.6])))
    np.testing.assert_allclose(pair[0, :, 0, 0], [0.3, 0.7])


def test_biharmonic_inpainting_continues_a_plane_exactly() -> None:
    plane = 0.2 + 0.02 * np.arange(14)[:, None] + 0.03 * np.arange(12)
    reference = np.stack([np.stack([plane, 1 - plane])] * 2)
    corrupted = reference.copy()
    corrupted[0, :, 5:8, 4:7] = 0
    filled = biharmonic(corrupted, Known(reference, np.zeros(2)))
    np.testing.assert_allclose(filled, reference, atol=1e-6)
    assert torch.equal(torch.as_tensor(filled[1]), torch.as_tensor(reference[1]))
