from __future__ import annotations

import numpy as np

from narrows.reproduce.generation import AE, PCA, VAE, checks, pca_samples
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.latent_models import images
from narrows.reproduce.sample_quality import Quality


def test_a_model_generates_if_its_samples_are_realistic_and_varied() -> None:
    pca = [Quality(0.1, 0.5, 0.2), Quality(0.1, 0.5, 0.21), Quality(0.1, 0.5, 0.22)]
    better = [quality._replace(coverage=quality.coverage + 0.2) for quality in pca]
    one_image = [quality._replace(precision=1.0, coverage=0.01) for quality in pca]
    found = checks({VAE: better, AE: one_image, PCA: pca})
    assert [check.outcome for check in found] == [True, True]
    assert [check.outcome for check in checks({VAE: one_image, AE: better, PCA: pca})] == [False, False]


def test_samples_of_pca_have_the_moments_of_the_images(full_lab: Lab, rng: np.random.Generator) -> None:
    data = images(full_lab)
    drawn, x = pca_samples(data, 20, 4000, rng), flat(data.array)
    assert drawn.shape == (4000, x.shape[1])
    assert np.abs(drawn.mean(axis=0) - x.mean(axis=0)).max() < 0.1
    assert drawn.var(axis=0).sum() < x.var(axis=0).sum()
