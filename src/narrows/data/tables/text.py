"""Read delimited text: the encoding, the separator, comments and the line of names are found in the file."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from narrows.core.errors import InputError, few
from narrows.core.memory import check_room
from narrows.data.columns import default_names
from narrows.data.tables.cells import Form, as_read, meaning
from narrows.data.tables.headers import is_header, repeated_names
from narrows.data.tables.lines import Line, below_titles, padded_titles
from narrows.data.tables.notation import PLAIN, number
from narrows.data.tables.splitting import SEPARATORS, split
from narrows.data.tables.table import Table
from narrows.data.tables.totals import ends_in_totals
from narrows.data.tables.units import COMPARED, MOST, unit_rows

ENCODINGS = {
    "utf-16": "Encoding UTF-16.",
    "utf-16-le": "Encoding UTF-16.",
    "utf-16-be": "Encoding UTF-16.",
    "cp1252": "Not in UTF-8: read as Windows-1252; if letters are wrong, save the file as UTF-8.",
}
"""Sentences about encodings other than UTF-8."""

INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
"""Characters without width, which web pages leave in cells: they would make words of numbers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a table before it is read.

    Attributes:
        header: whether the first line has the names of the columns; inferred if None.
        form: that of the file that a model was fitted to, if there is one.
        missing: further texts that stand for a missing cell.
        levels: of the columns of a model the words, none for numbers.
    """

    header: bool | None = None
    form: Form | None = None
    missing: tuple[str, ...] = ()
    levels: Mapping[str, Collection[str]] | None = None

    @property
    def headed(self) -> bool | None:
        """Whether the first line has names, as the user says, or as in the file of the model."""
        return self.form.header if self.header is None and self.form is not None else self.header


def read_text(file: Path, asked: Asked = Asked()) -> Table:
    """A delimited text file, plain or gzipped, with or without a line of column names.

    Raises:
        InputError: when it is no text, has no rows, or has rows of different lengths.
    """
    text, encoding = decoded(file)
    try:
        found = split(text, file.name)
    except csv.Error as error:
        raise InputError(f"{file.name} cannot be read as comma-separated text: {error}.") from error
    table = table_of(file.name, found.lines, asked, "," if found.separator == ";" else ".")
    return replace(table, notes=(*form_notes(encoding, found.separator), *found.notes(), *table.notes))


def form_notes(encoding: str, separator: str) -> tuple[str, ...]:
    """Sentences about an encoding other than UTF-8, and a separator other than commas."""
    separated = [] if separator == "," else [f"Separated by {SEPARATORS[separator]}."]
    return (*([ENCODINGS[encoding]] if encoding in ENCODINGS else []), *separated)


def decoded(file: Path) -> tuple[str, str]:
    """The text of a file, and its encoding: UTF-8, UTF-16, or else Windows-1252."""
    content = file.read_bytes()
    if content[:2] == b"\x1f\x8b":
        check_room(int.from_bytes(content[-4:], "little"), f"{file.name} unpacks to")
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{file.name} cannot be read as gzipped text: {error}.") from error
    for encoding in encodings_of(content, file.name):
        try:
            return INVISIBLE.sub("", content.decode(encoding)), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"{file.name} cannot be read as comma-separated text: it is none in UTF-8, UTF-16 or Windows-1252; "
        f"save it as UTF-8."
    )


def encodings_of(content: bytes, file: str) -> list[str]:
    """The encodings that text with this `content`, or beginning with it, may be in.

    Raises:
        InputError: when it is no text.
    """
    if content[:4] == b"PK\x03\x04":
        raise InputError(
            f"{file} is no text, but an Excel or zip file; let its name end as it did, in .xlsx."
        )
    zeros = content[:2000].count(b"\0")
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    halves = content[:400:2], content[1:400:2]
    if zeros and not wide and all(2 * half.count(b"\0") < len(half) for half in halves):
        raise InputError(f"{file} cannot be read as comma-separated text: it holds bytes that are no text.")
    if wide:
        return ["utf-16"]
    if zeros:
        return ["utf-16-be" if content[:1] == b"\0" else "utf-16-le"]
    return ["utf-8-sig", "cp1252"]


class Beginning(NamedTuple):
    """The lines of a table, and what the first of them are.

    Attributes:
        names: the line with the names of the columns, None without one.
        units: rows of units below it.
        body: the rows, without those that repeat the names, and without empty ones at the end.
        again: how many repeat the names.
        empty: how many are empty at the end.
        titles: sentences about lines above the names.
    """

    names: Line | None
    units: list[Line]
    body: list[Line]
    again: int
    empty: int
    titles: tuple[str, ...]

    def said(self) -> tuple[str, ...]:
        """Sentences about lines that are above the names or repeat them."""
        again = f"Lines that repeat the names of the columns are left out: {self.again:,}."
        return (*self.titles, again) if self.again else self.titles

    def notes(self) -> tuple[str, ...]:
        """Sentences about the first row, rows of units, and empty ones at the end."""
        first = self.names or self.body[0]
        empty = [f"Rows without a value at the end are left out: {self.empty:,}."] if self.empty else []
        header = header_notes(first.cells, self.names is not None)
        return (*header, *map(about_units, self.units), *empty)


def beginning(lines: Sequence[Line], asked: Asked) -> Beginning:
    """What the lines of a table are: titles, names, units, rows."""
    lines, titles = below_titles(lines, 0 if asked.headed is False else padded_titles(lines))
    again = {*repeated_names([line.cells for line in lines])} if asked.header is not False else set()
    lines = [line for i, line in enumerate(lines) if i not in again]
    header = has_header([line.cells for line in lines[:1000]], asked)
    body, empty = list(lines[1:] if header else lines), 0
    while body and not any(cell.strip() for cell in body[-1].cells):
        body.pop()
        empty += 1
    units = unit_rows([line.cells for line in body[: MOST + COMPARED]]) if header else 0
    names = lines[0] if header and lines else None
    return Beginning(names, body[:units], body[units:], len(again), empty, tuple(titles))


def table_of(file: str, lines: Sequence[Line], asked: Asked = Asked(), decimal: str = ".") -> Table:
    """The table in rows of text, whose first may have the names of the columns."""
    found = beginning(lines, asked)
    names, body = found.names, found.body
    if not body:
        raise InputError(f"{file} holds no rows.")
    columns, blank = named_columns(file, names.cells if names else None, body)
    empty = [f"Columns without name and values are left out: {blank:,}."] if blank else []
    read = meaning(as_read(columns), form_of(asked, names is not None), asked.levels, decimal)
    if ends_in_totals(read.columns):
        above = [*([names] if names else []), *found.units, *body[:-1]]
        rest = table_of(file, above, replace(asked, header=names is not None), decimal)
        sums = f"{body[-1].place} is left out: it has the sums of the columns."
        return replace(rest, notes=(*found.said(), *rest.notes, sums))
    places, notes = [line.place for line in body], (*found.said(), *found.notes(), *empty, *read.notes)
    return Table(file, read.columns, places, read.form, notes)


def about_units(line: Line) -> str:
    """The sentence about a row of units."""
    words = [cell.strip() for cell in line.cells if cell.strip()]
    return f"{line.place} is left out, as a row of units, or of other words above numbers: {few(words)}."


def form_of(asked: Asked, header: bool) -> Form:
    """How cells are read: as in the file of the model, if there is one, and as the user asked."""
    if asked.form is None:
        return Form(header, asked.missing)
    numbers = [name for name, words in (asked.levels or {}).items() if not words]
    notations = {name: asked.form.notations.get(name, PLAIN) for name in numbers}
    return Form(header, (*asked.form.missing, *asked.missing), notations)


def has_header(rows: Sequence[Sequence[str]], asked: Asked) -> bool:
    """Whether the first row has the names of the columns: as asked, as for the model, or by `rows`."""
    if asked.header is not None or not rows:
        return bool(asked.header)
    known = {*(asked.levels or ())}
    if known and known <= {cell.strip() for cell in rows[0]}:
        return True
    return is_header(rows[0], rows[1:]) if asked.form is None else asked.form.header


def header_notes(first: Sequence[str], header: bool) -> tuple[str, ...]:
    """A sentence about the first row, where it could be read in another way."""
    if not header:
        return ("The first line is a row of data; --header makes it the names of the columns.",)
    if not all(number(name) is not None for name in first if name.strip()):
        return ()
    return (
        f"The first line has the names of the columns: {few(first)}; --no-header makes it a row of data.",
    )


def named_columns(
    file: str, header: Sequence[str] | None, body: Sequence[Line]
) -> tuple[dict[str, Sequence[str]], int]:
    """The columns of `body` by name, and the number of those left out, which have neither name nor values.

    Raises:
        InputError: for rows with another number of cells than names, or a name that occurs twice.
    """
    names = [name.strip() for name in header] if header else list(default_names(len(body[0].cells)))
    lengths = {len(line.cells) for line in body}
    if header and lengths == {len(names) + 1}:
        names.insert(0, "")  # as R writes the rows' names
    if header and not names[-1] and lengths == {len(names) - 1}:
        names.pop()  # a separator at the end of the first line only
    for line in body:
        if len(line.cells) != len(names):
            raise InputError(
                f"{line.place} has {len(line.cells)} cells, but the first line has {len(names)}; give each "
                f"line as many: a missing cell is an empty one, and a cell that holds the separator is in "
                f"quotes."
            )
    columns = list(zip(*(line.cells for line in body), strict=True))
    kept = [j for j, name in enumerate(names) if name or any(cell.strip() for cell in columns[j])]
    twice = [name for name, count in Counter(names[j] for j in kept).items() if count > 1]
    if twice:
        raise InputError(f"{file} names a column twice: {twice[0]!r}.")
    return {names[j]: columns[j] for j in kept}, len(names) - len(kept)
