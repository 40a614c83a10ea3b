from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from narrows.training.history import Epoch, checked, early_stop


def history(n: int = 3) -> list[dict[str, Any]]:
    costs = {"reconstruction": 1.0, "total": 1.0}
    epochs = (
        Epoch(i, 5, "whole", dict(costs), dict(costs), 1e-3, True, 1.0 * i, 1.0) for i in range(1, n + 1)
    )
    return [asdict(epoch) for epoch in epochs]


def test_a_history_that_is_one_comes_back() -> None:
    assert checked(history(), 5) == history()
    assert checked(history(5), 5) == history(5)


@pytest.mark.parametrize("n", [0, 6])
def test_too_few_or_too_many_epochs_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"{n} epochs of 5"):
        checked(history(n), 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": 3}, "not of this training"),
        ({"epochs": 9}, "not of this training"),
        ({"improved": 1}, "not of this training"),
        ({"seconds": "long"}, "no number"),
        ({"left": None}, "no number"),
        ({"learning_rate": 1}, "no number"),
        ({"train": {"total": 1.0, "kl": "low"}}, "no number"),
        ({"validation": {"total": None}}, "no number"),
    ],
)
def test_a_record_that_is_none_is_refused(change: dict[str, Any], message: str) -> None:
    records = history()
    records[1].update(change)
    with pytest.raises(ValueError, match=message):
        checked(records, 5)
    del records[1]["train"]
    with pytest.raises(TypeError, match="train"):
        checked(records, 5)


def test_a_training_that_ends_early_says_for_how_long_it_did_not_improve() -> None:
    stopped = history(4)
    for epoch in stopped[2:]:
        epoch["improved"] = False
    assert early_stop(stopped) == "the validation objective did not improve for 2 epochs"
    assert early_stop(history(5)) == ""
