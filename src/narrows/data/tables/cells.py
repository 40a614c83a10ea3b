"""What the cells of a text file say: a number, a word, or nothing.

Numbers are read in the notation of their column: decimal point or comma, thousands separators, one currency,
unit or percent sign. Numbers filled up with leading zeros, as postcodes, are words. What stands for a
missing cell is decided for the whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.columns import Array
from narrows.data.tables.coded import Coded
from narrows.data.tables.dates import Dates
from narrows.data.tables.missing import QUOTED, Texts, is_given, missing_texts
from narrows.data.tables.notation import (
    PLAIN,
    Notation,
    Parts,
    decimals_shown,
    number,
    numbers_are_codes,
    parts,
    starts_with_zero,
)

LARGEST_EXACT = 2**53
"""The largest integer up to which floats hold all integers."""

STAND_INS = (99.0, 999.0, 9999.0, 99999.0, 999999.0, 32768.0, 1e20, 1e30)
"""Numbers, or their negatives, that often stand for a missing cell."""

TRIED = 100
"""Texts of a column without signs, units or commas that are looked at for its decimal mark."""


class Cells(NamedTuple):
    """The cells of a column.

    Attributes:
        values: numbers, or texts in which a number has a decimal point and nothing else; None if missing.
        dtype: the name of their type, empty for a text file.
        words: whether numbers among the texts are words as well.
        raw: the texts as they came, if they are not `values`; None where a typed cell is missing.
        notation: of the numbers in `raw`.
        moments: of a column of times, `(rows,)` of datetime64 in UTC; NaT if missing. None if they are to be
            read from the texts.
        dates: how the texts of such a column are read and written, in a text file.
    """

    values: Sequence[str | None] | Array
    dtype: str = ""
    words: bool = False
    raw: Sequence[str | None] | None = None
    notation: Notation = PLAIN
    moments: Array | None = None
    dates: Dates | None = None

    def as_texts(self) -> Sequence[object]:
        """The cells as they came: integers exactly and without a fraction."""
        if self.raw is not None:
            return self.raw
        if isinstance(self.values, np.ndarray) and self.dtype.lower().startswith(("int", "uint")):
            return [None if np.isnan(value) else str(int(value)) for value in self.values]
        return list(self.values)

    def as_came(self, found: Array, came: Array, written: Array) -> Array:
        """Texts of the numbers `found`: those in the file where they are equal to `came`, the file's numbers.

        Args:
            found: `(n,)`, NaN if missing.
            came: `(n,)`, what the file says.
            written: `(n,)`, how `found` is written otherwise: words, or numbers.
        """
        assert self.raw is not None
        texts = written.astype(object)
        if self.notation != PLAIN:
            texts = np.array([self.notation.write(value) for value in found], dtype=object)
        return np.where(found == came, np.array([*self.raw], dtype=object), texts)


@dataclass(frozen=True, slots=True)
class Form:
    """How the cells of a file are read; a run keeps it, so that other files are read alike.

    Attributes:
        header: whether the first line has the names of the columns.
        missing: texts that stand for a missing cell, beside `MISSING`.
        notations: of columns whose numbers are not plain.
    """

    header: bool = True
    missing: tuple[str, ...] = ()
    notations: Mapping[str, Notation] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        notations = {name: notation._asdict() for name, notation in self.notations.items()}
        return {**asdict(self), "missing": list(self.missing), "notations": notations}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Form:
        try:
            notations = {name: Notation(**each) for name, each in record["notations"].items()}
            return cls(bool(record["header"]), tuple(map(str, record["missing"])), notations)
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{record!r} does not describe how a text file is read.") from error


def lacking(cells: Cells, missing: Sequence[str]) -> Cells:
    """Typed cells without those that say one of `missing`, as text or as a number."""
    given = is_given(missing)
    if not isinstance(cells.values, np.ndarray):
        kept = Coded.of(cells.values).mapped(lambda cell: None if cell is None or given(cell) else cell)
        return cells._replace(values=kept)
    distinct = np.unique(cells.values)
    gone = [value for value in distinct.tolist() if given(f"{value:.17g}")]
    return cells._replace(values=np.where(np.isin(cells.values, gone), np.nan, cells.values))


class Read(Protocol):
    """A column of a file as it was read, before it is known what its cells say."""

    def sample(self) -> Texts:
        """Its different texts, or some that tell all that they do."""
        ...

    def cells(self, texts: Texts, missing: set[str], notation: Notation | None) -> Cells:
        """Its cells.

        Args:
            texts: as `sample` gives them.
            missing: those that stand for a missing cell.
            notation: of its numbers; None for a column of words.
        """
        ...


class ReadTexts(NamedTuple):
    """A column of which all texts are known."""

    raw: Coded

    def sample(self) -> Texts:
        return Texts.of(self.raw)

    def cells(self, texts: Texts, missing: set[str], notation: Notation | None) -> Cells:
        return cells_of(self.raw, texts, missing, notation)


def as_read(columns: Mapping[str, Sequence[str]]) -> dict[str, Read]:
    """Columns of which all texts are known."""
    return {name: ReadTexts(Coded.of(texts)) for name, texts in columns.items()}


class Meaning(NamedTuple):
    """The cells of a file, how they were read, and sentences about it."""

    columns: dict[str, Cells]
    form: Form
    notes: tuple[str, ...]


def meaning(
    raw: Mapping[str, Read],
    form: Form = Form(),
    levels: Mapping[str, Collection[str]] | None = None,
    decimal: str = ".",
) -> Meaning:
    """What the cells of columns `raw` say.

    Args:
        raw: by the name of the column.
        form: of the file that a model was fitted to, or what the user asked for.
        levels: of the columns of a model the words, none for numbers; a sign or unit that the file of the
            model did not have makes a number a word.
        decimal: what a comma or point before three digits is, if no cell of the file tells.
    """
    known = levels or {}
    texts = {name: column.sample() for name, column in raw.items()}
    missing, markers, notes = missing_texts(texts, form.missing, known)
    numeric = {
        name: not known[name] if name in known else in_numbers(column, missing[name])
        for name, column in texts.items()
    }
    among = {name: column for name, column in texts.items() if numeric[name] and name not in form.notations}
    found = decide_notations(among, missing, decimal)
    found = {name: notation.bare() if name in known else notation for name, notation in found.items()}
    found |= {name: notation for name, notation in form.notations.items() if numeric.get(name)}
    columns = {name: raw[name].cells(texts[name], missing[name], found.get(name)) for name in raw}
    kept = {name: notation for name, notation in found.items() if notation != PLAIN}
    named = (*form.missing, *sorted(markers - {*form.missing}))
    return Meaning(columns, Form(form.header, named, kept), (*notation_notes(kept, columns), *notes))


def in_numbers(texts: Texts, missing: set[str]) -> bool:
    """Whether most texts of a column that are not `missing` are numbers, and these no codes as 01067."""
    rest = [text for text in texts.others if text not in missing]
    words = texts.cells(text for text in rest if parts(text) is None)
    plain = texts.cells(text for text in texts.plain if text not in missing)
    return 2 * words <= texts.cells(rest) + plain and not numbers_are_codes(present(texts, missing))


def decide_notations(
    columns: Mapping[str, Texts], missing: Mapping[str, set[str]], decimal: str
) -> dict[str, Notation]:
    """The notation that fits to the texts of each column of numbers.

    A comma or point before three digits is what it is in the other cells of the column, or else of the file.
    """
    odd = {name for name, texts in columns.items() if {*texts.others} - missing[name]}
    tried = {
        name: split_numbers(t, missing[name], None if name in odd else TRIED) for name, t in columns.items()
    }
    shown = {name: decimals_shown(cells) for name, cells in tried.items()}
    of_file = Counter(mark for marks in shown.values() if len(marks) == 1 for mark in marks)
    usual = of_file.most_common(1)[0][0] if of_file else decimal
    found = {}
    for name, texts in columns.items():
        mark = next(iter(shown[name])) if len(shown[name]) == 1 else usual
        plain = name not in odd and mark == "."
        found[name] = PLAIN if plain else Notation.of(split_numbers(texts, missing[name]), mark)
    return found


def split_numbers(texts: Texts, missing: set[str], most: int | None = None) -> list[Parts]:
    """The parts of the numbers of a column, or of the first `most`."""
    return [
        cell for text in [*texts.others, *texts.plain][:most] if text not in missing and (cell := parts(text))
    ]


def cells_of(raw: Coded, texts: Texts, missing: set[str], notation: Notation | None) -> Cells:
    """The cells of a column: None where missing, numbers in the notation of Python; words as they are."""
    said: dict[str, str | None] = {text: text.removeprefix(QUOTED) for text in texts.counts}
    if notation is not None:
        said |= {t: notation.read(t) for t in (texts.others if notation == PLAIN else texts.counts)}
    said |= dict.fromkeys(missing)
    words = numbers_are_codes(present(texts, missing))
    values = raw.mapped(lambda cell: said[cell.strip()])
    marked = any(text[:1] == QUOTED for text in texts.others)
    came = raw.mapped(lambda cell: cell.replace(QUOTED, "")) if marked else raw
    return Cells(values, words=words, raw=came, notation=notation or PLAIN)


def present(texts: Texts, missing: Collection[str]) -> dict[str, int]:
    """How often each text of a column occurs that is not `missing`."""
    return {text: count for text, count in texts.counts.items() if text not in missing}


def text_cells(values: Sequence[str | None], dtype: str) -> Cells:
    """The cells of a column of words in a data frame, in which only None is missing."""
    counts = Counter(text.strip() for text in values if text is not None)
    return Cells(values, dtype, numbers_are_codes(counts))


def notation_notes(notations: Mapping[str, Notation], columns: Mapping[str, Cells]) -> tuple[str, ...]:
    """Sentences about columns whose numbers are not plain, and about numbers that are words."""
    comma = [name for name, notation in notations.items() if notation.decimal == ","]
    groups = [name for name, notation in notations.items() if notation.group]
    signs = [f"{name} ({n.prefix or n.suffix})" for name, n in notations.items() if n.prefix or n.suffix]
    zeros = [name for name, cells in columns.items() if cells.words]
    stray = [name for name, cells in columns.items() if not cells.words and has_stray_zeros(cells)]
    found = {
        "Decimal comma in": comma,
        "Thousands separators in": groups,
        "Numbers read without their sign or unit:": signs,
        "Words, because numbers in them start with 0:": zeros,
        "Numbers, though a few start with 0:": stray,
    }
    return tuple(f"{text} {few(names)}." for text, names in found.items() if names)


def has_stray_zeros(cells: Cells) -> bool:
    """Whether a column of numbers has whole ones that start with 0."""
    if isinstance(cells.values, np.ndarray) or cells.dates is not None:
        return False
    texts = [*Coded.of(cells.values).stripped.counts]
    return any(map(starts_with_zero, texts)) and 2 * sum(number(t) is not None for t in texts) > len(texts)


def stand_in(values: Array) -> tuple[float, int] | None:
    """A number that seems to stand for missing cells of a column of numbers, and how often it occurs.

    It occurs twice or more, is a usual one, and is further from all others than these are from each other.
    """
    known = values[np.isfinite(values)]
    if not len(known) or not {abs(float(known.min())), abs(float(known.max()))} & {*STAND_INS}:
        return None
    levels, counts = np.unique(known, return_counts=True)
    if len(levels) < 4:
        return None
    for end, others in ((0, levels[1:]), (-1, levels[:-1])):
        gap = np.abs(others - levels[end]).min()
        if counts[end] > 1 and abs(levels[end]) in STAND_INS and gap > max(others[-1] - others[0], 50.0):
            return float(levels[end]), int(counts[end])
    return None
