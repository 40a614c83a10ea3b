"""Rows of cells of a file, and the lines above a table that are none of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from narrows.data.tables.headers import in_numbers, is_header, is_number
from narrows.data.tables.notation import is_unit, number

TRIED = 200
"""Lines from which the separator is found."""

AGREEING = 0.9
"""The share of lines that must have the same number of cells."""


class Line(NamedTuple):
    """A row of cells, its place for messages, and the number of its last line in a text file."""

    place: str
    cells: list[str]
    number: int = 0


def without_empty_ends(lines: list[Line]) -> tuple[list[Line], list[str]]:
    """Lines of different lengths without empty cells beyond the longest, and a sentence about it."""
    lengths = {len(line.cells) for line in lines}
    width = max((i + 1 for line in lines for i, cell in enumerate(line.cells) if cell.strip()), default=0)
    if len(lengths) < 2 or max(lengths) <= width:
        return lines, []
    said = f"Empty cells at the ends of lines are left out, after the first {width:,}."
    return [line._replace(cells=line.cells[:width]) for line in lines], [said]


def lines_above(lines: Sequence[Line]) -> int:
    """How many lines stand above a table, as the name of an instrument: with fewer cells than its rows.

    Nearly all lines below them have the same number of cells, or one more than the line of names.
    """
    counts = [len(line.cells) for line in lines[:TRIED]]
    usual = Counter(counts).most_common(1)[0][0] if counts else 0
    above = next((i for i, count in enumerate(counts) if count >= usual), 0)
    rest = counts[above:]
    numbers = above < len(counts) and any(number(cell) is not None for cell in lines[above].cells)
    if above and counts[above - 1] == usual - 1 > 0 and numbers:
        above -= 1  # a line of names as R writes it, above a row of data
    table = usual > 1 and len(rest) > max(above, 2) and rest.count(usual) >= AGREEING * len(rest)
    return above if table else 0


def padded_titles(lines: Sequence[Line]) -> int:
    """How many lines with text stand above the names of a table, with empty cells up to its width.

    Spreadsheets write titles so. They fill half of the cells at the most, and the names all of them but one;
    or they fill two cells, as a name and its value, above a full line of words that are no units.
    """
    filled = [sum(bool(cell.strip()) for cell in line.cells) for line in lines[:TRIED]]
    most = max(filled, default=0)
    if not any(cell.strip() and not is_number(cell) for line in lines[:1] for cell in line.cells):
        return 0
    full = filled.index(most)
    if most > 2 and max(filled[:full], default=0) == 2 and are_words_above_numbers(lines[full:]):
        return full
    above = next(i for i, count in enumerate(filled) if count >= most - (most > 2))
    short = 2 * max(filled[:above], default=0) <= most
    fitting = most > 2 or are_words_above_numbers(lines[above:])
    rows = [line.cells for line in lines[above + 1 :][:TRIED]]
    return above if short and fitting and len(rows) > 1 and is_header(lines[above].cells, rows) else 0


def are_words_above_numbers(lines: Sequence[Line]) -> bool:
    """Whether the first line has words only, no units, and a column of numbers is below it."""
    names, rows = lines[0].cells, [line.cells for line in lines[1:TRIED]]
    if any(is_number(cell) or is_unit(cell.strip()) for cell in names) or not is_header(names, rows):
        return False
    return any(in_numbers([row[j] for row in rows if j < len(row)]) for j in range(len(names)))


def below_titles(lines: Sequence[Line], above: int) -> tuple[list[Line], list[str]]:
    """The lines without the first `above`, and a sentence about these."""
    if not above:
        return list(lines), []
    first = " ".join(cell for cell in lines[0].cells if cell.strip())
    return list(lines[above:]), [f"Lines above the table are left out: {above}, the first is {first!r}."]
