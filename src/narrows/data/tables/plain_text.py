"""Read large delimited text by pyarrow where it splits rows as `csv` does: numbers become arrays at once.

The file is separated by commas, semicolons, tabs or pipes, in an encoding that is told by its begin, plain or
gzipped. Its first lines say what is above the rows, which all have as many cells. Its columns are understood
as those of any file (`narrows.data.tables.cells`). Other files are left to `narrows.data.tables.text`, which
reads these alike, but takes more time and memory.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.memory import check_room
from narrows.core.steps import step
from narrows.data.tables.blocks import Blocks, QuotesError, is_odd, visible
from narrows.data.tables.cells import Meaning, Read, ReadTexts, meaning
from narrows.data.tables.column_blocks import Columns
from narrows.data.tables.headers import is_number
from narrows.data.tables.lines import TRIED, Line
from narrows.data.tables.notation import number
from narrows.data.tables.number_columns import UnfitError
from narrows.data.tables.splitting import Split, split
from narrows.data.tables.streams import UnlikeError, opened
from narrows.data.tables.table import Table
from narrows.data.tables.text import (
    Asked,
    Beginning,
    beginning,
    encodings_of,
    form_notes,
    form_of,
    named_columns,
)
from narrows.data.tables.totals import may_be_sum
from narrows.data.tables.units import COMPARED, MOST

LEAST_BYTES = 2**22
"""The size of a file from which on it is read so."""

HEAD_LINES, HEAD_BYTES = TRIED + 1 + MOST + COMPARED, 2**26
"""The first lines, which tell the separator and the columns, and their size at the most."""


class Head(NamedTuple):
    """What the first lines of a file say.

    Attributes:
        split: their rows.
        first: what these are.
        names: of the columns.
        skipped: how many lines are above the first row of values.
        comments: how many of these begin with #.
    """

    split: Split
    first: Beginning
    names: tuple[str, ...]
    skipped: int
    comments: int

    @property
    def header(self) -> bool:
        return self.first.names is not None


class Places(Sequence[str]):
    """The places of the rows of a file, for messages.

    Args:
        file: its name.
        lines: the line of each row, in parts of consecutive rows.
    """

    def __init__(self, file: str, lines: Sequence[range | NDArray[np.intp]]) -> None:
        self.file, self.lines = file, lines
        self.first = np.cumsum([0, *map(len, lines)])

    def __len__(self) -> int:
        return int(self.first[-1])

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        part = int(np.searchsorted(self.first, row, side="right")) - 1
        return f"Line {self.lines[part][row - self.first[part]]} of {self.file}"


def read_plain(file: Path, asked: Asked) -> Table | None:
    """The table in a large text file; None for a file that pyarrow may read in another way, or without it.

    Raises:
        InputError: when there is no room for its cells.
    """
    if file.stat().st_size < LEAST_BYTES:
        return None
    try:
        import pyarrow.csv  # noqa: F401
    except ImportError:
        return None
    try:
        with opened(file) as (stream, _):
            encodings = encodings_of(stream.read(2000), file.name)
        for encoding in encodings:
            with suppress(UnicodeDecodeError):
                return table_in(file, asked, encoding.removesuffix("-sig"))
    except UnlikeError:
        return None
    return None


def table_in(file: Path, asked: Asked, encoding: str) -> Table | None:
    """The table in a file; None where other columns than numbers decide how to read.

    Raises:
        UnlikeError: where pyarrow may split rows in another way than `csv`.
        UnicodeDecodeError: for text in another encoding.
    """
    head = read_head(file, asked, encoding)
    if head is None:
        return None
    blocks = Blocks(file, head.split.separator, len(head.names), head.skipped, encoding)
    try:
        found = columns_in(blocks, head, asked)
    except QuotesError:
        blocks.by_csv = True
        found = columns_in(blocks, head, asked)
    comments = head.comments + blocks.comments
    if comments >= max(found.rows, 1) or not is_settled(found, head):
        return None
    raw: dict[int, Read] = {j: ReadTexts(texts) for j, texts in found.texts().items()}
    said = understood(blocks, raw | found.numbers | found.dates, head, asked)
    about_lines = (*head.split._replace(comments=comments).notes(), *head.first.said(), *head.first.notes())
    notes = (*form_notes(encoding, head.split.separator), *about_lines, *said.notes)
    return Table(file.name, said.columns, Places(file.name, found.lines), said.form, notes)


def read_head(file: Path, asked: Asked, encoding: str = "utf-8") -> Head | None:
    """What the first lines say; None if they are not those of a file that is read here.

    Raises:
        UnicodeDecodeError: for lines in another encoding.
    """
    with opened(file, encoding) as (stream, _):
        read, whole = first_lines(stream)
    if is_odd(visible(read)):
        return None
    text = visible(read).decode()
    try:
        found = split(text, file.name)
    except csv.Error:
        return None
    above = [line for line in text.splitlines() if line.startswith("#")]
    lines = found.lines if whole else found.lines[:-1]  # the last may go on
    if found.cut or found.separator == " " or len(above) != found.comments or len(lines) <= TRIED:
        return None
    first = beginning(lines, asked)
    if first.again or first.empty or not first.body:
        return None
    return head_of(file, found, first, lines, text)


def head_of(file: Path, found: Split, first: Beginning, lines: Sequence[Line], text: str) -> Head | None:
    """As `read_head`, where the rows and what they are is known."""
    try:
        names, blank = named_columns(file.name, first.names.cells if first.names else None, first.body)
    except InputError:
        return None
    if blank or len(names) < 2:
        return None
    before = next(i for i, line in enumerate(lines) if line is first.body[0])
    skipped = max(found.start, lines[before - 1].number if before else 0)
    comments = sum(line.startswith("#") for line in text.splitlines()[:skipped])
    return Head(found, first, tuple(names), skipped, comments)


def first_lines(stream: Any) -> tuple[bytes, bool]:
    """The first lines of a stream, comments not counted, and whether these are all."""
    lines: list[bytes] = []
    count = size = 0
    while count < HEAD_LINES and size < HEAD_BYTES:
        line = stream.readline(HEAD_BYTES)
        if not line:
            return b"".join(lines), True
        lines.append(line)
        size, count = size + len(line), count + (line[:1] != b"#")
    return b"".join(lines), not stream.read(1)


def columns_in(blocks: Blocks, head: Head, asked: Asked) -> Columns:
    """The columns of a file, block by block.

    Raises:
        UnlikeError: as `table_in`.
        UnicodeDecodeError: as `table_in`.
    """
    known, form = asked.levels or {}, form_of(asked, head.header)
    signed = {name for name, n in form.notations.items() if n.group or n.prefix or n.suffix}
    numeric = [j for j, name in enumerate(head.names) if not known.get(name) and name not in signed]
    first = [*zip(*(line.cells for line in head.first.body), strict=True)]
    found = Columns(blocks, first, numeric, form.missing)
    for block in blocks:
        found.add(block)
        if block.done < 1:
            check_room(
                8 * len(found.numbers) * found.rows / block.done, f"The cells of {blocks.file.name} are"
            )
            step(f"reading {blocks.file.name}: {100 * block.done:.0f} %")
    found.join()
    return found


def understood(blocks: Blocks, raw: Mapping[int, Read], head: Head, asked: Asked) -> Meaning:
    """What the columns say; texts of a column that turns out to have more than numbers are read again."""
    columns = dict(raw)
    decimal = "," if head.split.separator == ";" else "."
    while True:
        named = {name: columns[j] for j, name in enumerate(head.names)}
        try:
            return meaning(named, form_of(asked, head.header), asked.levels, decimal)
        except UnfitError as error:
            columns |= {j: ReadTexts(texts) for j, texts in blocks.texts([error.column]).items()}


def is_settled(found: Columns, head: Head) -> bool:
    """Whether the columns of numbers tell that no row is one of names, of sums, or without values."""
    if not found.numbers or not found.rows:
        return False
    top = [*head.names] if head.header else [cell.strip() for cell in head.first.body[0].cells]
    words = {j: text for j, text in enumerate(top) if number(text) is None and text}
    names = {j: text for j, text in words.items() if j in found.numbers}
    if head.header and words and not any(text not in found.numbers[j].others for j, text in names.items()):
        return False
    if not head.header and any(not is_number(text) for text in names.values()):
        return False
    columns = [column.values for column in found.numbers.values()]
    if np.isnan([values[-1] for values in columns]).all():
        return False
    return not all(may_be_sum(values) for values in columns)
