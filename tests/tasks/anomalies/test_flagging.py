"""Rules of which rows are flagged."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.tasks.anomalies.flagging import Rule

DETECTOR: Any = SimpleNamespace(
    noun="rows",
    of_kept=np.arange(1000.0),
    held_out=np.arange(900.0, 999.0),
    wild=np.zeros(100, dtype=np.bool_),
    few=False,
)


def test_a_number_of_rows_is_flagged_also_where_scores_are_equal() -> None:
    flags = Rule(top=2).flag(DETECTOR, np.array([1.0, 3.0, 2.0, 2.0]))
    assert flags.flagged.tolist() == [False, True, True, False]
    assert flags.sentence == "The 2 of 4 rows that score highest are flagged: 2.000 or more."
    assert Rule(top=9).flag(DETECTOR, np.ones(4)).flagged.all()


def test_as_many_as_the_share_of_the_training_rows_are_flagged() -> None:
    flags = Rule(contaminated=0.02).flag(DETECTOR, DETECTOR.of_kept)
    assert flags.flagged.sum() == 20
    assert "as 2 % of the rows do that the model was fitted to" in flags.sentence


def test_without_a_rule_a_hundredth_of_usual_rows_is_flagged() -> None:
    flags = Rule().flag(DETECTOR, np.array([997.5, 998.5]))
    assert flags.threshold == 998.0
    assert flags.flagged.tolist() == [False, True]


def test_held_out_rows_that_are_anomalies_are_said() -> None:
    wild: Any = SimpleNamespace(**{**vars(DETECTOR), "wild": np.arange(100) < 3})
    said = Rule(0.05).flag(wild, np.ones(2)).sentence
    assert "3 of the 100 rows that it is from score too high" in said
    assert "--contaminated" in said
    assert "--contaminated" not in Rule(0.05).flag(DETECTOR, np.ones(2)).sentence


@pytest.mark.parametrize(
    "rule",
    [{"expect": 2.0}, {"contaminated": 0.0}, {"contaminated": 0.6}, {"top": 0}, {"expect": 0.1, "top": 3}],
)
def test_rules_that_cannot_be_are_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="|".join(rule)):
        Rule(**rule)
