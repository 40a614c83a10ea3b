"""The bytes of a large delimited text file, in blocks of whole rows that pyarrow splits as `csv` does."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.tables.coded import Coded

BLOCK = 2**25
"""Bytes that are read at a time."""

ODD = b"\x00\x0b\x0c\x1c\x1d\x1e"
"""Bytes that are no text, or end a line in Python only."""

MARKED = b'"=""', b'"NA"', b'"na"', b'"None"', b'"none"'
"""Formulas, and words in quotes that may stand for a missing cell without them."""

INVISIBLE = re.compile(b"\xc2\x85|\xe2\x80[\x8b\xa8\xa9]|\xe2\x81\xa0|\xef\xbb\xbf")
"""Other ends of lines, and characters without width, in UTF-8."""

BOM = b"\xef\xbb\xbf"
"""What a file in UTF-8 may begin with."""

LARGEST = 4
"""A quoted cell is over at the latest after so many blocks."""


class UnlikeError(Exception):
    """The rows of the file are not all split alike by pyarrow and `csv`."""


class Blocks:
    """A text file in blocks of whole rows, without the line of names.

    Args:
        file: its path; it may be gzipped.
        separator: of cells.
        columns: how many cells a row has.
        header: whether the first line has names.
        encoding: "utf-8" or "cp1252"; blocks are in UTF-8.
    """

    def __init__(
        self, file: Path, separator: str, columns: int, header: bool, encoding: str = "utf-8"
    ) -> None:
        self.file, self.separator, self.columns, self.header = file, separator, columns, header
        self.encoding = encoding
        self.stamp = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        about = self.file.stat()
        return about.st_size, about.st_mtime_ns

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        """Each block, and the share of the file up to its end.

        Raises:
            UnlikeError: for a block that pyarrow and `csv` may split in other ways.
            UnicodeDecodeError: for bytes that are none of the encoding.
        """
        for done, block in self._read():
            if not block.isascii():
                block.decode()
            if is_odd(block, self.separator):
                raise UnlikeError
            yield done, block

    def _read(self) -> Iterator[tuple[float, bytes]]:
        size = max(1, self.stamp[0])
        with opened(self.file) as (stream, done):
            if self.header:
                stream.readline()
            while block := whole_rows(stream):
                if self.encoding != "utf-8":
                    block = block.decode(self.encoding).encode()
                yield min(1.0, done() / size), block

    def parsed(
        self, block: bytes, types: Mapping[int, str], missing: Collection[str] = ("",)
    ) -> dict[int, Any]:
        """The columns that are keys of `types`, "int64", "float64" or "text", as arrays of pyarrow.

        Args:
            block: whole rows.
            types: by the number of the column.
            missing: texts that are no number, and null where numbers are wanted.

        Raises:
            ArrowInvalid: for blank lines, rows of other lengths, or a cell of another type.
        """
        import pyarrow
        from pyarrow import csv

        names, quoted = list(map(str, range(self.columns))), b'"' in block
        kinds = {"int64": pyarrow.int64(), "float64": pyarrow.float64(), "text": pyarrow.string()}
        table = csv.read_csv(
            pyarrow.BufferReader(block),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(
                delimiter=self.separator,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=True,
            ),
            csv.ConvertOptions(
                column_types={str(j): kinds[kind] for j, kind in types.items()},
                include_columns=list(map(str, types)),
                null_values=[*missing],
            ),
        )
        return {j: table[str(j)].combine_chunks() for j in types}

    def texts(self, columns: Collection[int]) -> dict[int, Coded]:
        """The texts of columns.

        Raises:
            InputError: when the file is another than before.
        """
        if self._stamp() != self.stamp:
            raise InputError(f"{self.file.name} changed while it was read; read it again.")
        found = {j: Collected() for j in columns}
        for _, block in self._read() if columns else ():
            for j, texts in self.parsed(block, dict.fromkeys(columns, "text")).items():
                found[j].add(texts)
        return {j: column.coded() for j, column in found.items()}


class Collected:
    """The texts of a column, block by block."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.parts: list[NDArray[np.int32]] = []

    def add(self, texts: Any) -> None:
        """Add an array of pyarrow."""
        found = texts.dictionary_encode()
        words = found.dictionary.to_pylist()
        numbers = [self.index.setdefault(word, len(self.index)) for word in words]
        self.parts.append(np.array(numbers, dtype=np.int32)[found.indices.to_numpy()])

    def coded(self) -> Coded:
        """All of them; the blocks are given up."""
        codes = np.concatenate(self.parts) if self.parts else np.empty(0, dtype=np.int32)
        self.parts = [codes]
        return Coded([*self.index], codes)


@contextmanager
def opened(file: Path) -> Iterator[tuple[Any, Any]]:
    """A stream of the bytes of a text file, unpacked and without a byte order mark, and what tells its place.

    Raises:
        UnlikeError: for a damaged archive.
    """
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        try:
            if stream.peek(3)[:3] == BOM:
                stream.read(3)
            yield stream, raw.tell
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnlikeError from error


def whole_rows(stream: Any) -> bytes:
    """The next block of a stream, up to the end of a row; empty at the end.

    Raises:
        UnlikeError: where a quoted cell does not end.
    """
    parts = [stream.read(BLOCK), stream.readline()]
    quotes = parts[0].count(b'"') + parts[1].count(b'"')
    size = 0
    while quotes % 2 and (line := stream.readline()):
        parts.append(line)
        quotes, size = quotes + line.count(b'"'), size + len(line)
        if size > LARGEST * BLOCK:
            raise UnlikeError
    return b"".join(parts)


def is_odd(block: bytes, separator: str) -> bool:
    """Whether a block has a comment, or what pyarrow and `csv` may read in other ways."""
    if any(block.find(byte) >= 0 for byte in ODD):
        return True
    if block.find(b"#") >= 0 and (block.startswith(b"#") or b"\n#" in block):
        return True
    if block.find(b"\r") >= 0 and block.count(b"\r") != block.count(b"\r\n"):
        return True
    if block.find(b'"') >= 0:
        unclear = any(block.find(text) >= 0 for text in MARKED)
        if unclear or has_stray_quotes(block, separator):
            return True
    return not block.isascii() and INVISIBLE.search(block) is not None


def has_stray_quotes(block: bytes, separator: str) -> bool:
    """Whether a quote is neither at an end of a cell nor doubled within one in quotes."""
    read = np.frombuffer(b"\n" + block + b"\n", dtype=np.uint8)
    at = np.flatnonzero(read == ord('"'))
    around = np.zeros(256, dtype=np.bool_)
    around[[ord(separator), ord("\n"), ord('"')]] = True
    before = around[read[at[::2] - 1]].all()
    around[ord("\r")] = True
    return len(at) % 2 > 0 or not (before and around[read[at[1::2] + 1]].all())


def last_lines(block: bytes) -> range | NDArray[np.intp]:
    """The number of the last line of each row of a block, from 1: a quoted cell may have several lines."""
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    if b'"' not in block:
        return range(1, lines + 1)
    read = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(read == ord("\n"))
    within = np.searchsorted(np.flatnonzero(read == ord('"')), ends) % 2
    last = np.append(within == 0, [True] * (lines - len(ends)))
    return range(1, lines + 1) if last.all() else np.flatnonzero(last) + 1
