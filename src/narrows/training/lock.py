"""The lock of a run folder: one process trains a run at a time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from narrows.core.errors import InputError
from narrows.core.files import CHECKPOINT

LOCK = ".lock"
"""The file in a run folder that the process holds which trains it."""


class RunLock:
    """Holds an unfinished run for one process, until it lets go or ends, however it ends.

    On a file system that has no locks it holds nothing.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        self.lock = FileLock(run / LOCK)

    def take(self) -> None:
        """Hold the run.

        Raises:
            InputError: when another process holds it, it cannot be written, or it is no unfinished run.
        """
        self._check_unfinished()
        self._check_writable()
        try:
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(f"{self.run} is being trained by another process.") from error
        except PermissionError as error:
            raise InputError(f"{self.run} cannot be written: {error.strerror}.") from error
        except OSError:  # the file system has no locks
            self._remove()
        self._check_unfinished()  # the process that held it may have finished it

    def release(self) -> None:
        """Let go of the run, if it is held."""
        if self.lock.is_locked:
            self._remove()  # first: a process that opened the file meanwhile then sees that it is gone
            self.lock.release()

    def _check_unfinished(self) -> None:
        if not (self.run / CHECKPOINT).is_dir():
            raise InputError(f"{self.run} is no unfinished run; choose another folder with --out.")

    def _check_writable(self) -> None:
        for folder in (self.run, self.run / CHECKPOINT):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise InputError(f"{self.run} cannot be written: Permission denied.")

    def _remove(self) -> None:
        with suppress(OSError):  # Windows removes it when the lock is released
            (self.run / LOCK).unlink()
