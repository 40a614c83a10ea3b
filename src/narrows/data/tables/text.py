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

from narrows.core.errors import InputError, few
from narrows.core.memory import check_room
from narrows.data.columns import default_names
from narrows.data.tables.cells import Form, as_read, meaning
from narrows.data.tables.headers import is_header, repeated_names
from narrows.data.tables.lines import (
    AGREEING,
    TRIED,
    Line,
    below_titles,
    lines_above,
    padded_titles,
    without_empty_ends,
)
from narrows.data.tables.missing import QUOTED
from narrows.data.tables.notation import PLAIN, number
from narrows.data.tables.table import Table
from narrows.data.tables.totals import ends_in_totals
from narrows.data.tables.units import COMPARED, MOST, unit_rows

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "pipes", ",": "commas", " ": "spaces"}
"""Separators with their names, in the order in which they are tried."""

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
        separator, lines, said = split(text, file.name)
    except csv.Error as error:
        raise InputError(f"{file.name} cannot be read as comma-separated text: {error}.") from error
    table = table_of(file.name, lines, asked, "," if separator == ";" else ".")
    notes = [ENCODINGS[encoding]] if encoding in ENCODINGS else []
    if separator != ",":
        notes.append(f"Separated by {SEPARATORS[separator]}.")
    return replace(table, notes=(*notes, *said, *table.notes))


def decoded(file: Path) -> tuple[str, str]:
    """The text of a file, and its encoding: UTF-8, UTF-16, or else Windows-1252."""
    content = file.read_bytes()
    if content[:2] == b"\x1f\x8b":
        check_room(int.from_bytes(content[-4:], "little"), f"{file.name} unpacks to")
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{file.name} cannot be read as gzipped text: {error}.") from error
    if content[:4] == b"PK\x03\x04":
        raise InputError(
            f"{file.name} is no text, but an Excel or zip file; let its name end as it did, in .xlsx."
        )
    zeros = content[:2000].count(b"\0")
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if zeros and not wide and content[1:400:2].count(b"\0") < 100 and content[0:400:2].count(b"\0") < 100:
        raise InputError(
            f"{file.name} cannot be read as comma-separated text: it holds bytes that are no text."
        )
    if zeros or wide:
        big = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
        encodings = ["utf-16" if wide else big]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return INVISIBLE.sub("", content.decode(encoding)), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"{file.name} cannot be read as comma-separated text: it is none in UTF-8, UTF-16 or Windows-1252; "
        f"save it as UTF-8."
    )


def split(text: str, file: str) -> tuple[str, list[Line], list[str]]:
    """The separator, the rows, and sentences about lines that were left out."""
    stated = re.match(r'"?sep=(.)"?\r?\n', text)
    whole = text[stated.end() :].splitlines(keepends=True) if stated else text.splitlines(keepends=True)
    first = 2 if stated else 1
    comments = find_comments(whole)
    kept = [line for i, line in enumerate(whole) if i not in comments]
    numbers = [first + i for i in range(len(whole)) if i not in comments]
    separator = stated[1] if stated and stated[1] in SEPARATORS else find_separator(kept[:TRIED])
    kept = with_marks(kept, separator)
    reader = csv.reader(ready(kept, separator), delimiter=separator, skipinitialspace=separator == " ")
    rows = ((reader.line_num - 1, row) for row in reader)
    lines = [
        Line(f"Line {numbers[i]} of {file}", [unwrapped(cell) for cell in row])
        for i, row in rows
        if len(row) > 1 or any(cell.strip() for cell in row)
    ]
    lines, said = without_empty_ends(lines)
    lines, above = below_titles(lines, lines_above(lines))
    said += above
    if comments:
        said.append(f"Lines that begin with # are left out: {len(comments):,}.")
        if name := commented_names(whole, comments, lines, separator):
            lines.insert(0, Line(f"Line {first + name[0]} of {file}", name[1]))
            said.append(f"Column names from the comment in line {first + name[0]}.")
    return separator, lines, said


def unwrapped(cell: str) -> str:
    """The text in a cell that is written as a formula, which keeps Excel from taking it for a number.

    >>> unwrapped('="0012"'), unwrapped("=A1")
    ('0012', '=A1')
    """
    return cell[2:-1] if cell[:2] == '="' and cell[-1:] == '"' else cell


def with_marks(lines: Sequence[str], separator: str) -> list[str]:
    """Lines in which a quoted "NA" is marked as a word, if the file has it without quotes too, as R does."""
    start, end = rf"(?<![^{re.escape(separator)}])", rf"(?=[{re.escape(separator)}\r\n]|$)"
    bare = re.compile(rf"{start}(?:NA|None|na|none){end}")
    words = {word for line in lines for word in bare.findall(line)}
    if not words:
        return list(lines)
    quoted = re.compile(rf'{start}"({"|".join(sorted(words))})"{end}')
    return [quoted.sub(rf'"{QUOTED}\1"', line) for line in lines]


