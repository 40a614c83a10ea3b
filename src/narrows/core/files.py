"""Files that are whole or absent: atomic writing, JSON text, checksums, and what marks an unfinished run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError, reason

CHECKPOINT = "checkpoint"
"""The folder in a run folder that is there while the run is unfinished."""


def unfinished(run: Path) -> bool:
    """Whether `run` is the folder of a run that has not been finished."""
    return (run / CHECKPOINT).is_dir() and (run / "config.json").is_file()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """`value` as JSON text, indented by 1; NaN and infinities are errors."""
    return json.dumps(value, indent=1, allow_nan=False).encode()


def difference(before: Any, now: Any, name: str) -> str:
    """The first item in which two JSON values differ, in words; empty when they are equal.

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
    """What `sha256sum` would print of `files`, by name."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return "".join(lines).encode()


def check_checksums(folder: Path, listing: str, names: Iterable[str]) -> None:
    """Compare the files `names` of `folder` with the checksums in its file `listing`.

    Raises:
        InputError: naming the first file that differs.
    """
    written = (folder / listing).read_bytes().splitlines()
    for name in names:
        if checksums({name: (folder / name).read_bytes()}).rstrip() not in written:
            raise InputError(f"{folder} is damaged: {name} is not as it was written.")


@contextmanager
def undamaged(where: Path) -> Iterator[None]:
    """Turn any error that a parser raises on a damaged file into one sentence.

    Raises:
        InputError: that `where` is damaged, with the parser's reason.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{where} is damaged: {type(error).__name__} {reason(error)}.") from error


def replace_file(target: Path, content: bytes) -> None:
    """Write `content` to a file beside `target`, flush it to the disk, and move it to `target`.

    At any moment `target` is the old file or the new one.

    Raises:
        OSError: when that cannot be done; `target` is unchanged.
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


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A temporary file that becomes `target` at the end, and is removed after an error.

    Raises:
        InputError: when `target` cannot be written.
    """
    part = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        os.close(handle)
        part = Path(name)
        yield part
        part.chmod(0o644)
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder` at the end, and is removed after an error.

    Raises:
        InputError: when `folder` cannot be written.
    """
    part = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        yield part
        part.chmod(0o755)
        part.rename(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}.") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
