from __future__ import annotations

import sys
from dataclasses import replace
from threading import Timer

import numpy as np
import pytest

from narrows.core.steps import step, told_to
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.report.page import render
from narrows.training import progress
from narrows.training.history import Epoch
from narrows.training.progress import Progress, counted


def epoch(number: int) -> Epoch:
    return Epoch(number, 9, "whole", {"total": 0.5}, {"total": 0.25}, 0.1, True, 2.0, 4.4)


def test_without_a_terminal_each_epoch_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as show:
        show(epoch(1))
        show(epoch(2))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "epoch 1/9 train 0.5 validation 0.25 4 s left",
        "epoch 2/9 train 0.5 validation 0.25 4 s left",
    ]


def test_on_a_terminal_there_is_a_bar_that_begins_where_the_training_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with Progress() as show:
        show(epoch(4))
        show(epoch(5))
    err = capsys.readouterr().err
    assert "5/9" in err
    assert "validation 0.25" in err
    assert "epoch 4/9" not in err


def test_the_last_epoch_has_no_time_left_and_what_follows_has_a_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress() as progress:
        progress(replace(epoch(8), left=0.3))
        progress(replace(epoch(9), left=0.0))
        progress.phase("verdict")
    assert capsys.readouterr().err.splitlines() == [
        "epoch 8/9 train 0.5 validation 0.25 under 1 s left",
        "epoch 9/9 train 0.5 validation 0.25",
        "verdict",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_who_is_quiet_shows_nothing(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    with Progress(quiet=True) as show:
        show(epoch(1))
        show.phase("verdict")
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    assert list(counted("abc", 3, "letters", quiet=True)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_what_is_counted_comes_through_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(counted(iter("abc"), 3, "letters", quiet=False)) == ["a", "b", "c"]
    assert "letters: 100%" in capsys.readouterr().err


def test_without_a_terminal_a_line_now_and_then_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(counted(iter("abc"), 3, "letters", quiet=False)) == ["a", "b", "c"]
    assert capsys.readouterr().err == "", "nothing where all are done at once"
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    assert list(counted(iter("abc"), 3, "letters", quiet=False)) == ["a", "b", "c"]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" s ")[0].rsplit(" ", 1)[0] for line in lines] == [f"letters {i}/3" for i in range(3)]


def test_a_step_is_said_once_it_lasts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The long step is said by its timer, which is called here; the short one is over before that."""
    timers: list[Timer] = []

    class Waiting(Timer):
        def start(self) -> None:
            timers.append(self)

    monkeypatch.setattr(progress, "Timer", Waiting)
    with Progress() as show:
        step("short")
        step("long")
        assert timers[0].finished.is_set(), "cancelled"
        assert not timers[1].finished.is_set()
        timers[1].function(*timers[1].args)
        show.phase("next")
        assert timers[1].finished.is_set()
    step("nobody listens")
    assert capsys.readouterr().err.splitlines() == ["long", "next"]


def test_many_short_steps_are_said_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([0.0, 1.0, 6.0, 6.0, 7.0, 7.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with Progress() as _:
        for i in range(3):
            step(f"epoch {i}")
    assert capsys.readouterr().err.splitlines() == ["epoch 1"]
    monkeypatch.undo()
    with Progress(quiet=True) as _:
        step("quiet")
    assert capsys.readouterr().err == ""


def test_a_fit_says_its_steps() -> None:
    told: list[str] = []
    noise = np.random.default_rng(0).standard_normal((400, 5))
    with told_to(told.append):
        render(fit(as_data(noise), latent_dim=2, overrides={"training": {"epochs": 2}}))
    for text in ("checking the values", "verdict: fitting PCA", "verdict: reconstructing the held-out rows"):
        assert text in told
