"""Merged cells of spreadsheets: names above several columns, and values of several rows or columns.

The file has the value in the first cell of a range; the others are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from narrows.data.tables.headers import in_numbers, is_header, is_number

Row = list[str]


class Range(NamedTuple):
    """Merged cells: rows from `top` to `bottom`, columns from `left` to `right`, both without the last."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def wide(self) -> bool:
        return self.right - self.left > 1


def without_merged(
    rows: Sequence[Row], merged: Sequence[Range], header: bool | None = None
) -> tuple[list[Row], list[str]]:
    """Rows without merged cells, and sentences about what was done.

    Names above several columns stand before the names below them, or are numbered. Titles above the names
    stay as they are. Below the names all cells of a range have its value; a cell across all columns is a
    title between rows, which is left out.

    Args:
        rows: of equal lengths.
        merged: ranges of cells.
        header: whether the first row has names; inferred if None.
    """
    if not merged:
        return list(rows), []
    full = filled(rows, merged)
    head = -1 if header is False else names_row(rows, full, merged)
    last, names = joined(rows, full, head, merged) if head >= 0 else (-1, [])
    between = {i for i in range(last + 1, len(rows)) if is_title(rows[i], full[i])}
    values = [area for area in merged if area.top > last and area.top not in between]
    made = [*rows[: max(head, 0)], *([[]] * (last - head)), *([names] if names else []), *full[last + 1 :]]
    said = []
    if values:
        said.append(f"Merged cells all have the value of the first of them: {len(values):,} ranges.")
    if between:
        first = next(cell for cell in full[min(between)] if cell)
        said.append(
            f"Rows of one cell across the table are left out: {len(between):,}, the first is {first!r}."
        )
    return [[] if i in between else row for i, row in enumerate(made)], said


def filled(rows: Sequence[Row], merged: Sequence[Range]) -> list[Row]:
    """Rows in which all cells of a range have the value of the first."""
    full = [list(row) for row in rows]
    for top, bottom, left, right in merged:
        for row in full[top:bottom]:
            row[left:right] = [rows[top][left]] * (right - left)
    return full


def is_title(row: Row, full: Row) -> bool:
    """Whether a row has one cell across all others."""
    return len(full) > 2 and sum(map(bool, row)) == 1 and all(full) and len({*full}) == 1


def names_row(rows: Sequence[Row], full: Sequence[Row], merged: Sequence[Range]) -> int:
    """The first row of names: one that has all cells but one, or one above it with merged names; else -1."""
    counts = [1 if len({*filter(None, row)}) == 1 else sum(map(bool, row)) for row in full]
    most = max(counts, default=0)
    head = next((i for i, count in enumerate(counts) if count >= most - (most > 2)), 0)
    if most < 2 or not is_header(rows[head], rows[head + 1 :]):
        return -1
    while head and are_names(rows, head, across(merged, head - 1)):
        if counts[head - 1] == 1 and full[head - 1][0]:
            break  # a title, which begins in the first column
        head -= 1
    return head


def across(merged: Sequence[Range], row: int) -> list[int]:
    """The columns in which a row has cells that are merged across columns."""
    return [j for area in merged if area.wide and area.top == row for j in range(area.left, area.right)]


def joined(
    rows: Sequence[Row], full: Sequence[Row], head: int, merged: Sequence[Range]
) -> tuple[int, list[str]]:
    """The last row of names, and the names from it and from those above it, which are merged across."""
    names = full[head]
    while are_names(rows, head + 1, across(merged, head)):
        head += 1
        names = [
            below if above == below else f"{above} {below}".strip()
            for above, below in zip(names, full[head], strict=True)
        ]
    for area in merged:
        same = area.wide and area.top <= head < area.bottom and len({*names[area.left : area.right]}) == 1
        if same:
            names[area.left : area.right] = [
                f"{names[area.left]} {i + 1}" for i in range(area.right - area.left)
            ]
    return head, names


def are_names(rows: Sequence[Row], i: int, columns: Sequence[int]) -> bool:
    """Whether row `i` has names in some columns: words above numbers, or numbers that name columns."""
    names = [rows[i][j] for j in columns] if i < len(rows) else []
    if not names or not all(names):
        return False
    below = [[row[j] for j in columns] for row in rows[i + 1 :] if row]
    if any(map(is_number, names)):
        return all(map(is_number, names)) and is_header(names, below)
    return any(in_numbers(column) for column in zip(*below, strict=True))
