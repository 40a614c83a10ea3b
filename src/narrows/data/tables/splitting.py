"""Split text into rows of cells: the separator, comments and titles are found in it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from narrows.data.tables.headers import is_header
from narrows.data.tables.lines import AGREEING, TRIED, Line, below_titles, lines_above, without_empty_ends
from narrows.data.tables.missing import QUOTED
from narrows.data.tables.notation import number

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "pipes", ",": "commas", " ": "spaces"}
"""Separators with their names, in the order in which they are tried."""


class Split(NamedTuple):
    """The rows of a text.

    Attributes:
        separator: of cells.
        lines: the rows.
        start: the number of the last line above them that is no row, 0 if there is none.
        cut: whether empty cells at the ends of lines are left out.
        said: sentences about that, and about lines above the table.
        comments: how many lines are left out because they begin with #.
        named: the comment with the names of the columns, 0 if there is none.
    """

    separator: str
    lines: list[Line]
    start: int
    cut: bool
    said: tuple[str, ...]
    comments: int
    named: int

    def notes(self) -> tuple[str, ...]:
        """Sentences about lines and cells that were left out, and about names in a comment."""
        comments = [f"Lines that begin with # are left out: {self.comments:,}."] if self.comments else []
        named = [f"Column names from the comment in line {self.named}."] if self.named else []
        return (*self.said, *comments, *named)


def split(text: str, file: str) -> Split:
    """The rows of a text, and what is found of the other lines."""
    stated = re.match(r'"?sep=(.)"?\r?\n', text)
    whole = text[stated.end() :].splitlines(keepends=True) if stated else text.splitlines(keepends=True)
    first = 2 if stated else 1
    comments = find_comments(whole)
    kept = [line for i, line in enumerate(whole) if i not in comments]
    numbers = [first + i for i in range(len(whole)) if i not in comments]
    separator = stated[1] if stated and stated[1] in SEPARATORS else find_separator(kept[:TRIED])
    kept = with_marks(kept, separator)
    reader = csv.reader(ready(kept, separator), delimiter=separator, skipinitialspace=separator == " ")
    rows = ((numbers[reader.line_num - 1], row) for row in reader)
    lines = [
        Line(f"Line {number} of {file}", [unwrapped(cell) for cell in row], number)
        for number, row in rows
        if is_row(row)
    ]
    lines, ends = without_empty_ends(lines)
    above = lines_above(lines)
    start = lines[above - 1].number if above else first - 1
    lines, titles = below_titles(lines, above)
    name = commented_names(whole, comments, lines, separator)
    if name:
        named = first + name[0]
        lines.insert(0, Line(f"Line {named} of {file}", name[1], named))
    said = (*ends, *titles)
    return Split(separator, lines, start, bool(ends), said, len(comments), first + name[0] if name else 0)


def is_row(cells: Sequence[str]) -> bool:
    """Whether a line is a row of a table, no blank one."""
    return len(cells) > 1 or any(cell.strip() for cell in cells)


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
