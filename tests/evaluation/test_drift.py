from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from narrows.core.findings import Finding
from narrows.data.columns import Column
from narrows.data.readers import as_data
from narrows.data.schema import Schema
from narrows.data.tables.dates import Dates
from narrows.data.tables.notation import Notation
from narrows.evaluation.drift import check_drift, find_moved, of_numbers
from narrows.runs.reference_rows import Reference
from tests.samples import of_frame


def kept(rows: NDArray[Any]) -> Reference:
    """`rows` as those that a run keeps."""
    n = len(rows)
    return Reference(rows[: n // 2], rows[n // 2 : 3 * n // 4], rows[3 * n // 4 :])


def drift(old: NDArray[Any], new: NDArray[Any], share: float = 0.0, expect: float = 0.01) -> Finding | None:
    """What is found when `share` of the new rows are flagged."""
    flagged = np.arange(len(new)) < share * len(new)
    return check_drift(kept(old), new, as_data(old).schema, flagged, expect)


def normal(n: int, seed: int, columns: int = 4) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((n, columns))


@pytest.mark.parametrize("n", [1, 5, 20, 100, 3000])
def test_rows_from_the_same_distribution_have_not_moved(n: int) -> None:
    assert all(drift(normal(500, seed), normal(n, 1000 + seed)) is None for seed in range(50))


def test_cells_that_are_missing_do_not_count_as_rows() -> None:
    holes = np.random.default_rng(0).random((400, 4)) < 0.97
    for seed in range(50):
        old, new = (
            np.where(holes, np.nan, normal(400, seed)),
            np.where(holes, np.nan, normal(400, 100 + seed)),
        )
        assert drift(old, new) is None


def test_a_shifted_column_is_named_with_its_medians() -> None:
    new = normal(300, 1)
    new[:, 2] += 10
    found = drift(normal(500, 0), new)
    assert found is not None
    assert found.severity == "warning"
    assert found.evidence.startswith("x2 (median 9.9")
    assert "lies elsewhere than in the training: the model and its thresholds" in found.evidence


def test_columns_are_named_from_the_furthest_on() -> None:
    new = normal(300, 1) + np.array([0, 3, 1, 0.2])
    assert [m.name for m in find_moved(kept(normal(500, 0)), new, as_data(new).schema)] == ["x1", "x2"]


def test_a_change_of_spread_is_found() -> None:
    found = drift(normal(500, 0), normal(500, 1) * [1, 1, 1, 5])
    assert found is not None
    assert found.evidence.startswith("x3 ")


def test_the_difference_is_kolmogorov_and_smirnovs() -> None:
    rng = np.random.default_rng(0)
    for old, new in ((rng.random(50), rng.random(80) ** 2), (rng.integers(0, 4, 50), rng.integers(1, 5, 30))):
        found = of_numbers(Column("x"), old.astype(np.float64), new.astype(np.float64))
        assert found.difference == pytest.approx(ks_2samp(old, new).statistic)


def frame(share: float, n: int, seed: int, missing: float = 0.0) -> tuple[NDArray[Any], Schema]:
    rng = np.random.default_rng(seed)
    words = np.where(rng.random(n) < share, "red", np.where(rng.random(n) < 0.5, "green", "blue")).astype(
        object
    )
    words[rng.random(n) < missing] = None
    data = of_frame(pandas.DataFrame({"colour": words, "size": rng.random(n)}))
    return data.array, data.schema


def test_words_are_compared_by_their_shares() -> None:
    old, schema = frame(0.2, 500, 0)
    assert find_moved(kept(old), frame(0.2, 500, 1)[0], schema) == []
    (found,) = find_moved(kept(old), frame(0.9, 500, 1)[0], schema)
    assert found.name == "colour"
    assert found.change.startswith("red in 9")
    (found,) = find_moved(kept(old), frame(0.2, 500, 1, missing=0.5)[0], schema)
    assert found.change.startswith("missing in ")
    assert found.change.endswith("of the rows, not 0 %")


def test_images_are_compared_by_their_mean_and_spread() -> None:
    rng = np.random.default_rng(0)
    old, new = rng.integers(0, 100, (200, 6, 6), dtype="u1"), rng.integers(0, 100, (200, 6, 6), dtype="u1")
    assert drift(old, new) is None
    found = drift(old, new + np.uint8(100))
    assert found is not None
    assert found.evidence.startswith("the mean of the pixels (median 14")


@pytest.mark.parametrize(
    ("share", "expect", "said"), [(0.6, 0.01, True), (0.3, 0.01, False), (0.6, 0.4, False)]
)
def test_many_flagged_rows_are_said(share: float, expect: float, said: bool) -> None:
    found = drift(normal(500, 0), normal(300, 1), share, expect)
    assert (found is not None) == said
    assert found is None or found.evidence.startswith("60 % of the rows are flagged: the model")


def test_a_few_flagged_rows_are_no_drift() -> None:
    assert drift(normal(500, 0), normal(9, 1), 1.0) is None


def test_later_dates_are_named_as_dates() -> None:
    dates = Dates("%d.%m.%Y", "2020-01-01")
    moved = of_numbers(Column("when", "str", dates=dates), np.arange(31.0), np.arange(366.0, 397.0))
    assert (moved.difference, moved.change) == (1, "median 16.01.2021, not 16.01.2020")


def test_medians_are_named_as_the_file_writes_them() -> None:
    euros = Column("price", notation=Notation(",", ".", "", "€", 2))
    moved = of_numbers(euros, np.arange(0.0, 3, 0.25), np.arange(12000.0, 12003))
    assert moved.change == "median 12.001€, not 1,375€"
