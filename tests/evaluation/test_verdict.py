from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.evaluation.errors import Errors
from narrows.evaluation.outlying import OutlyingRows
from narrows.evaluation.ratios import Methods, ratio_interval
from narrows.evaluation.verdict import FEWEST, MARGIN, Verdict, decide, judge, outcome_of
from narrows.fitting.fit import fit
from tests.golden import HERE


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
    covered = sum(low <= truth <= high for low, high in intervals)
    assert 90 <= covered <= 99, "and is no wider than it has to be"


PCA = np.random.default_rng(0).uniform(0.5, 1.5, 200)


def judged(ratio: float, noise: float, n: int, seed: int = 1, **how: Any) -> Verdict:
    """Of `n` rows on which our error is about `ratio` times PCA's, by a factor that varies by `noise`."""
    rng = np.random.default_rng(seed)
    factor = rng.lognormal(-(noise**2) / 2, noise, n)
    return judge(Methods(made(ratio * factor * PCA[:n]), made(PCA[:n]), made(3 * PCA[:n])), **how)


def test_a_clear_gain_beats() -> None:
    found = judged(0.6, 0.1, 200)
    assert found.outcome == "beats"
    assert found.ratio_ci95[1] < 1
    assert re.match(r"Beats PCA: 4[01] % less error on 200 held-out rows \(95 % interval \d", found.sentence)


@pytest.mark.parametrize("ratio", [1.0, 1.2, 30.0])
def test_where_a_gain_is_excluded_it_does_not_beat(ratio: float) -> None:
    found = judged(ratio, 0.05, 200)
    assert found.ratio_ci95[0] > 0.95
    assert found.outcome == "does not beat"
    assert found.sentence.startswith("Does not beat PCA: its error is ")


@pytest.mark.parametrize("ratio", [0.9, 0.99, 1.01, 1.1])
def test_where_the_interval_holds_a_gain_and_a_loss_nobody_can_tell(ratio: float) -> None:
    """On whichever side of 1 the estimate lies."""
    found = judged(ratio, 0.6, 40)
    low, high = found.ratio_ci95
    assert low < 0.95
    assert high > 1
    assert found.outcome == "cannot tell"
    assert found.sentence == (
        f"Cannot tell whether it beats PCA: its error is {low:.2f} to {high:.2f} times PCA's on 40 held-out rows."
    )


def test_unclear_examples_lie_on_both_sides() -> None:
    """So that the test above tries an estimate above 1 and one below it."""
    ratios = [found.mse / found.yardstick_mse for found in (judged(0.9, 0.6, 40), judged(1.1, 0.6, 40))]
    assert ratios[0] < 1 < ratios[1]


@pytest.mark.parametrize("bar", [1.0, 0.8])
def test_the_boundaries_of_the_outcomes(bar: float) -> None:
    """The bar is 1, or the ratio that the model reaches on data without structure."""
    least = bar * (1 - MARGIN)
    below = np.nextafter(bar, 0)
    for interval, outcome in (
        ((0.1, below), "beats"),
        ((least, below), "beats"),
        ((0.1, bar), "cannot tell"),
        ((least, bar), "cannot tell"),
        ((least, 9.0), "cannot tell"),
        ((np.nextafter(least, 1), bar), "does not beat"),
        ((np.nextafter(least, 1), 9.0), "does not beat"),
        ((bar, bar), "does not beat"),
        ((float("inf"), float("inf")), "does not beat"),
    ):
        assert decide(FEWEST, interval, bar) == outcome, interval
        assert decide(FEWEST - 1, interval, bar) == "cannot tell"


def test_a_gain_has_to_exceed_that_on_data_without_structure() -> None:
    """A ratio of about 0.6 is a gain, but none beside 0.6 where there is nothing to learn."""
    assert judged(0.6, 0.1, 200, surrogate_ratio=0.9).outcome == "beats"
    hollow = judged(0.6, 0.05, 200, surrogate_ratio=0.6)
    assert hollow.outcome == "does not beat"
    assert (
        "40 % less error on 200 held-out rows, but on data without structure it gains 40 %" in hollow.sentence
    )
    assert judged(0.6, 0.6, 40, surrogate_ratio=0.6).outcome == "cannot tell"
    assert judged(0.6, 0.1, 200, surrogate_ratio=1.7).outcome == "beats", "the bar is never above 1"


def test_few_groups_cannot_tell_however_clear_the_rows_look() -> None:
    pca = np.ones(100)
    groups = np.arange(100) % (FEWEST - 1)
    verdict = judge(Methods(made(0.1 * pca), made(pca), made(pca)), groups.astype(float))
    assert (verdict.outcome, verdict.groups, verdict.n) == ("cannot tell", FEWEST - 1, 100)
    assert "only 19 held-out groups" in verdict.sentence
    few = judge(Methods(*(made(each[:7]) for each in (0.1 * pca, pca, pca))))
    assert "only 7 held-out rows, at least 20" in few.sentence


