from __future__ import annotations

import numpy as np

from narrows.model.bottlenecks.uniform import EDGE
from narrows.reproduce.aggregate_posterior import prior
from narrows.reproduce.lab import Lab
from narrows.reproduce.latent_models import uniform_vae, vae


def test_each_model_is_sampled_from_its_own_prior(lab: Lab, rng: np.random.Generator) -> None:
    normal, uniform = (prior(make(lab, 0))(20_000, rng) for make in (vae, uniform_vae))
    for codes in (normal, uniform):
        np.testing.assert_allclose(np.cov(codes, rowvar=False), np.eye(20), atol=0.06)
    assert np.abs(normal).max() > 3
    assert np.abs(uniform).max() <= EDGE
