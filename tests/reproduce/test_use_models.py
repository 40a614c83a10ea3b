from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.use_models import autoencoder, mean_gain


def test_the_autoencoder_of_the_uses_compresses_images(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    assert autoencoder(3, 1, 0).fit(images).transform(images).shape == (60, 3)


def test_gains_are_paired() -> None:
    gain = mean_gain([2.0, 12.0, 22.0], [1.0, 11.0, 21.0])
    assert (gain.low, gain.high) == pytest.approx((1, 1))
