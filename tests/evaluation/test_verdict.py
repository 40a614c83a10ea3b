from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from narrows.core.records import Domain
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.evaluation import surrogate_data
from narrows.evaluation.errors import Errors, errors
from narrows.evaluation.pca import Pca
from narrows.evaluation.surrogate_data import twins
from narrows.evaluation.verdict import FEWEST, judge, ratio_interval
from narrows.fitting.fit import fit
from narrows.training.loop import Training


def made(squared: list[float] | np.ndarray) -> Errors:  # type: ignore[type-arg]
    return Errors(np.asarray(squared, dtype=float), np.full(len(squared), 4.0))


def paired(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Errors of two methods on the same rows: skewed, and correlated."""
    pca = rng.lognormal(0, 0.8, n)
    return 0.7 * pca**0.7 * rng.lognormal(0, 0.5, n), pca


def test_the_interval_covers_the_truth() -> None:
    ours, pca = paired(np.random.default_rng(10**6), 10**6)
    truth = ours.sum() / pca.sum()
    intervals = [ratio_interval(*paired(np.random.default_rng(seed), 60)) for seed in range(100)]
    assert sum(low <= truth <= high for low, high in intervals) >= 90


def test_beats_is_said_only_when_the_interval_excludes_equality() -> None:
    rng = np.random.default_rng(0)
    pca = rng.uniform(0.5, 1.5, 200)
    beats = judge(made(0.6 * pca * rng.uniform(0.9, 1.1, 200)), made(pca), made(3 * pca))
    assert beats.outcome == "beats"
    assert beats.ratio_ci95[1] < 1
    assert "40 % less error on 200 held-out rows" in beats.sentence
    worse = judge(made(1.2 * pca), made(pca), made(3 * pca))
    assert worse.outcome == "does not beat"
    same = judge(made(pca), made(pca), made(3 * pca))
    assert same.outcome == "does not beat"
    unclear = judge(made(0.95 * pca[:40] * rng.lognormal(0, 0.5, 40)), made(pca[:40]), made(pca[:40]))
    assert unclear.ratio_ci95[0] < 0.95 < 1 < unclear.ratio_ci95[1]


def test_few_groups_cannot_tell_however_clear_the_rows_look() -> None:
    pca = np.ones(100)
    groups = np.arange(100) % (FEWEST - 1)
    verdict = judge(made(0.1 * pca), made(pca), made(pca), groups.astype(float))
    assert (verdict.outcome, verdict.groups, verdict.n) == ("cannot tell", FEWEST - 1, 100)


def test_rows_of_a_group_count_as_one() -> None:
    """Forty copies of each row must not make the interval narrower."""
    ours, pca = paired(np.random.default_rng(1), 30)
    alone = judge(made(ours), made(pca), made(pca)).ratio_ci95
    groups = np.repeat(np.arange(30.0), 40)
    copied = judge(made(ours.repeat(40)), made(pca.repeat(40)), made(pca.repeat(40)), groups).ratio_ci95
    assert copied == pytest.approx(alone, rel=1e-6)


def test_a_pca_without_error_is_not_beaten() -> None:
    verdict = judge(made(np.full(50, 1e-3)), made(np.zeros(50)), made(np.ones(50)))
    assert verdict.outcome == "does not beat"
    assert verdict.to_json()["ratio_ci95"] == [None, None]
    assert "no error at all" in verdict.sentence


def test_pca_is_that_of_scikit_learn_on_the_same_rows_and_scale() -> None:
    data = load("digits")
    run = fit(data, latent_dim=8, overrides={"training": {"epochs": 1}})
    parts = split(len(data), seed=0)
    x = data.values.reshape(len(data), -1) / 16
    pca = PCA(8).fit(x[parts.train])
    back = pca.inverse_transform(pca.transform(x[parts.held_out]))
    found = run.metrics["held_out"]
    assert found["pca_mse"] == pytest.approx(((back - x[parts.held_out]) ** 2).mean(), rel=1e-4)
    assert found["mse"] == pytest.approx(
        ((run.reconstruct(data.values[parts.held_out]) / 16 - data.values[parts.held_out] / 16) ** 2).mean(),
        rel=1e-4,
    )
    assert found["n"] == len(parts.held_out)


def test_missing_cells_are_filled_with_means_and_not_scored() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 5))
    x[rng.random(x.shape) < 0.2] = np.nan
    found = errors(x, Pca.fit(x, 5).reconstruct(x))
    assert found.values.sum() == (~np.isnan(x)).sum()
    assert found.mse < 1e-20


def test_noise_is_not_beaten() -> None:
    noise = np.random.default_rng(0).standard_normal((1500, 10))
    run = fit(as_data(noise), latent_dim=3, overrides={"training": {"epochs": 30}})
    assert run.metrics["verdict"]["outcome"] == "does not beat"


def test_a_gain_that_noise_gives_too_is_no_gain() -> None:
    """A curved code folds through white noise and beats PCA there; that says nothing of the data."""
    noise = np.random.default_rng(0).standard_normal((3000, 6))
    run = fit(as_data(noise), latent_dim=2)
    found = run.metrics["held_out"]
    assert found["ratio_ci95"][1] < 1
    assert found["surrogate_ratio"] == pytest.approx(found["mse"] / found["pca_mse"], abs=0.08)
    assert run.metrics["verdict"]["outcome"] != "beats"
    assert "without structure" in run.metrics["verdict"]["sentence"]


def test_a_twin_has_the_mean_and_covariance_of_the_data() -> None:
    rng = np.random.default_rng(0)
    x = rng.exponential(1, (4000, 3)) @ rng.standard_normal((3, 5)) + 7
    (twin,) = twins(x, (100_000,), seed=0)
    np.testing.assert_allclose(twin.mean(0), x.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(twin.T), np.cov(x.T), atol=0.1)
    kurtosis = ((twin - twin.mean(0)) ** 4).mean(0) / twin.var(0) ** 2
    np.testing.assert_allclose(kurtosis, 3, atol=0.1)


def test_twelve_rows_cannot_tell() -> None:
    run = fit(
        as_data(np.random.default_rng(0).standard_normal((12, 4))), overrides={"training": {"epochs": 5}}
    )
    assert run.metrics["verdict"]["outcome"] == "cannot tell"


def test_many_rows_are_drawn_in_pieces_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    ours, pca = rng.lognormal(size=(2, 300))
    whole = ratio_interval(ours, pca)
    monkeypatch.setattr("narrows.evaluation.verdict.DRAWN", 700)
    np.testing.assert_allclose(ratio_interval(ours, pca), whole)


def test_weights_that_may_have_seen_the_held_out_rows_prove_nothing() -> None:
    pca = np.ones(200)
    told = judge(made(0.1 * pca), made(pca), made(pca), seen=True)
    assert told.outcome == "cannot tell"
    assert "may have been fitted to the held-out rows" in told.sentence


def test_the_twin_of_a_model_has_its_loss_s_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a code that costs nothing beside the loss would be dear on the twin, and the bar too low."""
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
