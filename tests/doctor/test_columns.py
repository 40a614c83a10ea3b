from __future__ import annotations

import numpy as np
import pandas
import pytest

from narrows.core.findings import percent
from narrows.data.readers import as_data
from narrows.doctor.case import DataCase
from narrows.doctor.columns import alike, check_dominance, check_missing, check_outliers
from tests.samples import of_frame


def test_columns_are_alike_by_their_correlation_where_both_are_there() -> None:
    x = np.random.default_rng(0).standard_normal((200, 3))
    x[:, 2] = 5 - 1000 * x[:, 0]
    x[:4, 1] = np.nan
    assert [(i, j) for _, i, j in alike(DataCase(as_data(x)))] == [(0, 2)]
    assert list(alike(DataCase(as_data(x[:, :2])))) == []


def test_categories_are_not_correlated() -> None:
    frame = pandas.DataFrame({"a": ["x", "y"] * 30, "b": ["u", "v"] * 30, "c": [0.0, 1.0] * 30})
    assert list(alike(DataCase(of_frame(frame)))) == []


@pytest.mark.parametrize(("share", "found"), [(0.6, False), (0.68, True)])
def test_a_column_of_two_dominates_from_two_thirds_of_the_variance(share: float, found: bool) -> None:
    rows = np.random.default_rng(0).standard_normal((500, 2))
    rows = (rows - rows.mean(0)) / rows.std(0) * np.sqrt([share, 1 - share])
    assert (check_dominance(DataCase(as_data(rows))) is not None) == found


def test_half_of_a_column_missing_is_a_warning() -> None:
    for n, severity in ((99, "info"), (100, "warning")):
        values = np.random.default_rng(0).standard_normal((200, 3))
        values[:n, 1] = np.nan
        found = check_missing(DataCase(as_data(values)))
        assert found is not None
        assert found.severity == severity


def test_values_of_sequences_are_missing_before_their_ends_alone() -> None:
    values = np.random.default_rng(0).standard_normal((50, 8, 2))
    values[:25, 4:] = np.nan
    assert check_missing(DataCase(as_data(values, "sequences"))) is None
    for steps, severity in ((30, "info"), (150, "warning")):
        gaps = values.copy()
        gaps[:, :4, 0].flat[:steps] = np.nan
        found = check_missing(DataCase(as_data(gaps, "sequences")))
        assert found is not None
        assert found.severity == severity
        assert found.evidence.endswith(f"by channel: channel 0 ({percent(steps / 300)}).")
    values[:, :, 1] = np.nan
    found = check_missing(DataCase(as_data(values, "sequences")))
    assert found is not None
    assert (found.severity, "'channel 1' has no value" in found.evidence) == ("error", True)


def test_outliers_are_named_by_row_and_column() -> None:
    values = np.random.default_rng(0).standard_normal((300, 3))
    values[7] = [1e3, -1e3, 1e3]
    found = check_outliers(DataCase(as_data(values)))
    assert found is not None
    assert found.evidence == "One row has 100 % of the variance: row 7, counted from 0."
    table = as_data(values[:, :1], ids=tuple(f"r{i}" for i in range(300)))
    one = check_outliers(DataCase(table))
    assert one is not None
    assert one.evidence == "One row has 100 % of the variance: row r7 (x0 = 1000)."
    assert check_outliers(DataCase(as_data(values[:99]))) is None
    assert check_outliers(DataCase(as_data((values > 0).astype(float)))) is None


def test_the_days_of_dates_dominate_nothing() -> None:
    when = pandas.date_range("2020-01-01", periods=200, freq="5D")
    frame = pandas.DataFrame({"when": when, "a": np.sin(np.arange(200)), "b": np.cos(np.arange(200) ** 2)})
    assert check_dominance(DataCase(of_frame(frame))) is None
