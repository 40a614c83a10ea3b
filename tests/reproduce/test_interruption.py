"""Ctrl-C while entries are measured."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from narrows.reproduce.catalogue import BY_ID
from narrows.reproduce.findings import Finding
from narrows.reproduce.interruption import stopping
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.measurement import Table, rows_of
from narrows.runs.run import Run
from narrows.training.history import Epoch


@pytest.fixture(autouse=True)
def answered() -> Iterator[None]:
    """Ctrl-C raises, even if the tests run in the background, where shells ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(run: Run, epoch: Epoch) -> None:
    """Ctrl-C after the first epoch, at which a training otherwise keeps what it has."""
    os.kill(os.getpid(), signal.SIGINT)


def interrupted(lab: Lab) -> Finding:
    lab.fit("y1", lab.first(lab.digits, 100), epochs=2, watch=press)
    raise AssertionError("the training went on")


def test_half_a_training_makes_no_row_and_no_model(tmp_path: Path) -> None:
    entry = Entry("Z1", "a system", "It is interrupted.", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(rows_of([entry], Table(True, 0, tmp_path), 1))
    assert not list(tmp_path.rglob("*.json"))


def test_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stopping():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_other_processes_end_too(tmp_path: Path) -> None:
    before = set(active_children())
    rows = rows_of([BY_ID["E3"], BY_ID["S5"]], Table(True, 0, tmp_path), 2)
    assert next(rows)["id"] == "E3"
    with pytest.raises(KeyboardInterrupt):
        rows.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert set(active_children()) == before
    assert not list(tmp_path.glob("S5*"))
