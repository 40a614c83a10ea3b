"""Cells that no row of the training part could have: what they add to a score, and to its contributions."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.fitting.fit import fit
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.far_cells import EACH, FarCells, extremes
from tests.samples import mixed, of_frame

COLUMNS = {name: j for j, name in enumerate("abcde")}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.asarray(of_frame(mixed(400)).array)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(fit(of_frame(mixed(400)), overrides={"training": {"epochs": 10}}))


@pytest.mark.parametrize("name", "abcde")
def test_a_far_cell_exceeds_all_that_its_column_may_hold(
    detector: Detector, rows: np.ndarray, name: str
) -> None:
    j = COLUMNS[name]
    far = rows[:30].copy()
    far[:, j] = np.inf
    scores, most = detector.scores(far), np.full(30, detector.held_out.max())
    for code in range(len(detector.run.schema.columns[j].levels)):
        far[:, j] = code
        most = np.maximum(most, detector.scores(far))
    assert (scores > most).all()


def test_the_score_of_a_far_cell_is_attributed_to_it(detector: Detector, rows: np.ndarray) -> None:
    far = rows[:6].copy()
    far[[0, 1, 1], [3, 0, 4]] = np.inf
    made, scores = detector.contributions(far), detector.scores(far)
    np.testing.assert_allclose(made.sum(axis=1), np.maximum(scores, 0), atol=1e-8)
    assert made[0].argmax() == 3
    assert set(np.argsort(-made[1])[:2]) == {0, 4}
    np.testing.assert_allclose(made[2:], detector.contributions(rows[2:6]), atol=1e-8)


def test_a_number_beyond_the_range_of_the_model_is_far_and_stops_no_other_row(
    detector: Detector, rows: np.ndarray
) -> None:
    far = rows[:6].copy()
    far[2, 0], far[4, 1] = -1e300, 1e25
    scores = detector.scores(far)
    assert (np.flatnonzero(scores > detector.held_out.max() + EACH / 2)).tolist() == [2, 4]
    np.testing.assert_allclose(scores[[0, 1, 3, 5]], detector.scores(rows[[0, 1, 3, 5]]), atol=1e-8)


def test_more_far_cells_have_a_higher_score(detector: Detector, rows: np.ndarray) -> None:
    far = np.repeat(rows[:1], 2, axis=0)
    far[0, 3] = far[1, 3] = far[1, 4] = np.inf
    one, two = detector.scores(far)
    assert two > one + EACH / 2


def test_images_have_no_far_pixels(digits_run) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="not finite"):
        Detector(digits_run).scores(np.full((2, 8, 8), np.inf))


def test_the_extremes_of_columns_are_rare_words_and_the_ends_of_numbers() -> None:
    codes = np.array([[0, 1.5], [0, 2.5], [1, 3.5], [0, np.nan], [np.nan, 2], [2, 2], [2, 2]])
    columns = (Column("w", "str", ("p", "q", "r")), Column("n"))
    np.testing.assert_array_equal(extremes(columns, codes), [[1, 1.5], [2, 3.5], [0, 3.5]])


def test_missing_cells_are_not_far(detector: Detector, rows: np.ndarray) -> None:
    some = rows[:4].copy()
    some[1, 2] = np.nan
    found = FarCells.of(detector.run, some)
    assert not found.cells.any()
    np.testing.assert_array_equal(found.rows, some)
