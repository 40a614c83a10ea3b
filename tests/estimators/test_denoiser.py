from __future__ import annotations

import numpy as np

from narrows import Autoencoder, Denoiser
from narrows.tasks.restoration.denoise import denoise
from tests.samples import SMALL, shapes


def test_the_estimator_takes_images_of_any_size() -> None:
    learned = shapes(70, 64, 24).astype(np.float32)
    found = Denoiser(Autoencoder(encoder=SMALL["encoder"], training={"epochs": 2}), patch=32).fit(learned)
    others = shapes(45, 90, 3).astype(np.float32)
    clean = found.transform(others)
    assert (clean.shape, clean.dtype) == (others.shape, others.dtype)
    assert np.array_equal(clean[0], denoise(found.run_, others[0]))
    assert not hasattr(found, "inverse_transform")
    found.save("run")
    assert np.array_equal(Denoiser.load("run").transform(others), clean)