def test_rows_of_a_group_count_as_one() -> None:
    """Forty copies of each row must not make the interval narrower."""
    ours, pca = paired(np.random.default_rng(1), 30)
    alone = judge(Methods(made(ours), made(pca), made(pca))).ratio_ci95
    groups = np.repeat(np.arange(30.0), 40)
    copied = judge(
        Methods(made(ours.repeat(40)), made(pca.repeat(40)), made(pca.repeat(40))), groups
    ).ratio_ci95
    assert copied == pytest.approx(alone, rel=1e-6)


def test_a_pca_without_error_is_not_beaten() -> None:
    verdict = judge(Methods(made(np.full(50, 1e-3)), made(np.zeros(50)), made(np.ones(50))))
    assert verdict.outcome == "does not beat"
    assert verdict.to_json()["ratio_ci95"] == [None, None]
    assert "no error at all" in verdict.sentence


def test_an_error_of_the_yardstick_that_is_rounding_is_none() -> None:
    verdict = judge(Methods(made(np.full(50, 1e-3)), made(np.full(50, 1e-12)), made(np.ones(50))))
    assert verdict.sentence == "Does not beat PCA: with a code this large PCA makes no error at all."


def noise(n: int) -> Data:
    return as_data(np.random.default_rng(0).standard_normal((n, 10)))


def test_noise_is_not_beaten() -> None:
    linear = fit(noise(5000), recipe="linear", latent_dim=3, overrides={"training": {"epochs": 20}}).metrics
    assert linear["verdict"]["outcome"] == "does not beat"
    assert linear["held_out"]["surrogate_ratio"] is None
    curved = fit(noise(1500), latent_dim=3, overrides={"training": {"epochs": 30}}).metrics
    assert curved["verdict"]["outcome"] != "beats"


def test_twelve_rows_cannot_tell() -> None:
    run = fit(
        as_data(np.random.default_rng(0).standard_normal((12, 4))), overrides={"training": {"epochs": 5}}
    )
    assert run.metrics["verdict"]["outcome"] == "cannot tell"


def test_many_rows_are_drawn_in_pieces_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    ours, pca = rng.lognormal(size=(2, 300))
    whole = ratio_interval(ours, pca)
    monkeypatch.setattr("narrows.evaluation.ratios.DRAWN", 700)
    np.testing.assert_allclose(ratio_interval(ours, pca), whole)


def test_weights_that_may_have_seen_the_held_out_rows_prove_nothing() -> None:
    pca = np.ones(200)
    told = judge(Methods(made(0.1 * pca), made(pca), made(pca)), seen=True)
    assert told.outcome == "cannot tell"
    assert "may have been fitted to the held-out rows" in told.sentence


def test_a_verdict_names_what_it_compared_with() -> None:
    rng = np.random.default_rng(0)
    theirs = made(rng.uniform(0.9, 1.1, 50))
    found = judge(Methods(made(0.5 * theirs.squared), theirs, None), name="the last value")
    assert found.sentence.startswith(
        "Beats the last value: 50 % less error on 50 held-out rows (95 % interval"
    )
    record = found.to_json()
    assert (record["yardstick"], record["yardstick_mse"]) == ("the last value", theirs.mse)
    assert record["pca_mse"] is record["mean_mse"] is None
    worse = judge(Methods(made(2 * theirs.squared), theirs, None), name="the last value")
    assert "its error is 2.00 to 2.00 times the last value's on" in worse.sentence


def test_ratios_are_written_as_people_do() -> None:
    pca = np.ones(100)
    ours = 800_000 * np.random.default_rng(0).lognormal(0, 1, 100)
    verdict = judge(Methods(made(ours), made(pca), made(2e6 * pca)))
    assert re.search(r"its error is [\d,]{7,9} to [\d,]{7,9} times PCA's", verdict.sentence)


def test_without_a_yardstick_only_the_error_is_told() -> None:
    found = judge(Methods(made(np.full(50, 2.0)), None, None))
    assert (found.outcome, found.ratio_ci95) == ("cannot tell", None)
    assert found.sentence == "Its error is 0.5 on 50 held-out rows; there is nothing to compare it with."
    assert found.to_json()["pca_mse"] is None


@pytest.mark.parametrize(
    "found",
    [
        judge(
            Methods(made(np.ones(50)), made(np.full(50, 2.0)), made(np.full(50, 3.0))), surrogate_ratio=0.9
        ),
        judge(Methods(made(np.ones(50)), made(np.zeros(50)), made(np.full(50, 3.0))), seen=True),
        judge(Methods(made(np.ones(50)), made(np.full(50, 2.0)), None), name="the last value"),
        judge(Methods(made(np.ones(50)), None, None)),
    ],
)
def test_a_verdict_comes_back_from_the_metrics(found: Verdict) -> None:
    assert Verdict.from_metrics(json.loads(json.dumps(found.to_metrics()))) == found


def test_pca_s_verdict_has_the_keys_that_it_always_had() -> None:
    found = judge(Methods(made(np.ones(50)), made(np.full(50, 2.0)), made(np.full(50, 3.0))))
    keys = ["n", "groups", "mse", "pca_mse", "mean_mse", "ratio_ci95", "surrogate_ratio", "seen"]
    assert list(found.to_json()) == keys


