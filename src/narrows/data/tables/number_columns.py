"""Columns of numbers in large delimited text, read by pyarrow a block at a time.

A column is read so if its numbers are in Python's notation, or with a decimal comma and nothing else, and its
other texts may stand for missing cells. How it is read is decided by some of its texts, as that of any column
is (`narrows.data.tables.cells`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.columns import Array
from narrows.data.tables.cells import TRIED, Cells
from narrows.data.tables.coded import Text
from narrows.data.tables.missing import Test, Texts, is_missing, is_sign
from narrows.data.tables.notation import PLAIN, Notation, decimals_shown, number, parts

FORMS = {
    "int64": r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
    "comma": r"-?(?:0|[1-9][0-9]*)(?:,[0-9]+)?(?:[eE][-+]?[0-9]+)?",
}
"""How numbers are written."""

FORMS["float64"] = FORMS["int64"]

DAYS = 19_000_000, 20_999_999
"""Whole numbers that may be dates, as 20240131."""

MOST_DIGITS = 15
"""Whole numbers with more digits are no integers for a model."""

MOST_OTHERS = 100
"""Different texts beside the numbers of a column, at the most."""


class UnfitError(Exception):
    """The `column` has other texts than numbers and missing cells."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


class NumberColumn:
    """A column of numbers: what is known of its texts.

    Args:
        place: its number in the file.
        kind: "int64", "float64", or "comma" for numbers with a decimal comma.
        texts: the first different numbers as they came, `TRIED` at the most.
        given: whether a text stands for a missing cell because a person says so.

    Attributes:
        others: how often each other text occurs, without spaces around it.
        long: whether it has whole numbers that are no integers for a model.
        dated: whether its numbers may all be dates, None before the first of them.
        values: `(rows,)`, NaN where a cell is no number, once all are read.
        raw: its texts as they came, read when they are asked for.
    """

    def __init__(self, place: int, kind: str, texts: Sequence[str], given: Test) -> None:
        self.place, self.kind, self.given = place, kind, given
        self.texts = dict.fromkeys(texts)
        self.shows = bool(decimals_shown(filter(None, map(parts, texts))))
        self.others: Counter[str] = Counter()
        self.long = False
        self.dated: bool | None = None
        self.values: Array = np.empty(0)
        self.raw: Sequence[Text] = ()

    @classmethod
    def of(cls, place: int, cells: Sequence[str], given: Test) -> NumberColumn | None:
        """The column that begins with `cells`; None if they are to be read as texts."""
        texts = dict.fromkeys(cell.strip() for cell in cells)
        if any(not (is_plain(t) or is_comma(t) or is_missing(t) or is_sign(t) or given(t)) for t in texts):
            return None
        numbers = [t for t in texts if (is_plain(t) or is_comma(t)) and not given(t)]
        commas, whole = any("," in t for t in numbers), all(re.fullmatch(r"-?\d+", t) for t in numbers)
        dates = bool(numbers) and whole and may_be_days(np.array(numbers, dtype=np.float64))
        if dates or (commas and not all(map(is_comma, numbers))):
            return None
        found = cls(place, "comma" if commas else "int64" if whole else "float64", numbers[:TRIED], given)
        return found if found.is_told() else None

    def is_told(self) -> bool:
        """Whether some texts tell how a point or comma before three digits is read in all of them."""
        return self.kind == "int64" or self.shows or (self.kind == "float64" and len(self.texts) >= TRIED)

    def grown(self, *, new: bool) -> bool:
        """Whether the column goes on with numbers that are not all whole; `new` if they are its first."""
        if len(self.texts) < TRIED and not self.shows and not new:
            return False
        self.kind = "float64"
        return self.is_told()

    def begin(self, texts: Any) -> bool:
        """Whether these `texts` are the first numbers of the column; they are kept then."""
        if self.texts:
            return False
        self.texts = dict.fromkeys(texts.unique().to_pylist()[:TRIED])
        self.shows = bool(decimals_shown(filter(None, map(parts, self.texts))))
        return True

    def add_others(self, counts: Mapping[str, int]) -> bool:
        """Whether the column has few other texts, none of them a number, with these `counts` more."""
        for text, count in counts.items():
            self.others[text.strip()] += count
        return len(self.others) <= MOST_OTHERS and not any(is_number(t) and not self.given(t) for t in counts)

    def accepts(self, values: NDArray[np.float64]) -> bool:
        """Whether `values` of a block are finite or missing, and not all of the column may be dates."""
        known = values[~np.isnan(values)]
        if np.isinf(known).any():
            return False
        if self.dated is None and len(known):
            self.dated = may_be_days(known)
        if self.kind == "int64" and len(known) and np.abs(known).max() >= 10.0**MOST_DIGITS:
            self.long = True
        return not self.dated

    def lengthened(self, texts: Any) -> None:
        """Keep the text with the most digits after a decimal comma, of an array of pyarrow."""
        import pyarrow.compute as pc

        parted = [texts]
        if has_character(texts, b"eE"):
            powers = pc.or_(pc.match_substring(texts, "e"), pc.match_substring(texts, "E"))
            parted = [texts.filter(pc.invert(powers)), texts.filter(powers)]
        for i, part in enumerate(parted):
            digits = pc.replace_substring_regex(part, "[eE].*", "") if i else part
            comma = pc.find_substring(digits, ",")
            places = pc.if_else(pc.equal(comma, -1), 0, pc.subtract(pc.binary_length(digits), comma))
            longest = pc.max(places).as_py()
            known = (re.sub("[eE].*", "", text).partition(",")[2] for text in self.texts)
            if longest and longest > 1 + max(map(len, known), default=-1):
                self.texts[part[pc.index(places, longest).as_py()].as_py()] = None

    def sample(self) -> Texts:
        """Texts that tell all that the texts of the column do, with their counts."""
        rows = len(self.values)
        counts = Counter(dict.fromkeys(self.texts, 1))
        if self.texts:
            counts[next(iter(self.texts))] += rows - self.others.total() - len(self.texts)
        counts += self.others
        plain = [text for text in self.texts if "," not in text]
        return Texts(counts, plain, [text for text in counts if text not in {*plain}])

    def cells(self, texts: Texts, missing: set[str], notation: Notation | None) -> Cells:
        """The cells, if they are numbers as they were read.

        Raises:
            UnfitError: where they are not.
        """
        comma = self.kind == "comma"
        read = notation is not None and notation._replace(places=0) == PLAIN._replace(decimal=",."[not comma])
        if not read or not {*self.others} <= missing:
            raise UnfitError(self.place)
        assert notation is not None
        dtype = "int64" if self.kind == "int64" and not self.long else "float64"
        return Cells(self.values, dtype, raw=self.raw, notation=notation)


def has_character(texts: Any, characters: bytes) -> bool:
    """Whether an array of pyarrow, or one that it is a part of, has a text with one of `characters`."""
    content = texts.buffers()[2]
    read = b"" if content is None else content.to_pybytes()
    return any(read.find(byte) >= 0 for byte in characters)


def is_plain(text: str) -> bool:
    """Whether a text is a finite number in Python's notation, without zeros in front."""
    return re.fullmatch(FORMS["int64"], text) is not None and isfinite(float(text))


def is_comma(text: str) -> bool:
    """Whether a text is a number with a decimal comma or none, and nothing else."""
    return re.fullmatch(FORMS["comma"], text) is not None


def is_number(text: str) -> bool:
    """Whether a text is a finite number in any notation."""
    value = number(text)
    return parts(text) is not None or (value is not None and isfinite(value))


def may_be_days(values: NDArray[np.float64]) -> bool:
    """Whether `values (n,)` may all be dates, as 20240131."""
    return bool(((values >= DAYS[0]) & (values <= DAYS[1]) & (values % 1 == 0)).all())
