"""The probability of an image, estimated by sampling codes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.data.schema import Array
from narrows.reproduce import marginal as marginal_module
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.marginal import (
    black_and_white,
    by_grid,
    ess,
    estimates,
    log_likelihoods,
    log_mean,
    marginal,
    posterior,
)
from narrows.runs.run import Run


@pytest.fixture(scope="module")
def run(lab: Lab) -> Run:
    return lab.fit("y5", black_and_white(lab.digits), latent_dim=2)


@pytest.fixture(scope="module")
def images(lab: Lab) -> Array:
    return flat(black_and_white(lab.digits).held_out.array)[:6]


def test_the_mean_and_the_number_of_weights_that_count() -> None:
    weights = np.log([[1.0, 1.0, 1.0, 1.0], [1.0, 1e-12, 1e-12, 1e-12]])
    np.testing.assert_allclose(log_mean(weights), [0, np.log(0.25)])
    np.testing.assert_allclose(ess(weights), [4, 1])


def test_images_are_zero_and_one(images: Array) -> None:
    assert set(np.unique(images)) == {0, 1}


def test_the_likelihood_is_that_of_the_decoded_pixels(run: Run, images: Array) -> None:
    z = np.array([[0.3, -0.5], [2.0, 0.0]])
    p = run.decode_scaled(z).astype(np.float64)
    wanted = images @ np.log(p).T + (1 - images) @ np.log(1 - p).T
    np.testing.assert_allclose(log_likelihoods(run, images, z), wanted, rtol=1e-4)


def test_the_posterior_is_that_of_the_encoder(run: Run, images: Array) -> None:
    mean, std = posterior(run, images)
    codes = run.encode((255 * images).reshape(-1, *run.schema.shape).astype(np.uint8))
    np.testing.assert_allclose(mean, codes, atol=1e-4)
    assert (std > 0).all()


def test_both_estimates_approach_the_sum(lab: Lab, images: np.ndarray) -> None:  # type: ignore[type-arg]
    """With a decoder that depends little on the code the posterior is wide: all three can be computed well."""
    data, wide = black_and_white(lab.digits), {"bottleneck": {"beta": 300.0}}
    run = lab.fit("y5", data, latent_dim=2, overrides=wide)
    next(run.model.decoder.parameters()).data.mul_(0.05)
    exact = by_grid(run, images, 121)
    found = estimates(run, images, 4000, 0)
    np.testing.assert_allclose(found.prior, exact, atol=0.03)
    np.testing.assert_allclose(found.encoder, exact, atol=0.03)
    assert (found.elbo <= found.encoder + 1e-9).all()
    np.testing.assert_allclose(by_grid(run, images, 181), exact, atol=0.02)


def test_both_estimates_and_the_grid_are_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where p(x | z) is normal, p(x) and p(z | x) are known."""
    s, x = 0.5, np.array([[0.3, -0.2], [1.0, 1.5], [-0.5, 0.0]])
    run: Any = SimpleNamespace(model=SimpleNamespace(code_size=2))

    def normal(run: Any, x: Array, z: Array) -> Array:
        return np.asarray(-0.5 * ((x[:, None] - z) ** 2).sum(axis=2) / s**2)

    std = np.full(x.shape, s / np.sqrt(1 + s**2))
    monkeypatch.setattr(marginal_module, "log_likelihoods", normal)
    monkeypatch.setattr(marginal_module, "posterior", lambda run, x: (x / (1 + s**2), std))
    exact = np.log(s**2 / (1 + s**2)) - 0.5 * (x**2).sum(axis=1) / (1 + s**2)
    np.testing.assert_allclose(by_grid(run, x, 121), exact, atol=1e-6)
    found = estimates(run, x, 4000, 0)
    np.testing.assert_allclose(found.encoder, exact)
    np.testing.assert_allclose(found.elbo, exact)
    np.testing.assert_allclose(found.encoder_ess, 4000)
    np.testing.assert_allclose(found.prior, exact, atol=0.1)
    assert (found.prior_ess < 1500).all()


def test_the_entry_is_complete(lab: Lab) -> None:
    found = marginal(lab)
    assert [check.bound for check in found.checks] == [0, 0, 1, 0.5]
    assert found.checks[1].outcome is True
    assert len(found.figures) == 2
