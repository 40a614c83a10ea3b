"""What the cells of a text file say: a number, a word, or nothing.

Numbers are read in the notation of their column: decimal point or comma, thousands separators, one currency,
unit or percent sign. Numbers with leading zeros, as postcodes, are words. What stands for a missing cell is
decided for the whole file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.columns import Array
from narrows.data.notation import PLAIN, Notation, decimals_shown, number, numbers_start_with_zero, parts

MISSING = {"", "nan", "<na>", "null", "n/a", "#n/a", "#na", "-nan", "#div/0!", "#value!", "#ref!", "#num!"}
"""The texts of a missing cell in any column, in lower case."""

AMBIGUOUS = {"na", "none"}
"""Missing in columns of figures, in lower case. They are words too: Namibia, no attribute, sodium.

In a column of words they are missing if the same text stands for missing in a column of figures.
"""

STAND_INS = (99.0, 999.0, 9999.0, 99999.0, 999999.0, 32768.0, 1e20, 1e30)
"""Numbers, or their negatives, that often stand for a missing cell."""


class Cells(NamedTuple):
    """The cells of a column.

    Attributes:
        values: numbers, or texts in which a number has a decimal point and nothing else; None if missing.
        dtype: the name of their type, empty for a text file.
        words: whether numbers among the texts are words as well.
        raw: the texts as they came, if they are not `values`.
        notation: of the numbers in `raw`.
    """

    values: Sequence[str | None] | Array
    dtype: str = ""
    words: bool = False
    raw: Sequence[str] | None = None
    notation: Notation = PLAIN

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
        return np.where(found == came, np.array(self.raw, dtype=object), texts)


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


class Meaning(NamedTuple):
    """The cells of a file, how they were read, and sentences about it."""

    columns: dict[str, Cells]
    form: Form
    notes: tuple[str, ...]


def is_missing(cell: str) -> bool:
    """Whether a text stands for a missing cell or label, whatever the others are."""
    return cell.strip().lower() in MISSING | AMBIGUOUS


def is_sign(text: str) -> bool:
    """Whether a text has neither letters nor digits, as "?" and "-"."""
    return bool(text) and not any(character.isalnum() for character in text)


def meaning(
    raw: Mapping[str, Sequence[str]],
    form: Form = Form(),
    levels: Mapping[str, Collection[str]] | None = None,
    decimal: str = ".",
) -> Meaning:
    """What the cells of columns `raw` say.

    Args:
        raw: texts by column.
        form: of the file that a model was fitted to, or what the user asked for.
        levels: of the columns of a model the words, none for numbers; a sign or unit that the file of the
            model did not have makes a number a word.
        decimal: what a comma or point before three digits is, if no cell of the file tells.
    """
    known = levels or {}
    counted = {name: Counter(cell.strip() for cell in column) for name, column in raw.items()}
    given = is_given(form.missing)
    figures = {
        name: not known[name] if name in known else in_figures(texts, given)
        for name, texts in counted.items()
    }
    markers = {
        text
        for name, texts in counted.items()
        if figures[name]
        for text in texts
        if text.lower() in AMBIGUOUS
    }
    missing = {
        name: missing_texts(texts, given, markers, figures[name], known.get(name))
        for name, texts in counted.items()
    }
    numeric = {n: f and (n in known or in_numbers(counted[n], missing[n])) for n, f in figures.items()}
    notations = decide_notations(counted, missing, numeric, form.notations, decimal)
    notations |= {n: notations[n].bare() for n in known if n in notations and n not in form.notations}
    columns = {name: cells_of(raw[name], counted[name], missing[name], notations.get(name)) for name in raw}
    plain = {name: notation for name, notation in notations.items() if notation != PLAIN}
    notes = (*notation_notes(plain, columns), *missing_notes(counted, missing, figures))
    return Meaning(
        columns, Form(form.header, (*form.missing, *sorted(markers - {*form.missing})), plain), notes
    )


def is_given(missing: Iterable[str]) -> Any:
    """A test whether a text is one of `missing`, or the same number as one of them."""
    texts = set(missing)
    values = {value for text in texts if (value := number(text)) is not None and value == value}
    return lambda text: text in texts or (bool(values) and number(text) in values)


def says_something(text: str, given: Any) -> bool:
    """Whether a text is neither missing nor what may stand for missing."""
    lower = text.lower()
    return not (lower in MISSING or lower in AMBIGUOUS or given(text) or is_sign(text))


def in_figures(texts: Counter[str], given: Any) -> bool:
    """Whether a column holds figures, as numbers and dates: most texts that are not missing have a digit."""
    rest = {text: n for text, n in texts.items() if says_something(text, given)}
    if not rest:
        return sum(map(is_sign, texts)) < 2
    return 2 * sum(n for text, n in rest.items() if re.search(r"\d", text)) >= sum(rest.values())


def in_numbers(texts: Counter[str], missing: set[str]) -> bool:
    """Whether most texts of a column that are not `missing` are numbers, none with a zero in front."""
    rest = {text: n for text, n in texts.items() if text not in missing}
    words = sum(n for text, n in rest.items() if number(text) is None and parts(text) is None)
    return 2 * words <= sum(rest.values()) and not numbers_start_with_zero(rest)


def missing_texts(
    texts: Counter[str], given: Any, markers: set[str], figures: bool, levels: Collection[str] | None
) -> set[str]:
    """The texts of a column that stand for a missing cell; `levels` are the words of a model's column."""
    found = {text for text in texts if text.lower() in MISSING or given(text)}
    unclear = {text for text in texts if text.lower() in AMBIGUOUS}
    signs = {text for text in texts if is_sign(text)} - found
    if figures or levels is not None:
        return (found | unclear | signs) - {*(levels or ())}
    others = len(texts) > len(found | unclear | signs)
    return found | (unclear & markers) | (signs if others and len(signs) == 1 else set())


