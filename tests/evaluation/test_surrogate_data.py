from __future__ import annotations

import numpy as np
import pytest

from narrows.core import memory
from narrows.core.records import Domain
from narrows.data.readers import as_data
from narrows.evaluation import surrogate_data
from narrows.evaluation.surrogate_data import Futility, out_of_reach, surrogates
from narrows.fitting.fit import fit
from narrows.training.history import Epoch
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


def test_training_on_surrogate_data_ends_when_a_ratio_is_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(surrogate_data, "step", said.append)
    x = np.random.default_rng(0).standard_normal((400, 6)).astype(np.float32)
    spec, how = fit(as_data(x), latent_dim=2).config["spec"], Training(epochs=60, batch_size=64)
    ratios, epochs = [], []
    for wanted in (None, 1e-3, 5.0):
        said.clear()
        ratios.append(surrogate_data.surrogate_ratio(spec, Domain((6,), -3.0, 3.0), x, how, 0, wanted=wanted))
        epochs.append(len(said))
    assert epochs[1] < epochs[0] == epochs[2]
    assert ratios[0] == ratios[2]
    assert ratios[1] == pytest.approx(ratios[0], abs=0.2)


def test_nothing_is_foretold_of_a_model_that_is_far_from_pca_or_falls_fast() -> None:
    assert out_of_reach([1.1] * 9, left=100, wanted=0.5)
    assert not out_of_reach([1.3] * 9, left=100, wanted=0.5)
    assert not out_of_reach([1.1] * 2, left=100, wanted=0.5)
    falling = [1.2 - 0.01 * i for i in range(9)]
    assert out_of_reach(falling, left=50, wanted=0.5)
    assert not out_of_reach(falling, left=70, wanted=0.5)


def test_each_stage_of_a_training_is_judged_by_itself() -> None:
    ratios = iter([1.1] * 2 + [1.1] * 3)
    futility = Futility(0.5, lambda: next(ratios))
    ended = [
        futility(Epoch(i, 100, stage, {}, {}, 0.0, True, 0.0, 0.0))
        for i, stage in enumerate(["codes"] * 2 + ["whole"] * 3, 1)
    ]
    assert ended == [False] * 4 + [True]
