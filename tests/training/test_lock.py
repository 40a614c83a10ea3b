from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from narrows.core.errors import InputError
from narrows.training.lock import LOCK, RunLock

HOLDER = """
import time
from pathlib import Path
from narrows.training.lock import RunLock
lock = RunLock(Path("a"))
lock.take()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def unfinished_run() -> None:
    Path("a/checkpoint").mkdir(parents=True)


def test_one_at_a_time_holds_a_run() -> None:
    first, second = RunLock(Path("a")), RunLock(Path("a"))
    first.take()
    with pytest.raises(InputError, match=r"^a is being trained by another process\.$"):
        second.take()
    second.release()
    assert Path("a", LOCK).exists()  # the refused one has not removed it
    first.release()
    assert not Path("a", LOCK).exists()
    second.take()
    second.release()


def test_a_killed_process_leaves_no_lock_behind() -> None:
    lock = RunLock(Path("a"))
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(InputError, match=r"^a is being trained by another process\.$"):
                lock.take()
        finally:
            holder.kill()
    lock.take()
    lock.release()
    assert not Path("a", LOCK).exists()


def test_a_file_system_without_locks_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(lock: FileLock, **_: Any) -> None:
        Path(lock.lock_file).touch()
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(FileLock, "acquire", unlocked)
    lock = RunLock(Path("a"))
    lock.take()
    lock.release()
    assert not Path("a", LOCK).exists()


def test_a_lock_that_may_not_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(InputError, match=r"^a cannot be written: Permission denied\.$"):
        RunLock(Path("a")).take()


@pytest.mark.parametrize("closed", ["a", "a/checkpoint"])
def test_a_folder_that_may_not_be_written_is_refused(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda folder, _: Path(folder) != Path(closed))
    with pytest.raises(InputError, match=r"^a cannot be written: Permission denied\.$"):
        RunLock(Path("a")).take()
    assert not Path("a", LOCK).exists()


def test_a_run_that_is_finished_is_refused_before_and_after_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    acquire = FileLock.acquire

    def late(lock: FileLock, **options: Any) -> Any:
        Path("a/checkpoint").rmdir()
        return acquire(lock, **options)

    monkeypatch.setattr(FileLock, "acquire", late)
    lock = RunLock(Path("a"))
    for _ in range(2):
        with pytest.raises(InputError, match="a is no unfinished run"):
            lock.take()
    lock.release()
    assert list(Path("a").iterdir()) == []
