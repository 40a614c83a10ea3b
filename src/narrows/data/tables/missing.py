"""Which texts stand for a missing cell, decided for a whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from math import isfinite
from typing import NamedTuple

from narrows.core.errors import few
from narrows.data.tables.coded import Coded
from narrows.data.tables.notation import number

MISSING = {
    "",
    "nan",
    "<na>",
    "null",
    "n/a",
    "#n/a",
    "#na",
    "-nan",
    "#div/0!",
    "#value!",
    "#ref!",
    "#num!",
    r"\n",
}
"""The texts of a missing cell in any column, in lower case."""

AMBIGUOUS = {"na", "none"}
"""Missing in columns of figures, in lower case. They are words too: Namibia, no attribute, sodium.

In a column of words they are missing if the same text stands for missing in a column of figures.
"""

QUOTED = "\ue000"
"""A mark in front of such a word that is quoted in a file which has it without quotes too: it is a word."""

Test = Callable[[str], bool]


class Texts(NamedTuple):
    """The different texts of a column, without spaces around them.

    Attributes:
        counts: how often each occurs.
        plain: those that are finite numbers in Python's notation.
        others: the rest.
    """

    counts: Counter[str]
    plain: list[str]
    others: list[str]

    @classmethod
    def of(cls, column: Coded) -> Texts:
        counts = column.stripped.counts
        kinds: tuple[list[str], list[str]] = ([], [])
        for text in counts:
            value = number(text)
            kinds[value is None or not isfinite(value)].append(text)
        return cls(counts, *kinds)

    def cells(self, texts: Iterable[str]) -> int:
        """How many cells have one of `texts`."""
        return sum(self.counts[text] for text in texts)


def is_missing(cell: str) -> bool:
    """Whether a text stands for a missing cell or label, whatever the others are."""
    return cell.strip().lower() in MISSING | AMBIGUOUS


def is_sign(text: str) -> bool:
    """Whether a text has neither letters nor digits, as "?" and "-"."""
    return bool(text) and not any(character.isalnum() for character in text)


def is_given(missing: Iterable[str]) -> Test:
    """A test whether a text is one of `missing`, or the same number as one of them."""
    texts = set(missing)
    values = {value for text in texts if (value := value_of(text)) is not None and value == value}
    return lambda text: text in texts or (bool(values) and value_of(text) in values)


def value_of(text: str) -> float | None:
    """The number that a text is, with a decimal comma too; not before three digits, where it may be another.

    >>> value_of("-999,00"), value_of("-999"), value_of("1,000"), value_of("?")
    (-999.0, -999.0, None, None)
    """
    comma = re.fullmatch(r"[-+]?\d*,(\d{1,2}|\d{4,})", text)
    return number(text.replace(",", ".") if comma else text)


def missing_texts(
    columns: Mapping[str, Texts], named: Collection[str], known: Mapping[str, Collection[str]]
) -> tuple[dict[str, set[str]], set[str], tuple[str, ...]]:
    """The texts of each column that stand for a missing cell.

    Args:
        columns: the texts by name of the column.
        named: texts that stand for a missing cell in all columns, beside `MISSING`.
        known: of the columns of a model the words, none for numbers.

    Returns:
        The texts by column; those of `AMBIGUOUS` that are missing in the file; sentences about them.
    """
    given = is_given(named)
    figures = {
        name: not known[name] if name in known else in_figures(t, given) for name, t in columns.items()
    }
    among = (text for name, texts in columns.items() if figures[name] for text in texts.others)
    markers = {text for text in among if text.lower() in AMBIGUOUS}
    found = {
        name: missing_of(texts, given if named else None, markers, figures[name], known.get(name))
        for name, texts in columns.items()
    }
    words = {name: columns[name] for name, numbers in figures.items() if not numbers}
    return found, markers, (*about_missing(columns, found), *about_words(words, found))


def in_figures(texts: Texts, given: Test) -> bool:
    """Whether a column holds figures, as numbers and dates: most texts that are not missing have a digit."""
    rest = [
        text
        for text in texts.others
        if not (text.lower() in MISSING | AMBIGUOUS or is_sign(text) or given(text))
    ]
    if not (rest or texts.plain):
        return sum(map(is_sign, texts.others)) < 2
    digits = texts.cells(texts.plain) + texts.cells(text for text in rest if re.search(r"\d", text))
    return 2 * digits >= texts.cells(texts.plain) + texts.cells(rest)


def missing_of(
    texts: Texts, given: Test | None, markers: set[str], figures: bool, levels: Collection[str] | None
) -> set[str]:
    """The texts of a column that stand for a missing cell; `levels` are the words of a model's column."""
    found = {text for text in texts.others if text.lower() in MISSING}
    found |= set(filter(given, texts.counts)) if given else set()
    unclear = {text for text in texts.others if text.lower() in AMBIGUOUS}
    signs = {text for text in texts.others if is_sign(text)} - found
    if figures or levels is not None:
        return found | ((unclear | signs) - {*(levels or ())})
    others = len(texts.counts) > len(found | unclear | signs)
    return found | (unclear & markers) | (signs if others and len(signs) == 1 else set())


def about_missing(columns: Mapping[str, Texts], missing: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A sentence about the texts that are missing cells."""
    total: Counter[str] = Counter()
    for name, texts in missing.items():
        total.update({text: columns[name].counts[text] for text in sorted(texts) if text})
    cells = [f"{text!r} ({n:,} cells)" for text, n in total.most_common()]
    return (f"Read as missing: {few(cells)}.",) if cells else ()


def about_words(columns: Mapping[str, Texts], missing: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A sentence about words in columns of words that could stand for a missing cell."""
    kept = [
        f"{text!r} in {name} ({texts.counts[text]:,} cells)"
        for name, texts in columns.items()
        for text in texts.others
        if text.lower() in AMBIGUOUS and text not in missing[name]
    ]
    if not kept:
        return ()
    return (f"Read as a word: {few(kept)}; if it stands for a missing cell, name it with --missing.",)
