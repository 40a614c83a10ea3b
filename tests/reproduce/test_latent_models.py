from __future__ import annotations

import numpy as np
import pytest

from narrows.model.bottlenecks.uniform import EDGE
from narrows.reproduce.lab import Lab
from narrows.reproduce.latent_models import (
    ae,
    fitted_normal,
    from_posterior,
    plane_model,
    seeds,
    uniform_vae,
    vae,
)
from narrows.reproduce.variational import PLAIN, posterior
from tests.reproduce.moments import with_moments


def test_the_models_differ_in_the_bottleneck_only_and_by_seed(lab: Lab) -> None:
    runs = [make(lab, 0) for make in (vae, ae, uniform_vae)]
    assert [run.config["spec"]["bottleneck"]["name"] for run in runs] == ["gaussian", "plain", "uniform"]
    assert all(run.model.code_size == 20 for run in runs)
    assert all(run.config["spec"]["encoder"] == runs[0].config["spec"]["encoder"] for run in runs)
    assert all(run.config["training"] == runs[0].config["training"] for run in runs)
    assert vae(lab, 0) is runs[0] is not vae(lab, 1)
    assert len(set(seeds(lab))) == 3


def test_the_ae_of_the_plane_differs_in_the_bottleneck_only(lab: Lab) -> None:
    variational, plain = (plane_model(lab, 0, overrides).config["spec"] for overrides in (None, PLAIN))
    assert {part for part in variational if variational[part] != plain[part]} == {"bottleneck"}
    assert variational["bottleneck"]["latent_dim"] == plain["bottleneck"]["latent_dim"] == 2


def test_codes_are_drawn_from_the_posterior_and_lie_where_the_prior_does(lab: Lab) -> None:
    images = lab.digits.array[:200]
    mean, sigma = posterior(vae(lab, 0), images)
    drawn = np.stack([from_posterior(vae(lab, 0), images, seed) for seed in range(200)])
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.4)
    assert drawn.std(axis=0).mean() == pytest.approx(sigma.mean(), rel=0.02)
    assert np.abs(from_posterior(uniform_vae(lab, 0), images, 0)).max() <= EDGE


def test_draws_of_the_fitted_normal_have_the_moments_of_the_codes(rng: np.random.Generator) -> None:
    codes = with_moments([1, -2], [[2, 0.5], [0.5, 1]])
    draws = fitted_normal(codes, 20_000, rng)
    np.testing.assert_allclose(draws.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(np.cov(draws, rowvar=False), [[2, 0.5], [0.5, 1]], atol=0.06)
