"""The folder of a run while it is trained: made at once, its state replaced as a whole, nothing pickled.

While `RUN/checkpoint` exists the run is unfinished. The one file in it, `state.safetensors`, holds all
that is needed to resume the training and end with the same weights. It is replaced in one move: whatever
happens to the process, it is the old file or the new one.
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
from narrows.training.computing import Computing
from narrows.training.lock import RunLock

STATE = "state.safetensors"

KEPT = ("command", "threads", "engine")
"""Entries of the config that stay as they were when a run is resumed."""

NOT_COMPARED = (*KEPT, "density")
"""Entries that may differ when a run is resumed; the density is only known at the end."""

FIRST = ("recipe", "seed", "data")
"""Entries that are compared first, because others follow from them."""

MAX_THREADS = 4096


class Checkpoint:
    """Where a run keeps its state until it is finished, for one process at a time.

    Args:
        run: the run folder.
        every: the least number of seconds between two writings; more where writing takes long.

    Attributes:
        threads: how many the run was begun with; sums depend on it.
    """

    def __init__(self, run: Path, every: float = 2.0) -> None:
        self.run, self.every = run, every
        self.folder = run / CHECKPOINT
        self.next = time.monotonic() + every
        self.lock = RunLock(run)
        self.begun = False
        self.threads: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = error is not None and self.begun and not (self.folder / STATE).exists()
        if empty:
            self._remove_files()
        self.lock.release()
        if empty:
            with suppress(OSError):
                self.run.rmdir()

    def begin(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Make the run folder, or resume the run in it.

        Returns:
            The entries of the config that stay as they were when the run was begun.

        Raises:
            InputError: when the folder cannot be written, is in use, or was begun with other choices.
            DamagedRunError: when its config is damaged.
        """
        if not os.path.lexists(self.run):
            self._make(config)
        self.lock.take()
        with undamaged(self.run):
            before = json.loads((self.run / "config.json").read_text("utf-8"))
            kept = {key: before[key] for key in KEPT if key in before}
            self.threads = check_threads(kept["threads"])
            Computing.of(kept)
        self._check_same(before, json.loads(json_bytes(config)))
        self.begun = True
        return kept

    def _make(self, config: Mapping[str, Any]) -> None:
        """Make the folder of a run that has just begun."""
        with new_folder(self.run) as folder:
            replace_file(folder / "config.json", json_bytes(config))
            (folder / CHECKPOINT).mkdir()

    def _check_same(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Refuse to resume a run with other choices than it was begun with."""
        found = changed_choice(before, now)
        if found:
            raise InputError(f"{self.run} cannot be continued with other data or choices: {found}.")

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
        text = json.dumps(numbers)
        with self.writing():
            replace_file(self.folder / STATE, save(plain, {"numbers": text, "sha256": digest(plain, text)}))
        end = time.monotonic()
        # With 2 seconds between two writings, these take a twentieth of the time at most.
        self.next = end + self.every * max(1.0, 10 * (end - start))

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The tensors and numbers that were written last; None before the first writing.

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
        """Turn an error of the file system into the sentence that says how to resume.

        Raises:
            NoRoomError: when the disk is full.
            TrainingError: when the run cannot be written for another reason.
        """
        return writing(self.run, " and go on with --resume", TrainingError)

    def finish(self) -> None:
        """End the training: once the folder has its other name, the run is finished."""
        with self.writing():
            self.folder.rename(self.run / f".{CHECKPOINT}")
        self.sweep()

    def sweep(self) -> None:
        """Remove the renamed folder, which a process leaves that is killed while it finishes."""
        shutil.rmtree(self.run / f".{CHECKPOINT}", ignore_errors=True)

    def _remove_files(self) -> None:
        """Remove the files of a run that has no state yet."""
        with suppress(OSError):
            self.folder.rmdir()
            (self.run / "config.json").unlink()


def changed_choice(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first difference of two runs' configs in the entries of `now`, as text; empty if there is none."""
    for key in dict.fromkeys((*FIRST, *now)):
        found = "" if key in NOT_COMPARED else difference(before.get(key), now.get(key), key)
        if found:
            return "the values of the data are not the same" if "sha256" in found else found
    return ""


def check_threads(threads: Any) -> int:
    """`threads` from a config, if it is a number of threads.

    Raises:
        ValueError: when it is none.
    """
    if type(threads) is int and 0 < threads <= MAX_THREADS:
        return threads
    raise ValueError(f"{threads!r} threads")


def digest(tensors: Mapping[str, Tensor], text: str) -> str:
    """The SHA-256 of all that a state holds, in hexadecimal."""
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].flatten().view(torch.uint8).numpy().data)
    return found.hexdigest()
