from __future__ import annotations

import os
import signal
from typing import Any

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.launch import Launch
from narrows.core.processes import ALONE, Processes, check_devices, together
from tests.ranks import by_processes, inside


@pytest.mark.parametrize("n", [0, 1, 2, 5, 64])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_shares_are_all_things_once_and_about_equal(n: int, size: int) -> None:
    parts = [list(range(n))[Processes(rank, size).share(n)] for rank in range(size)]
    assert [i for part in parts for i in part] == list(range(n))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_one_process_says_everything_to_itself() -> None:
    assert together() == ALONE
    assert ALONE.told(lambda: 3) == 3
    assert ALONE.each("a") == ["a"]
    assert ALONE.sum(torch.tensor(2.0)) == 2
    before = torch.get_rng_state()
    with ALONE.alike():
        pass
    assert torch.equal(torch.get_rng_state(), before)
    ALONE.leave()


def talk() -> Any:
    processes = together()
    torch.manual_seed(7)
    found: dict[str, Any] = {
        "told": processes.told(lambda: f"by {processes.rank}"),
        "each": processes.each(processes.rank),
        "sum": processes.sum(torch.tensor([1.0, processes.rank])).tolist(),
    }
    with processes.alike():
        found["alike"] = torch.rand(3).tolist()
    found["after"] = torch.rand(3).tolist()
    with processes.alike():
        found["alike again"] = torch.rand(3).tolist()
    return found


def test_processes_tell_each_other() -> None:
    one, other = (ended.result for ended in by_processes(inside, talk))
    assert one["told"] == other["told"] == "by 0"
    assert one["each"] == other["each"] == [0, 1]
    assert one["sum"] == other["sum"] == [2, 1]
    assert one["alike"] == other["alike"] != one["alike again"]
    assert one["alike again"] == other["alike again"]
    assert one["after"] != other["after"]


def fail_at(rank: int) -> None:
    processes = together()
    if processes.rank in (rank, rank + 2):
        raise InputError("The file is empty.")
    processes.wait()


def die() -> None:
    processes = together()
    if not processes.first:
        os.kill(os.getpid(), signal.SIGKILL)
    processes.wait()


@pytest.mark.parametrize("rank", [0, 1])
def test_the_first_that_fails_says_why_and_all_end(rank: int) -> None:
    ended = by_processes(inside, fail_at, rank, size=3)
    assert all(each.code > 0 for each in ended)
    said = [each.err for each in ended if each.err]
    assert said == ["InputError: The file is empty.\n"]


def test_a_killed_process_is_noticed() -> None:
    ended = by_processes(inside, die)
    assert [each.code for each in ended] == [1, -1]
    assert ended[0].err.startswith("TrainingError: Another process ended before the work was done;")


def test_devices_that_cannot_be_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    check_devices(Launch(0, 1), torch.device("mps"))
    check_devices(Launch(0, 2, 0, 2), torch.device("cpu"))
    with pytest.raises(InputError, match="CPUs or CUDA devices, not on mps; give --device cpu"):
        check_devices(Launch(0, 2, 0, 2), torch.device("mps"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(InputError, match="2 processes on this machine would share 1 CUDA device"):
        check_devices(Launch(0, 2, 0, 2), torch.device("cuda"))
    check_devices(Launch(0, 2, 0, 1), torch.device("cuda"))
