from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.evaluation.errors import Errors
from narrows.evaluation.ratios import Methods
from narrows.evaluation.verdict import judge
from narrows.fitting import assess
from narrows.fitting.assess import decide, worth_checking

LARGE = assess.ALWAYS_CHECKED // 100 + 1


def run(*, restoring: bool = False, interrupted: bool = False, has_surrogate: bool = True) -> Any:
    return SimpleNamespace(
        restoring=restoring,
        interrupted=interrupted,
        scaling=SimpleNamespace(unit=1.0),
        schema=SimpleNamespace(domain=lambda scaling: None, has_surrogate=has_surrogate),
        config={"spec": {}, "seed": 0},
        own={},
    )


def rows(n: int) -> Any:
    return SimpleNamespace(flat=np.broadcast_to(np.float32(0), (n, 100)))


def errors(ratio: float) -> Methods:
    """A hundred rows whose errors are `ratio` times those of PCA."""
    theirs = np.random.default_rng(0).uniform(0.9, 1.1, 100)
    return Methods(*(Errors(x, np.ones(100)) for x in (ratio * theirs, theirs, 2 * theirs)))


@pytest.mark.parametrize(
    ("n", "ratio", "changes", "worth"),
    [
        (100, 0.1, {}, True),
        (LARGE, 0.6, {}, True),
        (LARGE, 0.4, {}, False),
        (100, 0.6, {"restoring": True}, False),
        (100, 0.6, {"interrupted": True}, False),
        (100, 0.6, {"has_surrogate": False}, False),
    ],
)
def test_a_gain_is_checked_unless_that_takes_long_or_means_nothing(
    n: int, ratio: float, changes: dict[str, bool], worth: bool
) -> None:
    verdict = judge(errors(ratio))
    assert verdict.outcome == "beats"
    assert worth_checking(run(**changes), rows(n), verdict) == worth


def decided(ratio: float, begun: bool = False) -> Any:
    found: Any = SimpleNamespace(
        rates=None,
        name="PCA",
        compared=errors(ratio),
        restored=None,
        raw=None,
        apart=None,
        rows=SimpleNamespace(train=rows(100)),
    )
    return decide(run(), found, None, None, begun)  # type: ignore[arg-type]


def test_a_gain_has_to_exceed_that_on_surrogate_data(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    for bar, outcome in ((0.9, "beats"), (0.5, "does not beat")):
        monkeypatch.setattr(assess, "surrogate_ratio", lambda *_, bar=bar: asked.append(bar) or bar)
        found = decided(0.6)
        assert (found.outcome, found.surrogate_ratio) == (outcome, bar)
    assert asked == [0.9, 0.5]


def test_only_a_large_gain_ends_the_training_on_surrogate_data_early(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []
    monkeypatch.setattr(assess, "surrogate_ratio", lambda *given: asked.append(given[-1]) or 1.0)
    large, modest = decided(0.4), decided(0.6)
    assert asked == [large.ratio_ci95[1], None]
    assert large.outcome == modest.outcome == "beats"


def test_surrogate_data_are_spared_where_there_is_no_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "surrogate_ratio", None)
    assert decided(1.2).outcome == "does not beat"
    assert decided(0.6, begun=True).outcome == "cannot tell"
