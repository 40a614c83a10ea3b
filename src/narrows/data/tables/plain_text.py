"""Read large delimited text by pyarrow where it splits rows as `csv` does: numbers become arrays at once.

The file is in UTF-8 or Windows-1252, plain or gzipped, separated by commas, semicolons, tabs or pipes. Quotes
are at the ends of cells or doubled within them; there are no comments, blank lines, titles or rows of units,
and all rows have as many cells. Its columns are understood as those of any file
(`narrows.data.tables.cells`). Other files are left to `narrows.data.tables.text`, which reads these alike,
but takes more time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.memory import check_room
from narrows.core.steps import step
from narrows.data.columns import default_names
from narrows.data.tables.blocks import Blocks, UnlikeError, opened
from narrows.data.tables.cells import Meaning, Read, ReadTexts, meaning
from narrows.data.tables.column_blocks import Columns
from narrows.data.tables.headers import is_number, repeated_names
from narrows.data.tables.lines import TRIED, padded_titles
from narrows.data.tables.notation import number
from narrows.data.tables.number_columns import UnfitError
from narrows.data.tables.table import Table
from narrows.data.tables.text import (
    ENCODINGS,
    SEPARATORS,
    Asked,
    form_of,
    has_header,
    header_notes,
    split,
)
from narrows.data.tables.totals import may_be_sum
from narrows.data.tables.units import COMPARED, MOST, unit_rows

LEAST_BYTES = 2**22
"""The size of a file from which on it is read so."""

HEAD_LINES, HEAD_BYTES = 1 + MOST + COMPARED, 2**26
"""The first lines, which tell the separator and the columns, and their size at the most."""


class Head(NamedTuple):
    """What the first lines of a file say: encoding, separator, the names of the columns, and some rows."""

    encoding: str
    separator: str
    names: tuple[str, ...]
    header: bool
    rows: list[list[str]]


class Places(Sequence[str]):
    """The places of the rows of a file, for messages.

    Args:
        file: its name.
        lines: the line of each row, in parts of consecutive rows; the row of names is not counted.
        header: whether there is one.
    """

    def __init__(self, file: str, lines: Sequence[range | NDArray[np.intp]], header: bool) -> None:
        self.file, self.header, self.lines = file, header, lines
        self.first = np.cumsum([0, *map(len, lines)])

    def __len__(self) -> int:
        return int(self.first[-1])

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        part = int(np.searchsorted(self.first, row, side="right")) - 1
        return f"Line {self.lines[part][row - self.first[part]] + self.header} of {self.file}"


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
    for encoding in ("utf-8", "cp1252"):
        try:
            head = read_head(file, asked, encoding)
            return None if head is None else table_in(file, head, asked)
        except UnicodeDecodeError:
            continue
        except UnlikeError:
            return None
    return None


def read_head(file: Path, asked: Asked, encoding: str = "utf-8") -> Head | None:
    """What the first lines say; None if they are not those of a file that is read here.

    Raises:
        UnicodeDecodeError: for lines in another encoding.
    """
    with opened(file) as (stream, _):
        read = list(lines_within(stream, HEAD_BYTES))
    while sum(line.count(b'"') for line in read) % 2:
        read.pop()
    text = b"".join(read).decode(encoding)
    if len(read) <= TRIED or text[:1] == "#" or "\0" in text or text[:5].strip('"').startswith("sep="):
        return None
    separator, lines, said = split(text, file.name)
    titles = asked.headed is not False and padded_titles(lines)
    if separator == " " or said or titles:
        return None
    cells = [line.cells for line in lines]
    header = has_header(cells[:1000], asked)
    if (header and unit_rows(cells[1:])) or (asked.header is not False and repeated_names(cells)):
        return None
    names = tuple(name.strip() for name in cells[0]) if header else default_names(len(cells[0]))
    usual = len({*names}) == len(names) > 1 and all(names[1:]) and {*map(len, cells)} == {len(names)}
    one_line = lines[0].place.startswith("Line 1 ")
    return Head(encoding, separator, names, header, cells) if usual and one_line else None


def lines_within(stream: Any, size: int) -> Iterator[bytes]:
    """The first lines of a stream, of so many bytes together at the most."""
    for _ in range(HEAD_LINES):
        line = stream.readline(size)
        size -= len(line)
        if line and (line.endswith(b"\n") or not stream.read(1)):
            yield line


def table_in(file: Path, head: Head, asked: Asked) -> Table | None:
    """The table in a file that begins with `head`; None where other columns than numbers decide how to read.

    Raises:
        UnlikeError: where pyarrow may split rows in another way than `csv`.
        UnicodeDecodeError: for cells in another encoding.
    """
    blocks = Blocks(file, head.separator, len(head.names), head.header, head.encoding)
    found = columns_in(blocks, head, asked)
    if not is_settled(found, head):
        return None
    raw: dict[int, Read] = {j: ReadTexts(texts) for j, texts in found.texts().items()}
    said = understood(blocks, raw | found.numbers, head, asked)
    notes = [ENCODINGS[head.encoding]] if head.encoding in ENCODINGS else []
    if head.separator != ",":
        notes.append(f"Separated by {SEPARATORS[head.separator]}.")
    notes += [*header_notes(head.rows[0], head.header), *said.notes]
    places = Places(file.name, found.lines, head.header)
    return Table(file.name, said.columns, places, said.form, tuple(notes))


def columns_in(blocks: Blocks, head: Head, asked: Asked) -> Columns:
    """The columns of a file, block by block.

    Raises:
        UnlikeError: as `table_in`.
        UnicodeDecodeError: as `table_in`.
    """
    known, form = asked.levels or {}, form_of(asked, head.header)
    signed = {name for name, n in form.notations.items() if n.group or n.prefix or n.suffix}
    numeric = [j for j, name in enumerate(head.names) if not known.get(name) and name not in signed]
    first = [*zip(*head.rows[head.header :], strict=True)]
    found = Columns(blocks, first, numeric, form.missing)
    for done, block in blocks:
        found.add(block)
        if done < 1:
            check_room(8 * len(found.numbers) * found.rows / done, f"The cells of {blocks.file.name} are")
            step(f"reading {blocks.file.name}: {100 * done:.0f} %")
    found.join()
    return found


def understood(blocks: Blocks, raw: Mapping[int, Read], head: Head, asked: Asked) -> Meaning:
    """What the columns say; texts of a column that turns out to have more than numbers are read again."""
    columns = dict(raw)
    decimal = "," if head.separator == ";" else "."
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
    first = {j: head.rows[0][j].strip() for j in found.numbers}
    names = {j: text for j, text in first.items() if number(text) is None and text}
    if head.header and not any(text not in found.numbers[j].others for j, text in names.items()):
        return False
    if not head.header and any(not is_number(text) for text in names.values()):
        return False
    columns = [column.values for column in found.numbers.values()]
    if np.isnan([values[-1] for values in columns]).all():
        return False
    return not all(may_be_sum(values) for values in columns)
