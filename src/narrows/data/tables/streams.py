"""Streams of the bytes of text files, in UTF-8: unpacked, and recoded where they are in another encoding."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BOM = b"\xef\xbb\xbf"
"""What a file in UTF-8 may begin with."""


class UnlikeError(Exception):
    """The rows of the file are not all split alike by pyarrow and `csv`."""


class Recoded:
    """A stream in another encoding as one in UTF-8.

    Args:
        stream: of bytes.
        encoding: of these.
    """

    def __init__(self, stream: Any, encoding: str) -> None:
        self.text = io.TextIOWrapper(stream, encoding, newline="\n")

    def read(self, size: int) -> bytes:
        """The next `size` characters."""
        return self.text.read(size).encode()

    def readline(self, size: int = -1) -> bytes:
        """The next line, or so many characters of it at the most."""
        return self.text.readline(size).encode()


@contextmanager
def opened(file: Path, encoding: str = "utf-8") -> Iterator[tuple[Any, Any]]:
    """A stream of a text file in UTF-8, without a byte order mark, and what tells its place in the file.

    Raises:
        UnlikeError: for a damaged archive.
        UnicodeDecodeError: for bytes that are none of an encoding other than UTF-8.
    """
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        try:
            if encoding != "utf-8":
                yield Recoded(stream, encoding), raw.tell
                return
            if stream.peek(3)[:3] == BOM:
                stream.read(3)
            yield stream, raw.tell
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnlikeError from error
