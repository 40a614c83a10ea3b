from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from narrows.evaluation.errors import Errors
from narrows.evaluation.ratios import Methods
from narrows.evaluation.restored import OURS, Restoration, Restorations, decibels, interval_of_mean
from narrows.evaluation.verdict import Verdict, judge


def errors(per_value: object) -> Errors:
    return Errors(10 * np.asarray(per_value, dtype=np.float64), np.full(np.shape(per_value), 10.0))


def judged(made: Restorations) -> Verdict:
    name = made.strongest
    return judge(Methods(made.ours, made.others[name], None), name=name, restored=made)


def restorations(ours: object, **others: object) -> Restorations:
    return Restorations(errors(ours), {name: errors(each) for name, each in others.items()}, 1.0)


UNEVEN = np.array([0.1] * 10 + [0.0001] * 90)
"""A few rows with large errors, many with small ones."""


def test_psnr_is_averaged_over_the_rows_that_were_damaged() -> None:
    found = restorations([0.1, 0.001, 0.5], grey=[0.01, 0.01, 1e-12]).summary()
    assert found.psnr == pytest.approx({OURS: 20.0, "grey": 20.0})
    assert found.mse == pytest.approx({OURS: 0.601 / 3, "grey": 0.02 / 3})
    assert found.gain == pytest.approx(0.0)
    assert restorations([0.1], grey=[0.0]).summary() == Restoration({OURS: 0.1, "grey": 0.0}, {})


def test_no_error_counts_as_smaller_than_rounding() -> None:
    assert decibels(np.array([0.0, 4e-4]), 2.0) == pytest.approx([10 * np.log10(12 * 255**2), 40.0])


def test_the_interval_is_that_of_students_t() -> None:
    values = np.random.default_rng(0).standard_normal(30)
    assert interval_of_mean(values) == pytest.approx(ttest_1samp(values, 0).confidence_interval())
    assert interval_of_mean(values, np.arange(30) // 1) == pytest.approx(interval_of_mean(values))
    twice = interval_of_mean(np.repeat(values, 2), np.repeat(np.arange(30), 2))
    assert twice == pytest.approx(interval_of_mean(values))
    assert interval_of_mean(values[:1]) == (values[0], values[0])


def test_the_strongest_method_is_the_yardstick() -> None:
    verdict = judged(restorations(0.5 * np.ones(100), grey=np.ones(100), table=0.8 * np.ones(100)))
    assert (verdict.outcome, verdict.yardstick) == ("beats", "table")
    assert verdict.sentence.startswith("Beats table: 38 % less error on 100 held-out rows")
    assert verdict.signal == "Mean PSNR in dB: this model 3.01, table 0.97, grey 0.00."


def test_a_smaller_squared_error_with_a_lower_psnr_is_no_gain() -> None:
    """What is gained on a few rows with large errors must not be lost on all others."""
    noise = np.random.default_rng(0).uniform(0.9, 1.1, 100)
    ours = np.where(UNEVEN > 0.01, 0.5 * UNEVEN, 3 * UNEVEN) * noise
    verdict = judged(restorations(ours, grey=UNEVEN))
    assert (verdict.scaled, verdict.outcome) == ("beats", "does not beat")
    assert "less error on 100 held-out rows, but its mean PSNR is" in verdict.sentence
    assert verdict.restoration is not None
    assert verdict.restoration.surely_worse


def test_a_psnr_that_may_be_higher_is_no_answer() -> None:
    noise = np.random.default_rng(0).permutation(np.repeat([0.1, 9.0], [44, 56]))
    ours = np.where(UNEVEN > 0.01, 0.5 * UNEVEN, UNEVEN * noise)
    assert judged(restorations(ours, grey=UNEVEN)).outcome == "cannot tell"


def test_doing_nothing_is_not_beaten_by_doing_worse() -> None:
    verdict = judged(restorations(1.2 * np.ones(100), grey=np.ones(100)))
    assert verdict.outcome == "does not beat"
    assert (
        verdict.sentence == "Does not beat grey: its error is 1.20 to 1.20 times grey's on 100 held-out rows."
    )


def test_rows_without_damage_are_not_restored_better() -> None:
    verdict = judged(restorations(0.1 * np.ones(100), grey=np.zeros(100)))
    assert verdict.sentence == "Does not beat grey: grey makes no error at all."


def test_the_numbers_come_back_from_a_file() -> None:
    verdict = judged(restorations(0.5 * np.ones(100), grey=np.ones(100)))
    assert Verdict.from_metrics(json.loads(json.dumps(verdict.to_metrics()))) == verdict


def test_the_noise_of_the_rows_themselves_is_stated() -> None:
    found = restorations(1.1 * np.ones(100), frame=2 * np.ones(100))._replace(noisy=True)
    verdict = judged(found.times(4.0))
    assert verdict.restoration is not None
    assert verdict.restoration.noise == pytest.approx(4.0)  # half of what two frames differ by
    assert verdict.sentence.endswith("the same for all methods: about 91 % of this model's error.")
    assert Verdict.from_metrics(json.loads(json.dumps(verdict.to_metrics()))) == verdict
    record = verdict.restoration.to_json()
    del record["noise"]  # as earlier versions wrote it
    assert Restoration.from_json(record).caveat == ""