def find_comments(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines that begin with #, unless half of all lines do."""
    comments = {i for i, line in enumerate(lines) if line.startswith("#")}
    return set() if 2 * len(comments) >= sum(bool(line.strip()) for line in lines) else comments


def ready(lines: Sequence[str], separator: str) -> list[str]:
    """Lines as `csv` splits them: where spaces separate, tabs count as spaces and the ends have none."""
    return [line.replace("\t", " ").strip() for line in lines] if separator == " " else list(lines)


def cell_counts(lines: Sequence[str], separator: str) -> list[int]:
    """The numbers of cells of lines that are not blank."""
    kept = [line for line in ready(lines, separator) if line.strip()]
    return [
        len(row) for row in csv.reader(kept, delimiter=separator, skipinitialspace=separator == " ") if row
    ]


def find_separator(lines: Sequence[str]) -> str:
    """The first separator that splits nearly all lines into the same number of cells, at least two.

    The first line, and others above the first with this number, need not have it. Else the separator that
    occurs most often in the first line. Spaces separate numbers only.
    """
    for separator in SEPARATORS:
        counts = cell_counts(lines, separator)
        usual = Counter(counts[1:] or counts).most_common(1)[0][0] if counts else 0
        if usual < 2:
            continue
        rest = counts[counts.index(usual) :]
        agreeing = rest.count(usual) >= max(AGREEING * len(rest), len(counts) / 2)
        if agreeing and (separator != " " or numeric(lines)):
            return separator
    first = next((line for line in lines if line.strip()), "")
    return max([",", ";", "\t", "|"], key=first.count)


def numeric(lines: Sequence[str]) -> bool:
    """Whether half of the words of lines, or more, are numbers."""
    words = [word for line in lines[1:] for word in line.split()]
    return 2 * sum(number(word.replace(",", ".")) is not None for word in words) >= len(words) > 0


def commented_names(
    whole: Sequence[str], comments: set[int], lines: Sequence[Line], separator: str
) -> tuple[int, list[str]] | None:
    """The number and cells of the last comment above the rows, if it has a name for each of their columns."""
    first = next((i for i, line in enumerate(whole) if i not in comments and line.strip()), 0)
    above = [i for i in comments if i < first]
    if not above or not lines:
        return None
    text = ready([whole[max(above)].lstrip("#").strip()], separator)
    names = next(csv.reader(text, delimiter=separator, skipinitialspace=True), [])
    rows = [line.cells for line in lines[:TRIED]]
    named = len(names) == len(rows[0]) > 1 and is_header(names, rows) and not is_header(rows[0], rows[1:])
    return (max(above), names) if named else None


def table_of(file: str, lines: Sequence[Line], asked: Asked = Asked(), decimal: str = ".") -> Table:
    """The table in rows of text, whose first may have the names of the columns."""
    lines, titles = below_titles(lines, 0 if asked.headed is False else padded_titles(lines))
    again = {*repeated_names([line.cells for line in lines])} if asked.header is not False else set()
    lines = [line for i, line in enumerate(lines) if i not in again]
    header = has_header([line.cells for line in lines[:1000]], asked)
    body = list(lines[1:] if header else lines)
    while body and not any(cell.strip() for cell in body[-1].cells):
        body.pop()
    if not body:
        raise InputError(f"{file} holds no rows.")
    said = [*titles]
    if again:
        said.append(f"Lines that repeat the names of the columns are left out: {len(again):,}.")
    notes = [*header_notes(lines[0].cells, header)]
    empty = len(lines) - header - len(body)
    if units := unit_rows([line.cells for line in body[: MOST + COMPARED]]) if header else 0:
        notes += [about_units(line) for line in body[:units]]
        body = body[units:]
    if empty:
        notes.append(f"Rows without a value at the end are left out: {empty:,}.")
    columns, blank = named_columns(file, lines[0].cells if header else None, body)
    if blank:
        notes.append(f"Columns without name and values are left out: {blank:,}.")
    found = meaning(as_read(columns), form_of(asked, header), asked.levels, decimal)
    if ends_in_totals(found.columns):
        rest = table_of(file, lines[: lines.index(body[-1])], replace(asked, header=header), decimal)
        sums = f"{body[-1].place} is left out: it has the sums of the columns."
        return replace(rest, notes=(*said, *rest.notes, sums))
    places = [line.place for line in body]
    return Table(file, found.columns, places, found.form, (*said, *notes, *found.notes))


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
    for place, row in body:
        if len(row) != len(names):
            raise InputError(
                f"{place} has {len(row)} cells, but the first line has {len(names)}; give each line as "
                f"many: a missing cell is an empty one, and a cell that holds the separator is in quotes."
            )
    columns = list(zip(*(line.cells for line in body), strict=True))
    kept = [j for j, name in enumerate(names) if name or any(cell.strip() for cell in columns[j])]
    twice = [name for name, count in Counter(names[j] for j in kept).items() if count > 1]
    if twice:
        raise InputError(f"{file} names a column twice: {twice[0]!r}.")
    return {names[j]: columns[j] for j in kept}, len(names) - len(kept)
