"""Too much and too little of a network: the measures of these entries mean what they say."""

from __future__ import annotations

import pytest

from narrows.reproduce.capacity import ENTRIES, OVER, Case


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K5", "K9", "K11", "K12"]


@pytest.mark.parametrize(
    ("learned", "judged", "diagnosis"),
    [(0.01, 0.012, "neither"), (0.01, 0.016, "overfitting"), (0.016, 0.016, "underfitting")],
)
def test_a_diagnosis_follows_from_the_errors(learned: float, judged: float, diagnosis: str) -> None:
    assert OVER == 1.5
    assert Case("", learned, judged, suited=0.01).diagnosis == diagnosis
