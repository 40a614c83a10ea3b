"""Columns of dates in large delimited text, read by pyarrow a block at a time.

A column is read so if its dates are in ISO 8601 and written alike, as 2024-01-31 or 2024-01-31T12:30:00Z, and
its other texts may stand for missing cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from narrows.data.columns import Array
from narrows.data.tables.cells import Cells, cells_of
from narrows.data.tables.coded import Coded, LateTexts
from narrows.data.tables.date_formats import dated, iso_format
from narrows.data.tables.missing import Test, Texts, is_missing, is_sign
from narrows.data.tables.notation import PLAIN, Notation
from narrows.data.tables.number_columns import MOST_OTHERS, UnfitError

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{3}|\.\d{6})?)?Z?)?")
"""How dates are written."""

FIRST = np.datetime64("0001-01-01")
"""The first day that has a date."""


class DateColumn:
    """A column of dates: what is known of its texts.

    Args:
        place: its number in the file.
        example: one of its texts; the others have the same form.
        given: whether a text stands for a missing cell because a person says so.

    Attributes:
        others: how often each other text occurs, without spaces around it.
        moments: `(rows,)` of datetime64[us], NaT where a cell is no date, once all are read.
        raw: its texts as they came, read when they are asked for.
    """

    def __init__(self, place: int, example: str, given: Test) -> None:
        self.place, self.example, self.given = place, example, given
        self.others: Counter[str] = Counter()
        self.parts: list[Array] = []
        self.moments: Array = np.empty(0, "datetime64[us]")
        self.raw: Coded = Coded([], np.empty(0, np.int32))

    @classmethod
    def of(cls, place: int, cells: Sequence[str], given: Test, named: Sequence[str]) -> DateColumn | None:
        """The column that begins with `cells`; None if it is to be read as texts, as where a date is missing.

        Args:
            place: its number in the file.
            cells: its first texts.
            given: whether a text stands for a missing cell because a person says so.
            named: these texts.
        """
        texts = {cell.strip() for cell in cells}
        dates = sorted(text for text in texts if not (is_missing(text) or is_sign(text) or given(text)))
        if not dates or not all(map(WRITTEN.fullmatch, dates)) or any(map(WRITTEN.fullmatch, named)):
            return None
        return cls(place, dates[0], given)

    def add(self, texts: Any) -> bool:
        """Whether the texts of a block, an array of pyarrow, are all dates of this form or may be missing."""
        import pyarrow
        import pyarrow.compute as pc

        known = pc.equal(pc.binary_length(texts), len(self.example))
        for each in texts.filter(pc.invert(known)).value_counts().to_pylist():
            text = each["values"].strip()
            if not (is_missing(text) or is_sign(text) or self.given(text)):
                return False
            self.others[text] += each["counts"]
        dates = pc.if_else(known, texts, None)
        clock, zone = self.example[10:11], self.example.endswith("Z")
        if clock and pc.all(pc.equal(pc.find_substring(dates, clock), 10)).as_py() is False:
            return False
        if zone and pc.all(pc.ends_with(dates, "Z")).as_py() is False:
            return False
        bare = pc.utf8_slice_codeunits(dates, 0, len(self.example) - 1) if zone else dates
        try:
            moments = bare.cast(pyarrow.timestamp("us")).to_numpy(zero_copy_only=False)
        except pyarrow.ArrowInvalid:
            return False
        self.parts.append(moments)
        return len(self.others) <= MOST_OTHERS and not bool((moments < FIRST).any())

    def join(self, raw: LateTexts) -> None:
        """Join the blocks, of a column whose texts are `raw`."""
        self.raw, self.moments = raw, np.concatenate(self.parts)
        self.parts = []

    def sample(self) -> Texts:
        """A text that tells all that the dates do, and the other ones, with their counts."""
        counts = Counter({self.example: len(self.moments) - self.others.total()}) + self.others
        return Texts(counts, [], [*counts])

    def cells(self, texts: Texts, missing: set[str], notation: Notation | None) -> Cells:
        """The cells, if all others than dates are missing.

        Raises:
            UnfitError: where they are not.
        """
        if not {*self.others} <= missing:
            raise UnfitError(self.place)

        def words() -> Coded:
            found = cells_of(self.raw, Texts.of(self.raw), missing, notation).values
            assert isinstance(found, Coded)
            return found

        values, dates = LateTexts(words, len(self.moments)), dated(self.moments, iso_format([self.example]))
        return Cells(values, raw=self.raw, notation=notation or PLAIN, moments=self.moments, dates=dates)
