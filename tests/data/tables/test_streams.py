from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from narrows.data.tables.streams import UnlikeError, opened

TEXT = "größe,b\r\n1,ü\r\n3,4"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_text_of_any_encoding_is_a_stream_in_utf_8(encoding: str, packed: bool, tmp_path: Path) -> None:
    file, content = tmp_path / "t.csv", TEXT.encode(encoding)
    file.write_bytes(gzip.compress(content) if packed else content)
    with opened(file, encoding.removesuffix("-sig")) as (stream, done):
        assert stream.readline().decode() == "größe,b\r\n"
        assert stream.readline(2) == b"1,"
        assert stream.read(100).decode().endswith("\n3,4")
        assert stream.readline() == stream.read(5) == b""
        assert done() == file.stat().st_size


def test_damaged_archives_and_other_encodings_are_told(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(gzip.compress(TEXT.encode() * 99)[:-12])
    with pytest.raises(UnlikeError), opened(file) as (stream, _):
        stream.read(10_000)
    file.write_bytes(b"a,\x81\n")
    with pytest.raises(UnicodeDecodeError), opened(file, "cp1252") as (stream, _):
        stream.read(10)