def decide_notations(
    counted: Mapping[str, Counter[str]],
    missing: Mapping[str, set[str]],
    numeric: Mapping[str, bool],
    known: Mapping[str, Notation],
    decimal: str,
) -> dict[str, Notation]:
    """The notation of each column of numbers: the known one, or the one that fits to its texts.

    A comma or point before three digits is what it is in the other cells of the column, or else of the file.
    """
    split = {
        name: [cell for text in counted[name] if text not in missing[name] and (cell := parts(text))]
        for name, numbers in numeric.items()
        if numbers and name not in known
    }
    shown = {name: decimals_shown(cells) for name, cells in split.items()}
    of_file = Counter(mark for marks in shown.values() if len(marks) == 1 for mark in marks)
    usual = of_file.most_common(1)[0][0] if of_file else decimal
    found = {
        name: Notation.of(cells, next(iter(shown[name])) if len(shown[name]) == 1 else usual)
        for name, cells in split.items()
    }
    return {**found, **{name: known[name] for name in known if numeric.get(name)}}


def cells_of(raw: Sequence[str], texts: Counter[str], missing: set[str], notation: Notation | None) -> Cells:
    """The cells of a column: None where missing, numbers in the notation of Python; words as they are."""
    read = notation.read if notation else str
    said = {text: None if text in missing else read(text) for text in texts}
    values = [said[cell.strip()] for cell in raw]
    words = numbers_start_with_zero(text for text in texts if text not in missing)
    return Cells(values, words=words, raw=raw, notation=notation or PLAIN)


def text_cells(values: Sequence[str | None], dtype: str) -> Cells:
    """The cells of a column of words in a data frame, in which only None is missing."""
    return Cells(values, dtype, numbers_start_with_zero(text.strip() for text in values if text is not None))


def notation_notes(notations: Mapping[str, Notation], columns: Mapping[str, Cells]) -> tuple[str, ...]:
    """Sentences about columns whose numbers are not plain, and about numbers that are words."""
    comma = [name for name, notation in notations.items() if notation.decimal == ","]
    groups = [name for name, notation in notations.items() if notation.group]
    signs = [f"{name} ({n.prefix or n.suffix})" for name, n in notations.items() if n.prefix or n.suffix]
    zeros = [name for name, cells in columns.items() if cells.words]
    found = {
        "Decimal comma in": comma,
        "Thousands separators in": groups,
        "Numbers read without their sign or unit:": signs,
        "Words, because numbers in them start with 0:": zeros,
    }
    return tuple(f"{text} {few(names)}." for text, names in found.items() if names)


def missing_notes(
    counted: Mapping[str, Counter[str]], missing: Mapping[str, set[str]], figures: Mapping[str, bool]
) -> tuple[str, ...]:
    """Sentences about texts that are missing cells, and about words that could be."""
    total: Counter[str] = Counter()
    for name, texts in missing.items():
        total.update({text: counted[name][text] for text in texts if text})
    kept = [
        f"{text!r} in {name} ({n:,} cells)"
        for name, texts in counted.items()
        for text, n in texts.items()
        if text.lower() in AMBIGUOUS and text not in missing[name] and not figures[name]
    ]
    said = f"Read as missing: {few([f'{text!r} ({n:,} cells)' for text, n in total.most_common()])}."
    word = f"Read as a word: {few(kept)}; if it stands for a missing cell, name it with --missing."
    return (*((said,) if total else ()), *((word,) if kept else ()))


def stand_in(values: Array) -> tuple[float, int] | None:
    """A number that seems to stand for missing cells of a column of numbers, and how often it occurs.

    It occurs twice or more, is a usual one, and is further from all others than these are from each other.
    """
    levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(levels) < 4:
        return None
    for end, others in ((0, levels[1:]), (-1, levels[:-1])):
        gap = np.abs(others - levels[end]).min()
        if counts[end] > 1 and abs(levels[end]) in STAND_INS and gap > max(others[-1] - others[0], 50.0):
            return float(levels[end]), int(counts[end])
    return None
