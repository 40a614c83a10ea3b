from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.core.findings import Finding
from narrows.doctor.runs import CHECKS
from narrows.report import figures, findings
from narrows.report.findings import FIGURES, carried, chosen, copied, diagnosis
from narrows.runs.evidence import Evidence
from narrows.runs.run import Run


def run_with(**evidence: Any) -> Any:
    return SimpleNamespace(evidence=Evidence(**evidence))


def test_every_picture_belongs_to_a_check() -> None:
    assert FIGURES.keys() <= set(CHECKS)


def test_each_finding_has_its_picture_or_none(digits_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Finding("overfitting", "warning", "1"), Finding("copied dimensions", "warning", "2")]
    monkeypatch.setattr(findings, "examine", lambda run: told)
    monkeypatch.setitem(FIGURES, "copied dimensions", lambda run: "drawn" if run is digits_run else "")
    assert diagnosis(digits_run) == [(told[0], ""), (told[1], "drawn")]


def test_bars_are_of_the_first_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(figures, "bars", lambda *given: seen.append(given) or "")
    carried(run_with(nats=np.arange(100.0)))
    names, values, _ = seen[0]
    assert names == [str(i) for i in range(figures.BARS)]
    np.testing.assert_array_equal(values, np.arange(float(figures.BARS)))


def test_the_two_dimensions_that_are_most_alike_are_shown() -> None:
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((200, 4))
    codes[:, 3] = -codes[:, 1] + 0.01 * rng.standard_normal(200)
    with figures.house_style():
        svg = copied(run_with(codes=codes))
    assert "dimension 1" in svg
    assert "dimension 3" in svg
    assert "dimension 0" not in svg


def test_choices_are_drawn_as_shares_most_frequent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    axes = figures.axes

    def watched(*size: float) -> Any:
        figure, axis = axes(*size)
        monkeypatch.setattr(axis, "fill_between", lambda x, y, **_: seen.update(x=x, y=y))
        return figure, axis

    monkeypatch.setattr(figures, "axes", watched)
    chosen(run_with(used=np.array([1, 0, 6, 3])))
    np.testing.assert_allclose(seen["y"], [60, 30, 10, 0])
