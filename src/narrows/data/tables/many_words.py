"""Categories of many words: the frequent ones are kept, one level stands for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from narrows.core.errors import few
from narrows.data.columns import Column

MOST_LEVELS = 200
"""The largest number of levels of a category."""

ROWS_PER_WORD = 5
"""All words are kept if there are so many rows per word on average; else those that have so many."""

FEW_LEVELS = 20
"""Up to this number of words, two rows per word on average are enough."""

LEAST_SHARE = 0.2
"""The share of the cells that the kept words hold at least; else the column is text that hardly repeats."""

OTHER = "other"
"""The level that stands for the rest, unless the file spells this word in another way."""


class Vocabulary(NamedTuple):
    """The levels of a category, sorted; `rest` is the one that stands for all other words, or empty."""

    levels: tuple[str, ...]
    rest: str = ""


def vocabulary(counts: Mapping[str, int], rows: int) -> Vocabulary | None:
    """The levels of a column with these `counts` of words; None for text that hardly repeats.

    >>> vocabulary({"a": 3, "b": 2}, 5), vocabulary({f"{i}": 1 for i in range(5)}, 5)
    (Vocabulary(levels=('a', 'b'), rest=''), None)
    """
    if len(counts) <= most_words(rows):
        return Vocabulary(tuple(sorted(counts)))
    common = Counter(counts).most_common(MOST_LEVELS - 1)
    frequent = [word for word, count in common if count >= ROWS_PER_WORD]
    if sum(counts[word] for word in frequent) < LEAST_SHARE * sum(counts.values()):
        return None
    rest = next((word for word in counts if word.lower() == OTHER), OTHER)
    return Vocabulary(tuple(sorted({*frequent, rest})), rest)


def most_words(rows: int) -> int:
    """How many words of a category of so many rows are all kept."""
    return max(2, min(FEW_LEVELS, rows // 2), min(MOST_LEVELS, rows // ROWS_PER_WORD))


def with_rest(column: Column, counts: Mapping[str, int], rows: int) -> Column:
    """`column` with a level for the rest, if it has too many words; `counts` of these in so many rows."""
    found = vocabulary(counts, rows) if column.nature == "category" else None
    return column if found is None else replace(column, levels=found.levels, rest=found.rest)


def about_rest(column: Column, counts: Mapping[str, int]) -> str:
    """The sentence about the words of a column that are read as the rest."""
    kept = set(column.levels) - {column.rest}
    others = [count for word, count in counts.items() if word not in kept]
    return (
        f"{column.name!r} has {len(counts):,} different words: the {len(kept):,} most frequent are kept, the "
        f"others, in {sum(others):,} of {sum(counts.values()):,} cells, are read as {column.rest!r}."
    )


def about_text(file: str, different: Mapping[str, int], rows: int) -> str:
    """The sentence about columns of `file` that are left out; `different` words each, by name."""
    named: Sequence[str] = [f"{name!r} ({count:,} different words)" for name, count in different.items()]
    return f"Text of {file} that hardly repeats in its {rows:,} rows is left out: {few(named)}."


def differing_in_case(column: Column) -> list[str]:
    """The words of a column that another one equals but for capitals, sorted.

    >>> differing_in_case(Column("a", "str", ("Blue", "RED", "Red", "green")))
    ['RED', 'Red']
    """
    lower = Counter(level.lower() for level in column.levels)
    return [level for level in column.levels if lower[level.lower()] > 1]


def about_case(column: Column) -> str:
    """The sentence about words that differ in capitals only."""
    words = few([repr(word) for word in differing_in_case(column)])
    return f"Words in {column.name!r} differ in capitals only, and count as different: {words}."
