"""The bytes of a large delimited text file, in blocks of whole rows that pyarrow splits as `csv` does.

Comments and blank lines are left out. Where quotes are inside of cells, rows are split by `csv` and written
again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.tables.coded import Coded
from narrows.data.tables.splitting import is_row, unwrapped
from narrows.data.tables.streams import UnlikeError, opened

BLOCK = 2**25
"""Bytes that are read at a time."""

SPLIT = 2**22
"""Characters that `csv` splits at a time."""

ODD = b"\x00\x0b\x0c\x1c\x1d\x1e"
"""Bytes that are no text, or end a line in Python only."""

FORMULA, MARKED = b'"=""', (b'"NA"', b'"na"', b'"None"', b'"none"')
"""Formulas, and words in quotes that may stand for a missing cell without them."""

ENDS = re.compile(b"\xc2\x85|\xe2\x80[\xa8\xa9]")
"""Other ends of lines in UTF-8."""

INVISIBLE = re.compile(b"\xe2\x80\x8b|\xe2\x81\xa0|\xef\xbb\xbf")
"""Characters without width in UTF-8."""

COMMENT, UNUSED = re.compile(rb"\n#[^\n]*"), re.compile(rb"\n(?:#|[ \t\r]*\n)")
"""A comment, and the begin of one or a blank line, with the end of the line before."""

LARGEST = 4
"""A quoted cell is over at the latest after so many blocks."""


class QuotesError(UnlikeError):
    """Quotes are inside of cells that are not in quotes."""


class Block(NamedTuple):
    """Some rows of a file.

    Attributes:
        done: the share of the file up to their end.
        text: their bytes in UTF-8.
        lines: the number in the file of the last line of each row, from 1.
    """

    done: float
    text: bytes
    lines: range | NDArray[np.intp]


class Blocks:
    """A text file in blocks of whole rows.

    Args:
        file: its path; it may be gzipped.
        separator: of cells.
        columns: how many cells a row has.
        skipped: how many lines are above the first row.
        encoding: of the file; blocks are in UTF-8.
        by_csv: whether quotes may be inside of cells.

    Attributes:
        comments: how many lines were left out in the last reading because they begin with #.
    """

    def __init__(
        self,
        file: Path,
        separator: str,
        columns: int,
        skipped: int = 0,
        encoding: str = "utf-8",
        *,
        by_csv: bool = False,
    ) -> None:
        self.file, self.separator, self.columns, self.skipped = file, separator, columns, skipped
        self.encoding, self.by_csv = encoding, by_csv
        self.stamp = self._stamp()
        self.comments = 0

    def _stamp(self) -> tuple[int, int]:
        about = self.file.stat()
        return about.st_size, about.st_mtime_ns

    def __iter__(self) -> Iterator[Block]:
        """Each block.

        Raises:
            QuotesError: for quotes inside of cells, unless these are split by `csv`.
            UnlikeError: for a block that pyarrow and `csv` may split in other ways.
            UnicodeDecodeError: for bytes that are none of the encoding.
        """
        for block in self._read():
            if not block.text.isascii():
                block.text.decode()
            if is_odd(block.text):
                raise UnlikeError
            if not self.by_csv and has_stray_quotes(block.text, self.separator):
                raise QuotesError
            yield block

    def _read(self) -> Iterator[Block]:
        size = max(1, self.stamp[0])
        self.comments = 0
        with opened(self.file, self.encoding) as (stream, done):
            for _ in range(self.skipped):
                stream.readline()
            for text, lines in self._written(stream) if self.by_csv else self._cleaned(stream):
                yield Block(min(1.0, done() / size), text, lines)

    def _cleaned(self, stream: Any) -> Iterator[tuple[bytes, range | NDArray[np.intp]]]:
        """Rows as they are, without comments and blank lines."""
        before = self.skipped
        while text := whole_rows(stream):
            total = text.count(b"\n") + (not text.endswith(b"\n"))
            if text[0] in b"#\n \t\r" or UNUSED.search(text):
                rows, kept, comments = without_unused(text, self.separator.encode())
                self.comments += comments
                if rows:
                    yield rows, before + 1 + kept[np.asarray(last_lines(rows)) - 1]
            else:
                last = last_lines(text)
                yield (
                    text,
                    last + before
                    if isinstance(last, np.ndarray)
                    else range(before + 1, before + 1 + len(last)),
                )
            before += total

    def _written(self, stream: Any) -> Iterator[tuple[bytes, range | NDArray[np.intp]]]:
        """Rows as `csv` splits them, written again."""
        number = self.skipped

        def lines() -> Iterator[str]:
            nonlocal number
            while text := visible(stream.read(SPLIT) + stream.readline()):
                if is_odd(text):
                    raise UnlikeError
                for line in text.decode().splitlines(keepends=True):
                    number += 1
                    if line[0] != "#":
                        yield line
                    else:
                        self.comments += 1

        rows = csv.reader(lines(), delimiter=self.separator)
        made, last = io.StringIO(), []
        writer = csv.writer(made, delimiter=self.separator, lineterminator="\n")
        try:
            for row in rows:
                if len(row) == self.columns:
                    writer.writerow(map(unwrapped, row))
                    last.append(number)
                elif is_row(row):
                    raise UnlikeError
                if made.tell() >= SPLIT:
                    yield made.getvalue().encode(), np.array(last)
                    made.seek(0)
                    made.truncate()
                    last.clear()
        except csv.Error as error:
            raise UnlikeError from error
        if last:
            yield made.getvalue().encode(), np.array(last)

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
        from pyarrow import csv as reader

        names, quoted = list(map(str, range(self.columns))), b'"' in block
        kinds = {"int64": pyarrow.int64(), "float64": pyarrow.float64(), "text": pyarrow.string()}
        table = reader.read_csv(
            pyarrow.BufferReader(block),
            reader.ReadOptions(column_names=names),
            reader.ParseOptions(
                delimiter=self.separator,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=True,
            ),
            reader.ConvertOptions(
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
        for block in self._read() if columns else ():
            for j, texts in self.parsed(block.text, dict.fromkeys(columns, "text")).items():
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


def whole_rows(stream: Any) -> bytes:
    """The next lines of a stream, up to the end of a row; empty at the end.

    Raises:
        UnlikeError: where a quoted cell does not end.
    """
    parts = [visible(stream.read(BLOCK) + stream.readline())]
    comments = COMMENT.findall(parts[0]) + re.findall(rb"\A#[^\n]*", parts[0])
    quotes = parts[0].count(b'"') - sum(comment.count(b'"') for comment in comments)
    size = 0
    while quotes % 2 and (line := visible(stream.readline())):
        parts.append(line)
        quotes, size = quotes + (line[:1] != b"#" and line.count(b'"')), size + len(line)
        if size > LARGEST * BLOCK:
            raise UnlikeError
    return b"".join(parts)


def visible(text: bytes) -> bytes:
    """Text in UTF-8 without characters that have no width."""
    return text if text.isascii() else INVISIBLE.sub(b"", text)


def without_unused(text: bytes, separator: bytes) -> tuple[bytes, NDArray[np.intp], int]:
    """Whole rows without comments and blank lines, the numbers of those kept, and how many are comments."""
    read = np.frombuffer(text, dtype=np.uint8)
    starts = np.append(0, np.flatnonzero(read == ord("\n")) + 1)
    ends = np.append(starts[1:], len(text))
    starts, ends = starts[starts < len(text)], ends[starts < len(text)]
    comment = read[starts] == ord("#")
    quotes = np.flatnonzero(read == ord('"'))
    quotes = quotes[~comment[np.searchsorted(starts, quotes, side="right") - 1]]
    spaced = np.isin(read[starts], [*b" \t\r\n"]) & (np.searchsorted(quotes, starts) % 2 == 0)
    unused = comment.copy()
    for i in np.flatnonzero(spaced).tolist():
        unused[i] = not text[starts[i] : ends[i]].replace(separator, b"x").strip()
    out = np.flatnonzero(unused)
    pairs = zip(np.append(0, ends[out]).tolist(), np.append(starts[out], len(text)).tolist(), strict=True)
    return b"".join(text[a:b] for a, b in pairs), np.flatnonzero(~unused), int(comment.sum())


def is_odd(block: bytes) -> bool:
    """Whether a block has what pyarrow and `csv` may read in other ways."""
    if any(block.find(byte) >= 0 for byte in ODD):
        return True
    if block.find(b"\r") >= 0 and block.count(b"\r") != block.count(b"\r\n"):
        return True
    if block.find(b'"') >= 0 and any(block.find(text) >= 0 for text in MARKED):
        return True
    return not block.isascii() and ENDS.search(block) is not None


def has_stray_quotes(block: bytes, separator: str) -> bool:
    """Whether a quote is neither at an end of a cell nor doubled within one in quotes, or in a formula."""
    if b'"' not in block:
        return False
    if FORMULA in block:
        return True
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
