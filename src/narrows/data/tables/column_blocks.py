"""The columns of a large text file, read a block at a time: numbers become arrays, others texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.tables.blocks import Block, Blocks, Collected
from narrows.data.tables.coded import Coded, LateTexts
from narrows.data.tables.date_columns import DateColumn
from narrows.data.tables.missing import is_given, value_of
from narrows.data.tables.number_columns import FORMS, NumberColumn, has_character
from narrows.data.tables.streams import UnlikeError

PIECE = 2**17
"""Bytes that are looked at together."""

ZERO_IN_FRONT = r"^\s*[-+]?0[0-9xX]"


class Columns:
    """The columns of a file, of which those of numbers and dates are told by its first rows.

    Args:
        blocks: the file.
        first: the first rows, `columns` sequences of texts.
        numeric: the columns that may be numbers or dates.
        named: texts that stand for a missing cell.

    Attributes:
        numbers: by the number of the column.
        dates: by the number of the column.
        words: the others.
        rows: how many have been read.
        lines: the number of the last line of each row, in parts of consecutive rows.
        zeros: whether a number of the last block may begin with a zero.
    """

    def __init__(
        self, blocks: Blocks, first: Sequence[Sequence[str]], numeric: Collection[int], named: Sequence[str]
    ) -> None:
        self.blocks = blocks
        given = is_given(named)
        self.marks = [value for text in named if (value := value_of(text)) is not None]
        found = {j: NumberColumn.of(j, first[j], given) for j in numeric}
        self.numbers = {
            j: c for j, c in found.items() if c is not None and not (c.kind == "comma" and self.marks)
        }
        dated = {j: DateColumn.of(j, first[j], given, named) for j in numeric if j not in self.numbers}
        self.dates = {j: column for j, column in dated.items() if column is not None}
        others = {*range(len(first))} - self.numbers.keys() - self.dates.keys()
        self.words = {j: Collected() for j in sorted(others)}
        self.late: list[int] = []
        self.missing = {""}
        self.zeros = False
        self.rows = 0
        self.lines: list[range | NDArray[np.intp]] = []
        self.parts: list[tuple[tuple[int, ...], Array]] = []

    def add(self, block: Block) -> None:
        """Read one more block.

        Raises:
            UnlikeError: for rows of other lengths, and where no column of numbers is left.
        """
        from pyarrow import ArrowInvalid

        if not self.numbers:
            raise UnlikeError
        try:
            found = self._parsed(block.text)
        except ArrowInvalid as error:
            raise UnlikeError from error
        if len(next(iter(found.values()))) != len(block.lines):
            raise UnlikeError
        self.lines.append(block.lines)
        self.rows += len(block.lines)
        for j, column in self.words.items():
            column.add(found[j])
        for j in [j for j, column in self.dates.items() if not column.add(found[j])]:
            del self.dates[j]
            self.late.append(j)
        self._keep({j: self._values(column, found[j]) for j, column in self.numbers.items()})

    def _parsed(self, block: bytes) -> dict[int, Any]:
        """The columns of a block, those of numbers as numbers where their texts tell nothing else."""
        self.zeros = has_zeros_in_front(block, self.blocks.separator) or has_hexadecimals(block)
        text = [
            *self.words,
            *self.dates,
            *(j for j, column in self.numbers.items() if column.kind == "comma"),
        ]
        types = {j: column.kind for j, column in self.numbers.items()} | dict.fromkeys(text, "text")
        found = self._tried(block, types)
        numbers = {j: found[j] for j in types if types[j] != "text"}
        if not numbers or "string" in {str(array.type) for array in numbers.values()}:
            return found
        zeros = self.zeros
        telling = [j for j, array in numbers.items() if zeros or self._tells(self.numbers[j], array)]
        texts = self.blocks.parsed(block, dict.fromkeys(telling, "text")) if telling else {}
        for j, array in numbers.items():
            column, nulls = self.numbers[j], array.null_count
            if j in texts and ((zeros and has_zero(texts[j])) or self._is_new(column, array)):
                found[j] = texts[j]
            elif nulls:
                column.add_others(counted(texts[j].filter(array.is_null())) if j in texts else {"": nulls})
        return found

    def _tried(self, block: bytes, types: dict[int, str]) -> dict[int, Any]:
        """The columns as these `types`, or all as texts; from then on their missing cells are known."""
        from pyarrow import ArrowInvalid

        try:
            return self.blocks.parsed(block, types, self.missing)
        except ArrowInvalid:
            return self.blocks.parsed(block, dict.fromkeys(types, "text"))

    def _tells(self, column: NumberColumn, array: Any) -> bool:
        """Whether the texts of numbers are needed: the first ones, missing ones, or infinite ones."""
        return (array.null_count > 0 and len(self.missing) > 1) or self._is_new(column, array)

    def _is_new(self, column: NumberColumn, array: Any) -> bool:
        """Whether a block has the first numbers of a column, or some that are none."""
        import pyarrow.compute as pc

        if not column.texts and array.null_count < len(array):
            return True
        values = array.to_numpy(zero_copy_only=False) if self.marks else np.empty(0)
        return bool(np.isin(values, self.marks).any()) or not pc.all(pc.is_finite(array)).as_py()

    def _values(self, column: NumberColumn, array: Any) -> Array | None:
        """The numbers of a block of a column, NaN where a cell is missing; None if it has other texts."""
        if str(array.type) == "string":
            return self._converted(column, array)
        values = array.to_numpy(zero_copy_only=False).astype(np.float64)
        return values if column.accepts(values) else None

    def _converted(self, column: NumberColumn, texts: Any) -> Array | None:
        """The numbers in texts; None if others are not missing."""
        import pyarrow
        import pyarrow.compute as pc

        trimmed, plain = texts, None
        if column.kind == "comma" and not self.zeros:
            plain = with_commas(texts)
        if plain is None:
            trimmed = pc.utf8_trim_whitespace(texts)
            known = pc.match_substring_regex(trimmed, f"^(?:{FORMS[column.kind]})$")
            points = pc.replace_substring(trimmed, ",", ".") if column.kind == "comma" else trimmed
            plain = pc.if_else(known, points, None).cast("float64")
        known, values = pc.is_valid(plain), plain.to_numpy(zero_copy_only=False)
        if (marked := np.isin(values, self.marks)).any():
            values, known = np.where(marked, np.nan, values), pc.and_not(known, pyarrow.array(marked))
        others = counted(texts.filter(pc.invert(known)))
        if not column.add_others(others):
            return None
        numbers = trimmed.filter(known)
        if column.kind == "comma":
            column.lengthened(numbers)
        else:
            self.missing |= {*others}
        new = column.begin(numbers)
        whole = column.kind != "int64" or not pc.any(pc.match_substring_regex(numbers, "[.eE]")).as_py()
        fits = column.accepts(values) and ((whole and not column.long) or column.grown(new=new))
        return values if fits else None

    def _keep(self, found: dict[int, Array | None]) -> None:
        """Keep the numbers of a block; a column without them is read as texts in the end."""
        made = {j: values for j, values in found.items() if values is not None}
        for j in found.keys() - made.keys():
            del self.numbers[j]
            self.late.append(j)
        self.parts.append((tuple(made), np.column_stack([*made.values()]) if made else np.empty((0, 0))))

    def join(self) -> None:
        """Join the blocks; each is given up when it is copied."""
        whole = np.empty((self.rows, len(self.numbers)))
        self.parts.reverse()
        first = 0
        while self.parts and self.numbers:
            columns, rows = self.parts.pop()
            kept = [columns.index(j) for j in self.numbers]
            whole[first : first + len(rows)] = rows if len(kept) == len(columns) else rows[:, kept]
            first += len(rows)
        for i, column in enumerate(self.numbers.values()):
            column.values = whole[:, i]
            column.raw = self._late(column.place)
        for dates in self.dates.values():
            dates.join(self._late(dates.place))

    def _late(self, column: int) -> LateTexts:
        """The texts of a column, read when they are asked for."""
        return LateTexts(lambda: self.blocks.texts([column])[column], self.rows)

    def texts(self) -> dict[int, Coded]:
        """The texts of all columns but those of numbers and dates."""
        return {j: column.coded() for j, column in self.words.items()} | self.blocks.texts(self.late)


def with_commas(texts: Any) -> Any:
    """Finite numbers of texts with decimal commas, null where one is empty; None if they have others."""
    import pyarrow.compute as pc
    from pyarrow import ArrowInvalid

    if has_character(texts, b"."):
        return None
    given = pc.if_else(pc.equal(texts, ""), None, texts)
    try:
        values = pc.replace_substring(given, ",", ".").cast("float64")
    except ArrowInvalid:
        return None
    return None if pc.all(pc.is_finite(values)).as_py() is False else values


def counted(texts: Any) -> dict[str, int]:
    """How often each text of an array of pyarrow occurs."""
    return {each["values"]: each["counts"] for each in texts.value_counts().to_pylist()}


def has_zero(texts: Any) -> bool:
    """Whether a text begins with a zero before a digit or an x."""
    import pyarrow.compute as pc

    return bool(pc.any(pc.match_substring_regex(texts, ZERO_IN_FRONT)).as_py())


def has_zeros_in_front(block: bytes, separator: str) -> bool:
    """Whether a cell may begin with a zero before a digit, as a postcode does."""
    read = np.frombuffer(b"\n" + block[:2] + b"\n" + block, dtype=np.uint8)
    begins = [ord(separator), ord("\n"), ord('"')]
    if separator.encode() + b" " in block:
        begins.append(ord(" "))
    return any(
        begins_with_zeros(read[first : first + PIECE + 2], begins) for first in range(0, len(read), PIECE)
    )


def begins_with_zeros(read: NDArray[np.uint8], begins: Sequence[int]) -> bool:
    """As `has_zeros_in_front`, of a few bytes, which fit into the cache of a processor."""
    found = read[1:-1] == ord("0")
    found &= (read[2:] - np.uint8(ord("0"))) < 10
    before = np.zeros(len(found), dtype=np.bool_)
    for byte in begins:
        before |= read[:-2] == byte
    return bool((found & before).any())


def has_hexadecimals(block: bytes) -> bool:
    """Whether a cell may be a number such as 0x1f, which pyarrow reads as one."""
    return any(block.find(x) >= 0 and b"0" + x in block for x in (b"x", b"X"))
