from __future__ import annotations

import pytest

from narrows.core.errors import InputError
from narrows.core.launch import Launch, command, launched

SECOND = {
    "RANK": "1",
    "WORLD_SIZE": "2",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECOND:
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, **others: str) -> None:
    for name, value in {**SECOND, **others}.items():
        monkeypatch.setenv(name, value)


def test_a_process_is_alone_unless_it_is_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launched() == Launch(0, 1, 0, 1)
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert launched() == Launch(0, 1, 0, 1)
    assert launched().first


def test_torchrun_tells_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)
    assert launched() == Launch(1, 2, 1, 2)
    assert not launched().first
    set_all(monkeypatch, RANK="5", WORLD_SIZE="6", LOCAL_RANK="1", LOCAL_WORLD_SIZE="2")
    assert launched() == Launch(5, 6, 1, 2)


def test_what_is_missing_or_contradicts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match=r"^WORLD_SIZE is 2, but RANK is not set; start by torchrun"):
        launched()
    set_all(monkeypatch, RANK="2")
    with pytest.raises(InputError, match=r"RANK is '2', but wanted is a number from 0 to 1;"):
        launched()
    set_all(monkeypatch, WORLD_SIZE="many")
    with pytest.raises(InputError, match=r"WORLD_SIZE is 'many', but wanted is a number from 1"):
        launched()


def test_the_command_starts_as_many_processes_on_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(["fit", "a b.npy"]) == "narrows fit 'a b.npy'"
    set_all(monkeypatch)
    assert command(["fit", "x"]) == "torchrun --nproc-per-node 2 -m narrows fit x"
    set_all(monkeypatch, RANK="3", WORLD_SIZE="4")
    assert command(["fit", "x"]) == "narrows fit x"
