"""A file of compressed data is read as it was written, or refused in one sentence."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.tasks.compression.container import (
    MAGIC,
    MOST_HEADER,
    Container,
    from_bytes,
    read_container,
    seal,
    to_bytes,
    write_container,
)

GIVEN = Container({"method": "lossless", "hashes": ["ab", "cd"]}, bytes(range(256)))


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "data.nrw"
    assert write_container(GIVEN, file) == file.stat().st_size
    assert read_container(file) == GIVEN


def test_every_changed_byte_is_refused() -> None:
    content, rng = to_bytes(GIVEN), np.random.default_rng(0)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= int(rng.integers(1, 256))
        with pytest.raises(InputError, match=r"^x\.nrw is "):
            from_bytes(bytes(changed), "x.nrw")


def test_every_cut_and_longer_file_is_refused() -> None:
    content = to_bytes(GIVEN)
    for length in range(len(content)):
        with pytest.raises(InputError, match=r"cut off|damaged"):
            from_bytes(content[:length], "x.nrw")
    with pytest.raises(InputError, match="damaged"):
        from_bytes(content + b"\0", "x.nrw")


def test_a_header_that_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = len('{"version":3,"ids":[]}') + 100
    monkeypatch.setattr("narrows.tasks.compression.container.MOST_HEADER", longest)
    fits = Container({"ids": ["x" * 98]}, b"")
    assert from_bytes(to_bytes(fits), "x.nrw") == fits
    with pytest.raises(InputError, match=f"have {longest + 1} bytes, and a compressed file holds {longest};"):
        to_bytes(Container({"ids": ["x" * 99]}, b""))


def test_another_version_is_refused() -> None:
    header = zlib.compress(b'{"version":1}')
    body = MAGIC + len(header).to_bytes(4, "little") + header
    with pytest.raises(InputError, match="another version"):
        from_bytes(body + seal(body), "x.nrw")


def test_a_header_that_would_fill_the_memory_is_refused() -> None:
    header = zlib.compress(bytes(MOST_HEADER + 1))
    body = MAGIC + len(header).to_bytes(4, "little") + header
    with pytest.raises(InputError, match="has over"):
        from_bytes(body + seal(body), "x.nrw")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.nrw cannot be read"):
        read_container(tmp_path / "none.nrw")
