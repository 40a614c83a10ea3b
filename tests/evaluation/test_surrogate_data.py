from __future__ import annotations

import numpy as np
import pytest

from narrows.core import memory
from narrows.core.records import Domain
from narrows.data.readers import as_data
from narrows.evaluation import surrogate_data
from narrows.evaluation.surrogate_data import surrogates
from narrows.fitting.fit import fit
from narrows.training.options import Training


def test_a_gain_that_noise_gives_too_is_no_gain() -> None:
    """A curved code folds through white noise and beats PCA there; that says nothing of the data."""
    noise = np.random.default_rng(0).standard_normal((3000, 6))
    run = fit(as_data(noise), latent_dim=2)
    found = run.metrics["held_out"]
    assert found["ratio_ci95"][1] < 1
    assert found["surrogate_ratio"] == pytest.approx(found["mse"] / found["pca_mse"], abs=0.08)
    assert run.metrics["verdict"]["outcome"] != "beats"
    assert "without structure" in run.metrics["verdict"]["sentence"]


def test_surrogate_data_have_the_mean_and_covariance_of_the_data() -> None:
    rng = np.random.default_rng(0)
    x = rng.exponential(1, (4000, 3)) @ rng.standard_normal((3, 5)) + 7
    (normal,) = surrogates(x, (100_000,), seed=0)
    np.testing.assert_allclose(normal.mean(0), x.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(normal.T), np.cov(x.T), atol=0.1)
    kurtosis = ((normal - normal.mean(0)) ** 4).mean(0) / normal.var(0) ** 2
    np.testing.assert_allclose(kurtosis, 3, atol=0.1)


def test_on_surrogate_data_the_loss_keeps_its_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a code that costs nothing beside the loss would weigh more there, and the bar would be too low."""
    seen: list[dict[str, object]] = []
    whole = surrogate_data.build
    monkeypatch.setattr(
        surrogate_data, "build", lambda spec, *rest: (seen.append(spec["loss"]), whole(spec, *rest))[1]
    )
    x = np.random.default_rng(0).standard_normal((300, 3)).astype(np.float32)
    spec = fit(as_data(x), latent_dim=1, overrides={"training": {"epochs": 1}}).config["spec"]
    given = {"name": "squared", "weight": 300.0, "per": "value", "link": "tanh"}
    how = Training(epochs=1, batch_size=64, patience=1)
    surrogate_data.surrogate_ratio({**spec, "loss": given}, Domain((3,), -3.0, 3.0), x, how, 0)
    assert seen == [{"name": "squared", "weight": 300.0, "per": "value"}]


def test_wide_surrogate_data_are_few_and_made_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).standard_normal((30, 12))
    expected = surrogates(x, (40, 50), seed=0)
    monkeypatch.setattr(memory, "VALUES_AT_ONCE", 5 * 12)
    for made, before in zip(surrogates(x, (40, 50), seed=0), expected, strict=True):
        np.testing.assert_allclose(made, before, rtol=1e-6)
    sizes: list[int] = []
    monkeypatch.setattr(surrogate_data, "VALUES", 64 * 12)
    monkeypatch.setattr(
        surrogate_data, "reconstructed", lambda model, fresh, shape: (sizes.append(len(fresh)), fresh)[1]
    )
    how, spec = Training(epochs=1, batch_size=64), fit(as_data(x), latent_dim=1).config["spec"]
    assert surrogate_data.surrogate_ratio(spec, Domain((12,), -3.0, 3.0), x.astype(np.float32), how, 0) == 0
    assert sizes == [64]
