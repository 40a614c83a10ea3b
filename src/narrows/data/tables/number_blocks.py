"""Columns of plain numbers in delimited text, read by pyarrow a block at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.columns import Array

FIRST, BLOCK = 2**16, 2**25
"""Bytes that are read first, which as a rule tell whole numbers from others, and then at a time."""

ODD = b'"\x00\x0b\x0c\x1c\x1d\x1e'
"""What a plain file does not have: quotes, and bytes that are no text or end a line."""

INVISIBLE = re.compile(b"\xc2\x85|\xe2\x80[\x8b\xa8\xa9]|\xe2\x81\xa0|\xef\xbb\xbf")
"""Nor other ends of lines, and characters without width, in UTF-8."""

DAYS = 19_000_000, 20_999_999
"""Whole numbers that may be dates, as 20240131."""

PIECE = 2**17
"""Bytes that are looked at together."""

MOST_DIGITS = 15
"""Whole numbers with more digits are no integers for a model."""


class UnlikeError(Exception):
    """The file is not plain."""


class Blocks:
    """The bytes of a plain text file, in blocks of whole lines.

    Args:
        file: its path.
        separator: of cells.
        columns: how many cells a line has.
        header: whether the first line has names.
    """

    def __init__(self, file: Path, separator: str, columns: int, header: bool) -> None:
        self.file, self.separator, self.columns, self.header = file, separator, columns, header
        self.stamp = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        about = self.file.stat()
        return about.st_size, about.st_mtime_ns

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        """Each block without the line of names, and the share of the file up to its end.

        Raises:
            UnlikeError: for a block that is not plain.
        """
        for done, block in self._read():
            if is_odd(block):
                raise UnlikeError
            yield done, block

    def _read(self) -> Iterator[tuple[float, bytes]]:
        size, done, wanted = max(1, self.stamp[0]), 0, FIRST
        with self.file.open("rb") as stream:
            if self.header:
                done += len(stream.readline())
            while block := stream.read(wanted) + stream.readline():
                done, wanted = done + len(block), BLOCK
                yield done / size, block

    def parsed(self, block: bytes, types: dict[int, str]) -> list[Any]:
        """The columns that are keys of `types`, as arrays of pyarrow of these types.

        Raises:
            ArrowInvalid: for lines of other lengths, or a cell of another type.
        """
        import pyarrow
        from pyarrow import csv

        names = list(map(str, range(self.columns)))
        kinds = {"int64": pyarrow.int64(), "float64": pyarrow.float64(), "text": pyarrow.string()}
        table = csv.read_csv(
            pyarrow.BufferReader(block),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=self.separator, quote_char=False),
            csv.ConvertOptions(
                column_types={str(j): kinds[kind] for j, kind in types.items()},
                include_columns=list(map(str, types)),
                null_values=[""],
            ),
        )
        return [column.combine_chunks() for column in table.columns]

    def texts(self, columns: Sequence[int]) -> list[list[str]]:
        """The texts of columns; equal ones of a block are one object.

        Raises:
            InputError: when the file is another than before.
        """
        if self._stamp() != self.stamp:
            raise InputError(f"{self.file.name} changed while it was read; read it again.")
        found: list[list[str]] = [[] for _ in columns]
        for _, block in self._read():
            for texts, column in zip(found, self.parsed(block, dict.fromkeys(columns, "text")), strict=True):
                coded = column.dictionary_encode()
                words = np.array(coded.dictionary.to_pylist(), dtype=object)
                texts += words[coded.indices.to_numpy()].tolist()
        return found


def is_odd(block: bytes) -> bool:
    """Whether a block has what a plain file does not have, or a comment."""
    if any(block.find(byte) >= 0 for byte in ODD):
        return True
    if block.find(b"#") >= 0 and (block.startswith(b"#") or b"\n#" in block):
        return True
    return not block.isascii() and INVISIBLE.search(block) is not None


class Numbers:
    """Columns of plain numbers: finite, in Python's notation, no codes with zeros in front, no dates.

    Attributes:
        columns: their numbers in the file; a column in which another cell is found is left out.
        dtypes: of each, int64 or float64.
        rows: how many have been read.
        values: `(rows, columns)`, NaN where a cell is missing, once they are joined.
    """

    def __init__(self, columns: Sequence[int]) -> None:
        self.types = dict.fromkeys(columns, "int64")
        self.long: set[int] = set()
        self.rows = 0
        self.parts: list[tuple[tuple[int, ...], Array]] = []
        self.values: Array = np.empty((0, 0))

    @property
    def columns(self) -> list[int]:
        return list(self.types)

    @property
    def dtypes(self) -> list[str]:
        return ["float64" if j in self.long else kind for j, kind in self.types.items()]

    def add(self, blocks: Blocks, block: bytes) -> None:
        """Read one more block.

        Raises:
            UnlikeError: for blank lines and lines of other lengths, and where no column of numbers is left.
        """
        from pyarrow import ArrowInvalid

        if not self.types:
            raise UnlikeError
        try:
            if has_zeros_in_front(block, blocks.separator) or has_hexadecimals(block):
                raise ArrowInvalid
            found = dict(zip(self.types, blocks.parsed(block, self.types), strict=True))
        except ArrowInvalid:
            try:
                texts = blocks.parsed(block, dict.fromkeys(self.types, "text"))
            except ArrowInvalid as error:
                raise UnlikeError from error
            found = self._converted(dict(zip(self.types, texts, strict=True)))
        rows = block.count(b"\n") + (not block.endswith(b"\n"))
        if any(len(column) != rows for column in found.values()):
            raise UnlikeError  # blank lines
        self.rows += rows
        self._keep(found)

    def _converted(self, texts: dict[int, Any]) -> dict[int, Any]:
        """The columns whose texts are all numbers; types change where they have to, and others are left out.

        Those with zeros, a plus or spaces around a number are among the others.
        """
        import pyarrow
        import pyarrow.compute as pc

        found = {}
        for j, column in texts.items():
            empty = pc.equal(column, "")
            known = pc.if_else(empty, None, column)
            other = pc.any(pc.match_substring_regex(known, r"^[\s+]|^-?0[0-9xX]|\s$")).as_py()
            for kind in () if other else ("int64", "float64")[self.types[j] == "float64" :]:
                try:
                    found[j] = pc.cast(known, getattr(pyarrow, kind)())
                except pyarrow.ArrowInvalid:
                    continue
                self.types[j] = kind
                break
            else:
                del self.types[j]
        return found

    def _keep(self, found: dict[int, Any]) -> None:
        """Keep the values of columns; those that say something else as texts are left out."""
        made = {}
        for j, column in found.items():
            values = column.to_numpy(zero_copy_only=False).astype(np.float64)
            if np.isinf(values).any() or np.isnan(values).sum() != column.null_count or may_be_days(values):
                del self.types[j]
                continue
            made[j] = values
            if self.types[j] == "int64" and (np.abs(values) >= 10.0**MOST_DIGITS).any():
                self.long.add(j)
        rows = np.column_stack([*made.values()]) if made else np.empty((0, 0))
        self.parts.append((tuple(made), rows))

    def join(self) -> None:
        """Join the blocks; each is given up when it is copied."""
        self.values = np.empty((self.rows, len(self.types)))
        self.parts.reverse()
        first = 0
        while self.parts and self.types:
            columns, rows = self.parts.pop()
            kept = [columns.index(j) for j in self.types]
            self.values[first : first + len(rows)] = rows if len(kept) == len(columns) else rows[:, kept]
            first += len(rows)


def has_zeros_in_front(block: bytes, separator: str) -> bool:
    """Whether a cell may begin with a zero before a digit, as a postcode does."""
    read = np.frombuffer(b"\n" + block[:2] + b"\n" + block, dtype=np.uint8)
    return any(
        begins_with_zeros(read[first : first + PIECE + 2], ord(separator))
        for first in range(0, len(read), PIECE)
    )


def begins_with_zeros(read: NDArray[np.uint8], separator: int) -> bool:
    """As `has_zeros_in_front`, of a few bytes, which fit into the cache of a processor."""
    found = read[1:-1] == ord("0")
    found &= (read[2:] - np.uint8(ord("0"))) < 10
    before = read[:-2]
    found &= (before == separator) | (before == ord("\n")) | (before == ord(" "))
    return bool(found.any())


def has_hexadecimals(block: bytes) -> bool:
    """Whether a cell may be a number such as 0x1f, which pyarrow reads as one."""
    return any(block.find(x) >= 0 and b"0" + x in block for x in (b"x", b"X"))


def may_be_days(values: NDArray[np.float64]) -> bool:
    """Whether one of `values (n,)` may be a date, as 20240131."""
    within = values[(values >= DAYS[0]) & (values <= DAYS[1])]
    return bool((within % 1 == 0).any())
