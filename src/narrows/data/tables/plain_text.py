"""Read large delimited text by pyarrow where its cells are plain: numbers become arrays at once.

Plain is a file in UTF-8 without quotes, comments or blank lines, separated by commas or tabs, in which all
lines have as many cells. Its columns of numbers in Python's notation become arrays; the others are read as
texts, and understood as those of any file (`narrows.data.tables.cells`). Other files are left to
`narrows.data.tables.text`, which reads these alike, but takes more time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from narrows.core.memory import check_room
from narrows.core.steps import step
from narrows.data.columns import default_names
from narrows.data.tables.cells import Cells, meaning
from narrows.data.tables.headers import repeated_names
from narrows.data.tables.lines import TRIED, Line, padded_titles
from narrows.data.tables.notation import PLAIN, number
from narrows.data.tables.number_blocks import Blocks, Numbers, UnlikeError
from narrows.data.tables.table import Table
from narrows.data.tables.text import SEPARATORS, Asked, form_of, has_header, header_notes, split
from narrows.data.tables.totals import may_be_sum
from narrows.data.tables.units import COMPARED, MOST, unit_rows

LEAST_BYTES = 2**22
"""The size of a file from which on it is read so."""

HEAD_LINES, HEAD_BYTES = 1 + MOST + COMPARED, 2**26
"""The first lines, which tell the separator and the names of the columns, and their size at the most."""


class Head(NamedTuple):
    """What the first lines of a file say: the separator, the first line, and the names of the columns."""

    separator: str
    first: Line
    names: tuple[str, ...]
    header: bool


class Places(Sequence[str]):
    """The places of the rows of a file without blank lines, for messages."""

    def __init__(self, file: str, first: int, rows: int) -> None:
        self.file, self.numbers = file, range(first, first + rows)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        return f"Line {self.numbers[row]} of {self.file}"


class LateTexts(Sequence[str | None]):
    """The texts of a column as they came, None where one is missing; read when they are asked for."""

    def __init__(self, blocks: Blocks, column: int, rows: int) -> None:
        self.blocks, self.column, self.rows = blocks, column, rows

    @cached_property
    def texts(self) -> list[str | None]:
        return [text or None for text in self.blocks.texts([self.column])[0]]

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, row: Any) -> Any:
        return self.texts[row]


def read_plain(file: Path, asked: Asked) -> Table | None:
    """The table in a large plain text file; None for any other file, or without pyarrow.

    Raises:
        InputError: when there is no room for its cells.
    """
    named = (*asked.missing, *(asked.form.missing if asked.form else ()))
    if named or file.stat().st_size < LEAST_BYTES:
        return None
    try:
        import pyarrow.csv  # noqa: F401
    except ImportError:
        return None
    head = read_head(file, asked)
    if head is None:
        return None
    try:
        return table_in(file, head, asked)
    except UnlikeError:
        return None


def read_head(file: Path, asked: Asked) -> Head | None:
    """What the first lines say; None if they are not those of a plain file."""
    with file.open("rb") as stream:
        read = list(lines_within(stream, HEAD_BYTES))
    try:
        text = b"".join(read).decode()
    except UnicodeDecodeError:
        return None
    if len(read) <= TRIED or text[:1] in ("\ufeff", "#") or text.startswith("sep=") or '"' in text:
        return None
    separator, lines, said = split(text, file.name)
    titles = asked.headed is not False and padded_titles(lines)
    if separator not in (",", "\t") or said or titles or len(lines) != len(read):
        return None
    cells = [line.cells for line in lines]
    header = has_header(cells[:1000], asked)
    if (header and unit_rows(cells[1:])) or (asked.header is not False and repeated_names(cells)):
        return None
    names = tuple(name.strip() for name in cells[0]) if header else default_names(len(cells[0]))
    usual = len({*names}) == len(names) > 1 and all(names[1:]) and {*map(len, cells)} == {len(names)}
    return Head(separator, lines[0], names, header) if usual else None


def lines_within(stream: Any, size: int) -> Iterator[bytes]:
    """The first lines of a stream, of so many bytes together at the most."""
    for _ in range(HEAD_LINES):
        line = stream.readline(size)
        size -= len(line)
        if not line.endswith(b"\n"):
            return
        yield line


def table_in(file: Path, head: Head, asked: Asked) -> Table | None:
    """The table in a file that begins with `head`; None where other columns than numbers decide how to read.

    Raises:
        UnlikeError: for a file that is not plain.
    """
    known = asked.levels or {}
    notations = asked.form.notations if asked.form else {}
    tried = [j for j, name in enumerate(head.names) if not known.get(name) and name not in notations]
    blocks = Blocks(file, head.separator, len(head.names), head.header)
    found = numbers_in(blocks, tried)
    if not is_settled(found, head):
        return None
    others = [j for j in range(len(head.names)) if j not in found.columns]
    raw = dict(zip((head.names[j] for j in others), blocks.texts(others) if others else (), strict=True))
    said = meaning(raw, form_of(asked, head.header), asked.levels)
    if {*said.form.notations} - {*notations}:
        return None  # numbers with signs or separators may tell how to read others
    rows = len(found.values)
    columns = {
        head.names[j]: Cells(
            found.values[:, i], found.dtypes[i], raw=LateTexts(blocks, j, rows), notation=PLAIN
        )
        for i, j in enumerate(found.columns)
    } | said.columns
    separated = () if head.separator == "," else (f"Separated by {SEPARATORS[head.separator]}.",)
    notes = (*separated, *header_notes(head.first.cells, head.header), *said.notes)
    places = Places(file.name, 1 + head.header, rows)
    return Table(file.name, {name: columns[name] for name in head.names}, places, said.form, notes)


def numbers_in(blocks: Blocks, columns: Sequence[int]) -> Numbers:
    """The columns of plain numbers among `columns`.

    Raises:
        UnlikeError: for a file that is not plain.
    """
    found = Numbers(columns)
    for done, block in blocks:
        found.add(blocks, block)
        if done < 1:
            check_room(8 * len(found.columns) * found.rows / done, f"The cells of {blocks.file.name} are")
            step(f"reading {blocks.file.name}: {100 * done:.0f} %")
    found.join()
    return found


def is_settled(found: Numbers, head: Head) -> bool:
    """Whether the columns of numbers tell that no line is one of names, of sums, or without values."""
    if not len(found.columns) or not len(found.values):
        return False
    named = not head.header or any(number(head.names[j]) is None for j in found.columns)
    last = found.values[-1]
    if not named or np.isnan(last).all():
        return False
    return not all(may_be_sum(column) for column in found.values.T)
