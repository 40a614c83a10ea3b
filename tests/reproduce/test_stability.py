from __future__ import annotations

import pytest

from narrows.reproduce import stability
from narrows.reproduce.lab import Lab, train_run


def test_a_spread_counts_trainings_that_are_no_better_than_the_mean(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "train_run", lambda *args: train_run(*args[:4], 1, args[5]))
    found = stability.spread(lab, {}, 1e-9, 200, 2, 1)
    assert found.failures == 2
    assert found.variation == pytest.approx(found.errors.std(ddof=1) / found.errors.mean())
