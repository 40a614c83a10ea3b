"""The life of a run folder until it is finished: made at once, its state replaced whole, nothing pickled.

While `RUN/checkpoint` exists the run is unfinished. The one file in it, `state.safetensors`, holds all
that a training needs to go on as if it had never stopped; it is replaced in one move, so that whatever
happens to the process, the file is whole: the old one or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from filelock import FileLock, Timeout
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from narrows.core.errors import DamagedRunError, InputError, TrainingError
from narrows.core.files import (
    CHECKPOINT,
    difference,
    json_bytes,
    new_folder,
    replace_file,
    undamaged,
    writing,
)

STATE = "state.safetensors"

LOCK = ".lock"
"""The file in the run folder that the process holds which trains it."""

FREE = ("command", "threads", "density")
"""What may differ when a run goes on: the first two are kept, the last is found at the end."""

TELLING = ("recipe", "seed", "data")
"""What is compared first, since much of the rest follows from it."""

MOST_THREADS = 4096


class Checkpoint:
    """Where a run keeps its state until it is finished, for one process at a time.

    Args:
        run: the run folder.
        every: seconds between two writings at the least; more where writing takes long.

    Attributes:
        threads: how many the run was begun with; sums depend on it.
    """

    def __init__(self, run: Path, every: float = 2.0) -> None:
        self.run, self.every = run, every
        self.folder = run / CHECKPOINT
        self.next = time.monotonic() + every
        self.lock = FileLock(run / LOCK)
        self.begun = False
        self.threads: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = error is not None and self.begun and not (self.folder / STATE).exists()
        if empty:
            self._discard()
        self._unlock()
        if empty:
            with suppress(OSError):
                self.run.rmdir()

    def begin(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Make the run folder, or go on in it; what of `config` is to stay as it was, is returned.

        Raises:
            InputError: when the folder cannot be written, is in use, or was begun with other choices.
        """
        if not os.path.lexists(self.run):
            with new_folder(self.run) as stage:
                replace_file(stage / "config.json", json_bytes(config))
                (stage / CHECKPOINT).mkdir()
        self._lock()
        with undamaged(self.run):
            before = json.loads((self.run / "config.json").read_text("utf-8"))
            kept = {key: before[key] for key in ("command", "threads") if key in before}
            if not (type(kept["threads"]) is int and 0 < kept["threads"] <= MOST_THREADS):
                raise ValueError(f"{kept['threads']!r} threads")
        now = json.loads(json_bytes(config))
        for key in dict.fromkeys((*TELLING, *now)):
            found = "" if key in FREE else difference(before.get(key), now.get(key), key)
            if found:
                raise InputError(f"{self.run} cannot be continued with other choices: {found}.")
        self.begun, self.threads = True, kept["threads"]
        return kept

    def due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() >= self.next

    def write(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Replace the state.

        Raises:
            NoRoomError: when the disk is full; the state before is still there.
            TrainingError: when it cannot be written for another reason, likewise.
        """
        start = time.monotonic()
        plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        with self.writing():
            text = json.dumps(numbers)
            replace_file(self.folder / STATE, save(plain, {"numbers": text, "sha256": digest(plain, text)}))
        took = time.monotonic() - start
        self.next = time.monotonic() + self.every * max(1.0, 10 * took)  # a twentieth of the time

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The tensors and numbers that were written last; None where nothing was.

        Raises:
            DamagedRunError: when the file is damaged.
        """
        path = self.folder / STATE
        if not path.exists():
            return None
        with undamaged(path), safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            kept = file.metadata()
            if digest(tensors, kept["numbers"]) != kept["sha256"]:
                raise DamagedRunError(f"{path} is damaged: it is not as it was written.")
            return tensors, json.loads(kept["numbers"])

    def writing(self) -> AbstractContextManager[None]:
        """Turn an error of the file system into the sentence that says how to go on.

        Raises:
            NoRoomError: when the disk is full.
            TrainingError: when the run cannot be written for another reason.
        """
        return writing(self.run, " and go on with --resume", TrainingError)

    def finish(self) -> None:
        """Let the run be finished: from the renaming on, it is."""
        with self.writing():
            self.folder.rename(self.run / f".{CHECKPOINT}")
        self.sweep()

    def sweep(self) -> None:
        """Remove what a process that was killed in its last moment may have left."""
        shutil.rmtree(self.run / f".{CHECKPOINT}", ignore_errors=True)

    def _lock(self) -> None:
        """Hold the folder until the process ends, however it ends; where the file system has locks.

        Raises:
            InputError: when another process holds it, it cannot be written, or it is no unfinished run.
        """
        self._check_unfinished()
        if not os.access(self.run, os.W_OK | os.X_OK) or not os.access(self.folder, os.W_OK | os.X_OK):
            raise InputError(f"{self.run} cannot be written: Permission denied.")
        try:
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(f"{self.run} is being trained by another process.") from error
        except PermissionError as error:
            raise InputError(f"{self.run} cannot be written: {error.strerror}.") from error
        except OSError:  # a file system that has no locks
            self._remove_lock_file()
        self._check_unfinished()  # the process that held it may have finished it

    def _check_unfinished(self) -> None:
        if not self.folder.is_dir():
            raise InputError(f"{self.run} is no unfinished run; choose another folder with --out.")

    def _unlock(self) -> None:
        """Let other processes train the run. The file goes first: who waited for it sees that it is gone."""
        if self.lock.is_locked:
            self._remove_lock_file()
            self.lock.release()

    def _remove_lock_file(self) -> None:
        with suppress(OSError):  # Windows removes it when the lock is released
            (self.run / LOCK).unlink()

    def _discard(self) -> None:
        """Remove the files of a run in which there is nothing yet to go on from."""
        with suppress(OSError):
            self.folder.rmdir()
            (self.run / "config.json").unlink()


def digest(tensors: Mapping[str, Tensor], text: str) -> str:
    """The SHA-256 of all that a state holds."""
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].flatten().view(torch.uint8).numpy().data)
    return found.hexdigest()