def bent(ratio: float, noise: float = 0.02) -> Verdict:
    """A clear gain on the model's scale, with `ratio` times PCA's error for the values as they came."""
    rng = np.random.default_rng(2)
    raw = Methods(made(ratio * rng.lognormal(0, noise, 200) * PCA), made(PCA), made(9 * PCA))
    return judged(0.6, 0.1, 200, raw=raw)


def test_a_gain_on_a_scale_that_bends_values_needs_one_of_the_values() -> None:
    assert bent(0.9).outcome == "beats"
    assert bent(1.3).outcome == "does not beat"
    assert bent(0.62, noise=1.0).outcome == "cannot tell", "above 1, but the interval holds a gain"
    told = bent(1.3).sentence
    assert told.startswith("Does not beat PCA: 4")
    assert "% less error on 200 held-out rows on the model's scale, but its error is 1.30 times PCA's" in told
    assert told.endswith("for the values as they came.")


def test_the_share_explained_is_that_of_the_values() -> None:
    plain = judge(Methods(made(np.full(50, 1.0)), made(np.full(50, 2.0)), made(np.full(50, 4.0))))
    assert plain.signal == "Of the variance of the held-out values it explains 75 %, PCA 50 %."
    assert "of the held-out values as they came it explains" in bent(0.9).signal.replace("variance ", "")
    assert Verdict.from_metrics(json.loads(json.dumps(bent(0.9).to_metrics()))) == bent(0.9)
    assert judge(Methods(made(np.full(50, 2.0)), None, None)).signal == ""


WILD = np.array([7])


def with_wild(ratio: float, wild: tuple[float, float], n: int = 200) -> Verdict:
    """About `ratio` times PCA's error, but for row 7, where the errors are `wild`: ours and PCA's."""
    ours, pca = ratio * PCA[:n].copy(), PCA[:n].copy()
    ours[7], pca[7] = wild
    named = OutlyingRows(("row 7 (a = 1,000,000)",), 0.99, 0.99)
    return judge(Methods(made(ours), made(pca), made(3 * pca)), apart=(named, WILD))


def test_what_one_row_decides_nobody_can_tell() -> None:
    """The same row in both errors leaves an interval without width, which is no evidence."""
    found = with_wild(1.02, (0.5e9, 1e9))
    assert (found.outcome, found.usual.outcome) == ("cannot tell", "does not beat")
    assert found.usual.n == 199
    good = with_wild(0.5, (1.5e9, 1e9))
    assert (good.outcome, good.usual.outcome) == ("cannot tell", "beats")
    assert good.sentence.startswith(
        "Cannot tell whether it beats PCA: its error is 1.5 times PCA's on 200 held-out rows, but row 7 "
        "(a = 1,000,000) holds 99 % of the error; without it: beats PCA: 50 % less error on 199 held-out rows"
    )


def test_a_verdict_that_holds_with_and_without_the_row_stays() -> None:
    found = with_wild(0.5, (0.4e9, 1e9))
    assert (found.outcome, found.usual.outcome) == ("beats", "beats")
    assert "Beats PCA: 60 % less error on 200 held-out rows, but row 7" in found.sentence
    assert found.headline == "Beats PCA: 60 % less error on 200 held-out rows."
    grave = with_wild(0.5, (12e9, 1e9)).headline
    assert grave == "Does not beat PCA: its error is 12 times PCA's on 200 held-out rows, a matter of 1 row."


def test_twelve_times_worse_is_a_no() -> None:
    """With a wild row, with a wide interval and with few rows."""
    assert with_wild(0.5, (12e9, 1e9)).outcome == "does not beat"
    assert "its error is 12 times PCA's on 200" in with_wild(0.5, (12e9, 1e9)).sentence
    wide = Verdict("cannot tell", 40, 40, 12.0, 1.0, 3.0, (0.17, 10219.56))
    assert (wide.scaled, outcome_of(wide)) == ("cannot tell", "does not beat")
    few = judged(12, 0.1, 6)
    assert few.outcome == "does not beat"
    assert few.sentence.endswith(" times PCA's on 6 held-out rows (too few for an interval).")
    assert judged(1.5, 0.1, 6).outcome == "cannot tell"
    exact = judge(Methods(made(np.full(6, 1e-20)), made(np.full(6, 1e-22)), made(np.ones(6))))
    assert exact.outcome == "cannot tell", "both are rounding errors"


def test_a_verdict_with_outlying_rows_comes_back_from_the_metrics() -> None:
    found = with_wild(0.5, (1.5e9, 1e9))
    assert Verdict.from_metrics(json.loads(json.dumps(found.to_metrics()))) == found


@pytest.mark.parametrize("folder", sorted(folder.parent for folder in HERE.glob("*/*/metrics.json")), ids=str)
def test_the_verdict_of_a_released_run_is_read(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    found = Verdict.from_metrics(metrics)
    earlier = metrics["verdict"]["sentence"].replace("held-out groups", "held-out rows")
    assert found.sentence == earlier, "nobody grouped these rows, and they are called rows now"
    assert found.to_json().items() >= metrics["held_out"].items()
