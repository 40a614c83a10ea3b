from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.use_models import PLAIN, autoencoder, mean_gain, y5


def test_the_vae_and_the_ae_differ_in_the_bottleneck_only(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    variational, plain = (
        model.fit(images).run_.config["spec"] for model in (y5(2, 1, 0), y5(2, 1, 0, bottleneck=PLAIN))
    )
    assert {part for part in variational if variational[part] != plain[part]} == {"bottleneck"}
    assert autoencoder(3, 1, 0).fit(images).transform(images).shape == (60, 3)


def test_gains_are_paired() -> None:
    gain = mean_gain([2.0, 12.0, 22.0], [1.0, 11.0, 21.0])
    assert (gain.low, gain.high) == pytest.approx((1, 1))
