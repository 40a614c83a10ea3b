from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from narrows import Autoencoder
from narrows.runs.code_density import Mixture, fit_density


def test_a_large_code_keeps_a_small_density(tmp_path: Path) -> None:
    X = np.random.default_rng(0).random((40, 3))
    ae = Autoencoder(300, training={"epochs": 1}).fit(X)
    assert ae.run_.density.factors.shape == (1, 300, 1)
    again = Autoencoder.load(ae.save(tmp_path / "a"))
    assert (again.sample(5) == ae.sample(5)).all()


@pytest.mark.parametrize("d", [2, 300])
def test_the_density_is_as_likely_as_scikit_learns(d: int) -> None:
    """On codes of three clusters that it was not fitted to; large codes have diagonal covariances."""
    rng = np.random.default_rng(0)
    means = 4 * rng.standard_normal((3, d))
    codes = means[rng.choice(3, 6000, p=[0.6, 0.3, 0.1])] + rng.standard_normal((6000, d))
    density = fit_density(codes[:3000], 0)
    fitted = Mixture(*(each.double().numpy() for each in (density.weights, density.means, density.factors)))
    shape = "full" if density.full else "diag"
    known = GaussianMixture(len(fitted.weights), covariance_type=shape, random_state=0).fit(codes[:3000])
    ours = np.logaddexp.reduce(fitted.log_joint(codes[3000:]), axis=1).mean()
    assert ours == pytest.approx(known.score(codes[3000:]), abs=0.02)


def test_the_likelihood_of_codes_is_that_of_their_normal_distributions() -> None:
    rng = np.random.default_rng(1)
    codes, shares = rng.standard_normal((50, 3)), rng.dirichlet(np.ones(2), 50)
    mixture = Mixture.of(codes, shares, 1e-3, full=True)
    for k, factor in enumerate(mixture.factors):
        covariance = np.cov(codes.T, aweights=shares[:, k], ddof=0) + 1e-3 * np.eye(3)
        np.testing.assert_allclose(factor @ factor.T, covariance)
        expected = multivariate_normal(mixture.means[k], covariance).logpdf(codes)
        np.testing.assert_allclose(mixture.log_joint(codes)[:, k], expected + np.log(mixture.weights[k]))


def test_codes_that_are_all_the_same_have_a_density() -> None:
    density = fit_density(np.ones((3000, 2), np.float32), 0)
    drawn = density.sample(5, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(drawn, 1, atol=1e-4)
