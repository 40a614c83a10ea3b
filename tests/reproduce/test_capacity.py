from __future__ import annotations

import pytest

from narrows.reproduce.capacity import ENTRIES, RATIO, Case


def test_the_entries_are_those_of_the_table() -> None:
    assert [entry.id for entry in ENTRIES] == ["K5", "K9", "K11", "K12"]


@pytest.mark.parametrize(
    ("training_error", "test_error", "diagnosis"),
    [
        (0.01, 0.012, "neither over- nor underfitting"),
        (0.01, 0.016, "overfitting"),
        (0.016, 0.016, "underfitting"),
    ],
)
def test_a_diagnosis_follows_from_the_errors(
    training_error: float, test_error: float, diagnosis: str
) -> None:
    assert RATIO == 1.5
    assert Case("", training_error, test_error, reference=0.01).diagnosis == diagnosis
