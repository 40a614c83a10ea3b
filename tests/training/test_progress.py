from __future__ import annotations

import sys
from dataclasses import replace

import pytest

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
