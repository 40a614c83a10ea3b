from __future__ import annotations

from collections.abc import Iterator

import pytest

from narrows.data.datasets import load
from narrows.doctor import resources
from narrows.doctor.case import DataCase
from narrows.doctor.resources import check_memory, check_time, spoken
from narrows.training.batches import Rows
from narrows.training.history import Epoch


def test_the_time_of_a_step_is_that_of_the_fastest_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of four steps that end at these seconds; it stops after four of them, as five seconds are over."""
    rounds = []

    def trained(objective: object, rows: Rows, *_: object) -> Iterator[Epoch]:
        assert len(rows) == 4 * 64
        for number, seconds in enumerate((2.0, 2.6, 4.0, 5.5, 5.6), 1):
            rounds.append(number)
            yield Epoch(number, 20, "whole", {}, {}, 0.0, True, seconds, 0.0)

    monkeypatch.setattr(resources, "train", trained)
    assert resources.seconds_per_step(DataCase(load("digits")), 64) == pytest.approx((2.6 - 2.0) / 4)
    assert rounds == [1, 2, 3, 4]


def test_a_fit_of_hours_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Iris has 90 training rows: three steps of 32 in each of 100 epochs."""
    for seconds, severity, words in ((24.0, "warning", "2.0 hours"), (23.0, "info", "1.9 hours")):
        monkeypatch.setattr(resources, "seconds_per_step", lambda *_, seconds=seconds: seconds)
        found = check_time(DataCase(load("iris")))
        assert found.severity == severity
        assert found.evidence.startswith(f"About {words}")


def test_more_than_half_of_the_memory_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = 2 * 150 * 4 * 8 + 3 * 4 * 150 * 4 + 16 * weights()
    for there, severity in ((2 * needed, "info"), (2 * needed - 1, "warning")):
        monkeypatch.setattr(resources, "machine_memory", lambda there=there: float(there))
        assert check_memory(DataCase(load("iris"))).severity == severity


def weights() -> int:
    case = DataCase(load("iris"))
    return resources.count_weights(case.spec, case.data.schema.domain(case.choice.scaling))


def test_times_are_told_in_the_largest_unit_that_fits() -> None:
    assert [spoken(seconds) for seconds in (0.2, 89, 91, 5399, 5400)] == [
        "1 seconds",
        "89 seconds",
        "2 minutes",
        "90 minutes",
        "1.5 hours",
    ]
