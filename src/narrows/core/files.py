"""Atomic writing of files and folders, JSON text, checksums, and the mark of an unfinished run."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from narrows.core.errors import DamagedRunError, InputError, NarrowsError, NoRoomError, reason

CHECKPOINT = "checkpoint"
"""The subfolder that a run folder has while the run is unfinished."""


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The error numbers of a full disk, a full quota and a file that is too large."""


def unfinished(run: Path) -> bool:
    """Whether `run` is the folder of an unfinished run."""
    return (run / CHECKPOINT).is_dir() and (run / "config.json").is_file()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """`value` as JSON text, indented by 1; NaN and infinities are errors."""
    return json.dumps(value, indent=1, allow_nan=False).encode()


def difference(before: Any, now: Any, name: str) -> str:
    """The first item in which two JSON values differ, as text; empty when they are equal.

    >>> difference({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, "spec")
    'spec.a.c was 2 and is now 3'
    """
    if isinstance(before, dict) and isinstance(now, dict):
        inner = (difference(before.get(k), now.get(k), f"{name}.{k}") for k in {**before, **now})
        return next(filter(None, inner), "")
    if before == now:
        return ""
    was, is_now = (text if len(text) < 80 else f"{text[:76]} …" for text in map(json.dumps, (before, now)))
    return f"{name} was {was} and is now {is_now}"


def checksums(files: Mapping[str, bytes]) -> bytes:
    """The SHA-256 of each of `files`, contents by name, in the format of `sha256sum`."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return "".join(lines).encode()


def check_checksums(folder: Path, listing: str, names: Iterable[str]) -> None:
    """Compare the files `names` in `folder` with the checksums in its file `listing`.

    Raises:
        DamagedRunError: with the name of the first file that differs.
    """
    written = (folder / listing).read_bytes().splitlines()
    for name in names:
        if checksums({name: (folder / name).read_bytes()}).rstrip() not in written:
            raise DamagedRunError(f"{folder} is damaged: {name} is not as it was written.")


@contextmanager
def undamaged(where: Path) -> Iterator[None]:
    """Turn any error that a parser raises on a damaged file into a `DamagedRunError`.

    Raises:
        DamagedRunError: that `where` is damaged, with the parser's message.
    """
    try:
        yield
    except NarrowsError:
        raise
    except Exception as error:
        raise DamagedRunError(f"{where} is damaged: {type(error).__name__} {reason(error)}.") from error


@contextmanager
def writing(where: Path, then: str = "", other: type[NarrowsError] = InputError) -> Iterator[None]:
    """Turn an error of the file system into an error for users.

    Args:
        where: the file or folder that is written.
        then: the end of the message: what to do after the cause is removed.
        other: the class of the error when the disk is not full.

    Raises:
        NoRoomError: when the disk or the quota is full.
        NarrowsError: one of the class `other` in all other cases.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in NO_ROOM
        remedy = "; free some space" if full else "; correct that" if then else ""
        kind = NoRoomError if full else other
        why = error.strerror or (os.strerror(error.errno) if error.errno else reason(error))
        raise kind(f"{where} cannot be written: {why}{remedy}{then}.") from error


def replace_file(target: Path, content: bytes) -> None:
    """Write `content` to a file beside `target`, flush it to the disk, and move it to `target`.

    At any moment `target` is the old file or the new one.

    Raises:
        OSError: when that fails; `target` is unchanged.
    """
    # Always the same name, so that killed processes leave at most one such file.
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def reserve(file: Path) -> None:
    """Take the room on the disk that the size of `file` needs, before it is mapped into memory.

    A process that writes to a map for which there is no room is ended by the system.

    Raises:
        OSError: when there is not enough.
    """
    if hasattr(os, "posix_fallocate"):  # some systems have no such call
        with file.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, file.stat().st_size)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A temporary file that is renamed to `target` at the end, and removed after an error.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `target` cannot be written for another reason.
    """
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            part.chmod(0o644)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that is renamed to `folder` at the end, and removed after an error.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `folder` cannot be written for another reason.
    """
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            yield part
            part.chmod(0o755)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
