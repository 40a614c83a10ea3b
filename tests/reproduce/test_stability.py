from __future__ import annotations

import pytest

from narrows.reproduce import stability
from narrows.reproduce.lab import Lab, train_run


def test_trainings_no_better_than_the_mean_image_are_failures(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "train_run", lambda *args: train_run(*args[:4], 1, args[5]))
    results = stability.over_seeds(lab, {}, 1e-9, 200, 2, 1)
    assert results.failures == 2
    assert results.variation == pytest.approx(results.errors.std(ddof=1) / results.errors.mean())
