from __future__ import annotations

import numpy as np
import pytest

from narrows.data.readers import as_data
from narrows.evaluation.errors import Errors
from narrows.evaluation.verdict import FEWEST, judge, ratio_interval
from narrows.fitting.fit import fit


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


def test_noise_is_not_beaten() -> None:
    noise = np.random.default_rng(0).standard_normal((1500, 10))
    run = fit(as_data(noise), latent_dim=3, overrides={"training": {"epochs": 30}})
    assert run.metrics["verdict"]["outcome"] == "does not beat"


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
