"""Data with their scores: the share that is flagged, the columns that are named, and labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom
from sklearn.metrics import average_precision_score, roc_auc_score

from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.runs.run import Run
from narrows.tasks.anomalies.baselines import BASELINES
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.survey import SHOWN, Survey, anomalous
from tests.samples import curve


@pytest.mark.parametrize("expect", [0.1, 0.01, 0.0])
def test_the_requested_share_of_new_rows_is_flagged(curve_run: Run, expect: float) -> None:
    fresh, n = 2000, 100
    found = Survey(curve_run, as_data(curve(fresh, seed=6)), Rule(expect))
    assert len(found.detector.held_out) == n
    above = max(1, int(expect * (n + 1)))
    low, high = betabinom.interval(0.999, fresh, above, n + 1 - above)
    assert low <= found.flagged.sum() <= high
    assert ("is less than 1 in 101" in found.flags.sentence) == (expect < 1 / 101)


def test_labels_say_which_rows_are_anomalies() -> None:
    assert anomalous(np.array([0.0, 1.0])).tolist() == [False, True]
    assert anomalous(np.array(["Normal", "anomaly"])).tolist() == [False, True]
    for labels in (None, np.array([0.0, 2.0]), np.array([0, 0]), np.array(["a", "b"])):
        with pytest.raises(InputError, match="--label"):
            anomalous(labels)


def with_outliers(column: int = 3) -> Data:
    """Forty rows of the curve; in the last ten, which are labelled, `column` is off."""
    rows = curve(40, seed=8)
    rows[30:, column] += 5.0
    return as_data(rows, labels=(np.arange(40) >= 30).astype(np.float64))


def test_each_row_of_a_table_names_the_columns_that_made_its_score(curve_run: Run) -> None:
    survey = Survey(curve_run, with_outliers(), Rule(0.01), explain=True)
    columns, made = survey.columns(), survey.contributions
    assert [*columns] == [
        "score",
        "p",
        "flagged",
        "place",
        "column1",
        "share1",
        "column2",
        "share2",
        "column3",
        "share3",
    ]
    names = np.array(curve_run.schema.names)
    assert (columns["column1"] == names[made.argmax(axis=1)]).all()
    assert (columns["column1"][30:] == names[3]).mean() > 0.7
    largest = made.max(axis=1) / made.sum(axis=1)
    np.testing.assert_array_equal(columns["share1"], np.round(largest, 4))


def test_columns_are_named_for_rows_that_are_flagged_or_shown_only(curve_run: Run) -> None:
    data = with_outliers()
    every = Survey(curve_run, data, Rule(0.01), explain=True).columns()
    survey = Survey(curve_run, data, Rule(top=20))
    some = survey.columns()
    told = survey.flagged.copy()
    told[survey.order[:SHOWN]] = True
    assert 0 < told.sum() < len(data)
    for name in ("column1", "share1", "column3", "share3"):
        np.testing.assert_array_equal(some[name][told], every[name][told])
    assert (some["column1"][~told] == "").all()
    assert np.isnan(some["share1"][~told]).all()


def test_images_name_no_columns(digits_run: Run) -> None:
    survey = Survey(digits_run, as_data(load("digits").array[:20]), Rule(0.01))
    assert [*survey.columns()] == ["score", "p", "flagged", "place"]


def test_the_record_has_the_flagged_rows_and_the_agreement_with_the_labels(curve_run: Run) -> None:
    data = with_outliers()
    assert data.labels is not None
    survey = Survey(curve_run, data, Rule(0.01), judge=True)
    record = survey.record()
    assert record["flagged"] == (survey.scores > record["threshold"]).sum() > 0
    assert record["auroc"] == roc_auc_score(data.labels, survey.scores) > 0.9
    assert record["average_precision"] == average_precision_score(data.labels, survey.scores)
    assert record["yardsticks"].keys() == BASELINES.keys()
    assert "auroc" not in Survey(curve_run, data, Rule(0.01)).record()


def test_the_rows_that_are_shown_have_the_highest_scores(curve_run: Run) -> None:
    survey = Survey(curve_run, with_outliers(), Rule(0.01))
    assert len(survey.shown) == SHOWN
    again = survey.detector.scores(survey.shown.array)
    np.testing.assert_allclose(again, np.sort(survey.scores)[::-1][:SHOWN], atol=2e-9)
