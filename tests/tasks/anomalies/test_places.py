from __future__ import annotations

import numpy as np
import pytest

from narrows.fitting.fit import fit
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.places import EDGE, FAR, USUAL, in_words, places
from tests.samples import mixed, of_frame


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.asarray(of_frame(mixed(400)).array)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(fit(of_frame(mixed(400)), overrides={"training": {"epochs": 10}}))


def test_rows_lie_far_outside_at_the_edge_or_among_the_usual(detector: Detector, rows: np.ndarray) -> None:
    """An impossible cell is far outside whatever the score; of usual rows about the share lies at the edge."""
    rows = rows.copy()
    rows[0, 0] *= 1e9
    rows[1, 0] = np.inf
    scores = detector.scores(rows)
    found = places(detector, rows, scores, 0.05)
    assert found[:2].tolist() == [FAR, FAR]
    flagged = Rule(0.05).flag(detector, scores).flagged
    np.testing.assert_array_equal(flagged, found != USUAL)
    assert 0 < (found == EDGE).sum() < 0.15 * len(rows)
    assert (found[2:] == FAR).sum() == (scores[2:] > detector.wild_score).sum() < 4


def test_flagged_rows_are_counted_by_place(detector: Detector) -> None:
    found = np.array([FAR, EDGE, USUAL, USUAL])
    said = in_words(found, np.array([True, True, True, False]), detector)
    assert said.startswith("Of the flagged rows 1 far outside (a score above ")
    assert "1 at the edge" in said
    assert said.endswith("1 among the usual rows.")
    assert in_words(found, np.zeros(4, dtype=np.bool_), detector) == ""
