"""Tables: named columns of any nature, from files and data frames.

The nature of a column is inferred from its cells: numbers, booleans, or words that repeat often enough
to be categories. Text that hardly repeats cannot be learned and is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.core.registry import nearest
from narrows.core.shell import listed_name, quoted
from narrows.data.columns import Array, Column, default_names, words
from narrows.data.schema import Schema
from narrows.data.tables.cells import LARGEST_EXACT, Cells, Form, lacking, text_cells
from narrows.data.tables.coded import Coded
from narrows.data.tables.date_formats import DatesFound, about_order, recognise
from narrows.data.tables.frame_dates import ClockTexts, as_moments, moments
from narrows.data.tables.many_words import (
    about_case,
    about_rest,
    about_text,
    differing_in_case,
    vocabulary,
    with_rest,
)
from narrows.data.tables.notation import number
from narrows.data.tables.unknown import Recognised, Unknown

if TYPE_CHECKING:
    from pandas import DataFrame

YES_OR_NO = ({"false", "true"}, {"no", "yes"}, {"f", "t"}, {"n", "y"})
"""The words of boolean columns, in lower case; the word for false is first in the alphabet."""


class Found(NamedTuple):
    """The columns that a table was found to have.

    Attributes:
        values: `(rows, columns)`, NaN where a cell is missing.
        columns: their descriptions.
        notes: sentences about what was done with the cells.
        warnings: sentences about columns that were left out.
    """

    values: Array
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file.

    Attributes:
        file: its name, for messages.
        columns: by name.
        places: the place of each row in the file, for messages; empty where rows are counted.
        form: how the cells of a text file were read.
        notes: sentences about that.
    """

    file: str
    columns: dict[str, Cells]
    places: Sequence[str] = ()
    form: Form | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Cells:
        if name not in self.columns:
            raise InputError(f"{self.file} has no column {name!r}.{nearest(name, self.columns)}")
        return self.columns[name]

    def text(self, name: str) -> list[str]:
        """The cells of a column as text, as they came."""
        return ["" if cell is None else str(cell) for cell in self[name].as_texts()]

    def texts_at(self, name: str, rows: Sequence[int]) -> list[str]:
        """The cells of a column in some rows as text."""
        texts = self.words(name)
        return [texts[row] or "" for row in rows]

    def words(self, name: str) -> Coded:
        """The cells of a column as words, None where one is missing."""
        cells = self[name]
        if not isinstance(cells.values, np.ndarray):
            return Coded.of(cells.values).stripped
        known = Coded.of(cells.as_texts()).without(np.isnan(cells.values))
        return known.mapped(lambda cell: None if cell is None else cells.notation.read(str(cell).strip()))

    def lacking(self, missing: Sequence[str]) -> Table:
        """The table of a typed file, without the cells that say one of `missing`."""
        columns = {
            name: lacking(cells, missing) if missing else cells for name, cells in self.columns.items()
        }
        return replace(self, columns=columns, form=Form(missing=tuple(missing)))

    def place(self, row: int) -> str:
        """The place of a row in the file, the beginning of a message."""
        return self.places[row] if self.places else f"Row {row} (counted from 0) of {self.file}"

    def read(self, names: Sequence[str], *, all_wanted: bool = False) -> Found:
        """The columns called `names` as numbers; with `all_wanted` none of them is left out.

        Raises:
            InputError: for text in a column of numbers, with its place, or a column of free text that is
                wanted, or beside which there is no other.
        """
        dates = {name: found for name in names if (found := dates_in(self[name]))}
        others = [name for name in names if name not in dates]
        free = {name: count for name in others if (count := free_text(self[name]))}
        used = [name for name in names if name not in free]
        if free and (all_wanted or not used):
            first, count = next(iter(free.items()))
            raise InputError(
                f"The column {first!r} of {self.file} holds text that hardly repeats ({count:,} different "
                f"words), which is no category; leave it out."
            )
        rows = len(self[names[0]].values)
        left = [about_text(self.file, free, rows)] if free else []
        columns: list[Column] = []
        values = side_by_side(self._each(used, dates, columns), len(used))
        if all(np.isnan(cells).all() for cells in values.T):
            raise InputError(f"{self.file} has no value: all cells of its {rows:,} rows are missing.")
        left += [about_order(name, found.dates) for name, found in dates.items() if found.unclear]
        left += [about_case(column) for column in columns if differing_in_case(column)]
        notes = (about_rest(column, counted(self[column.name])) for column in columns if column.rest)
        return Found(values, tuple(columns), tuple(notes), tuple(left))

    def _each(
        self, names: Sequence[str], dates: Mapping[str, DatesFound], columns: list[Column]
    ) -> Iterator[Array]:
        """The cells of columns as numbers, one column after the other; their descriptions go to `columns`."""
        for name in names:
            column, values = self.column(name, dates.get(name))
            columns.append(column)
            yield values

    def known_as(self, names: Sequence[str], found: Sequence[str]) -> Table:
        """The same table; if `names` are default names, its columns `found` are renamed to them in order."""
        if tuple(names) != default_names(len(names)):
            return self
        return replace(self, columns={name: self[old] for name, old in zip(names, found, strict=True)})

    def read_as(self, known: Sequence[Column]) -> Recognised:
        """The columns that `known` describes as numbers, and the cells with words that they do not have.

        Raises:
            InputError: for a missing column, or a column of numbers in which most cells are text.
        """
        coded = [self.codes(column) for column in known]
        unknown = {
            j: Unknown(column.name, rows, self.texts_at(column.name, rows))
            for j, (column, (_, rows)) in enumerate(zip(known, coded, strict=True))
            if rows
        }
        for column, (_, rows) in zip(known, coded, strict=True):
            if rows and not column.levels and self.mostly_unknown(column, rows):
                raise self.text_among_numbers(column, rows[0])
        return Recognised(side_by_side((values for values, _ in coded), len(coded)), unknown)

    def column(self, name: str, dates: DatesFound | None = None) -> tuple[Column, Array]:
        """The description of a column, and its cells as numbers; `dates` if they are known to be in it.

        Raises:
            InputError: for text in a column of numbers.
        """
        column = self.described(name, dates)
        values, unknown = self.codes(column)
        if unknown:
            raise self.text_among_numbers(column, unknown[0])
        return column, values

    def described(self, name: str, dates: DatesFound | None = None) -> Column:
        """The description of a column, inferred from its cells; `dates` if they are known to be in it."""
        cells = self[name]
        if found := dates or dates_in(cells):
            return Column(name, cells.dtype or "str", dates=found.dates)
        column = Column(name, *nature(cells), notation=cells.notation)
        return with_rest(column, counted(cells), len(cells.values)) if column.levels else column

    def codes(self, column: Column) -> tuple[Array, list[int]]:
        """The cells of `column` as numbers `(rows,)`, and the rows of those that cannot be.

        These and missing cells are NaN.
        """
        cells = self[column.name]
        if isinstance(cells.values, np.ndarray) and column.nature == "number":
            return cells.values.astype(np.float64, copy=False), []
        alike = cells.dates and column.dates and cells.dates.format == column.dates.format
        if alike and column.dates is not None and cells.moments is not None:
            return column.dates.days_of(cells.moments), []
        words = self.words(column.name)
        if column.dates is not None:
            found = column.dates.days(words.texts)
        else:
            index = {level: float(i) for i, level in enumerate(column.levels)}
            rest = index[column.rest] if column.rest else None
            found = [
                np.nan if word is None else index.get(word, rest) if column.levels else number(word)
                for word in words.texts
            ]
        unknown = words.rows_where([code is None for code in found])
        return np.array([*found, np.nan], dtype=np.float64)[words.codes], unknown

    def mostly_unknown(self, column: Column, rows: Sequence[int]) -> bool:
        """Whether most cells of a column of numbers or dates are none, as those in `rows` are."""
        if column.dates is not None:
            return 2 * len(rows) > len(self.words(column.name))
        return in_words(self[column.name])

    def text_among_numbers(self, column: Column, row: int) -> InputError:
        """The error about text in a column of numbers or dates, first in `row`."""
        wanted = f"dates as {column.dates.text(np.zeros(1))[0]}" if column.dates else "numbers"
        text = self.texts_at(column.name, [row])[0]
        advice = "correct it, or leave that column out"
        if self.form is not None:
            missing = quoted(listed_name(text))
            advice = f"if it is a missing cell, read it as one with --missing {missing}; else {advice}"
        return InputError(
            f"{self.place(row)} has the text {text!r} in column {column.name!r}, where {wanted} are wanted; "
            f"{advice}."
        )


def side_by_side(columns: Iterable[Array], count: int) -> Array:
    """So many columns `(rows,)` of numbers as one array `(rows, columns)`: no copy if they are all of one.

    They are asked for one by one, so that no two of them are in memory beside that array.
    """
    own: list[Array] = []
    found: Array | None = None
    for j, column in enumerate(columns):
        if found is None and is_own(column, own[0] if own else column, j, count):
            own.append(column)
            continue
        if found is None:
            found = np.empty((len(column), count))
            for i, each in enumerate(own):
                found[:, i] = each
        found[:, j] = column
    return own[0].base if found is None else found  # type: ignore[return-value]


def is_own(column: Array, first: Array, j: int, count: int) -> bool:
    """Whether `column` is the `j`-th of an array of `count` columns, as `first` is the first."""
    whole = first.base
    if whole is None or whole.shape != (len(first), count) or whole.dtype != np.float64:
        return False
    return column.__array_interface__ == whole[:, j].__array_interface__


def nature(cells: Cells) -> tuple[str, tuple[str, ...]]:
    """The dtype and the levels of a column, inferred from its cells."""
    if isinstance(cells.values, np.ndarray):
        return cells.dtype, ()
    if not in_words(cells):
        texts = Coded.of(cells.values).counts
        integers = all(re.fullmatch(r"\s*[+-]?\d{1,15}\s*", cell) for cell in texts)
        return ("int64" if integers else "float64"), ()
    distinct = levels(cells)
    by_alphabet, lower = sorted(distinct, key=str.lower), {word.lower() for word in distinct}
    for pair in YES_OR_NO:
        if distinct and lower <= pair and len(lower) == len(distinct):
            both = tuple(by_alphabet) if len(distinct) == 2 else completed(distinct[0], pair)
            return (cells.dtype if cells.dtype == "boolean" else "bool"), both
    return cells.dtype or "str", distinct


def levels(cells: Cells) -> tuple[str, ...]:
    """The distinct words of a column, sorted."""
    return tuple(sorted(counted(cells)))


def counted(cells: Cells) -> Counter[str]:
    """How often each word of a column occurs."""
    return Coded.of(cells.values).stripped.counts


def completed(word: str, pair: set[str]) -> tuple[str, ...]:
    """Both words of `pair`, sorted, in upper, title or lower case like `word`, the one that occurs."""
    style = str.upper if word.isupper() else str.title if word.istitle() else str.lower
    return tuple(sorted(style(each) for each in pair))


def in_words(cells: Cells) -> bool:
    """Whether a column holds words: by its dtype, or because most of its cells are no numbers."""
    if cells.words or cells.dtype in ("bool", "boolean", "category"):
        return True
    counts = Coded.of(cells.values).counts
    return 2 * sum(n for text, n in counts.items() if number(text) is None) > counts.total()


def free_text(cells: Cells) -> int:
    """The number of distinct words of a column whose text hardly repeats; 0 for other columns."""
    if isinstance(cells.values, np.ndarray) or not in_words(cells):
        return 0
    if dates_in(cells):
        return 0
    counts = counted(cells)
    return 0 if vocabulary(counts, len(cells.values)) else len(counts)


def dates_in(cells: Cells) -> DatesFound | None:
    """The format of the dates that a column holds; None if it holds others."""
    if isinstance(cells.values, np.ndarray) or cells.dtype in ("bool", "boolean", "category"):
        return None
    if cells.dates is not None:
        return DatesFound(cells.dates)
    return recognise([*counted(cells)])


def from_frame(frame: DataFrame, name: str) -> Table:
    """The columns of a pandas data frame.

    Raises:
        InputError: for a name of a column that occurs twice, or a column of time differences or complex
            numbers.
    """
    columns = [str(column) for column in frame.columns]
    if len(set(columns)) < len(columns):
        raise InputError(f"{name} names a column twice: {Counter(columns).most_common(1)[0][0]!r}.")
    if not len(frame):
        raise InputError(f"{name} holds no rows.")
    return Table(
        name, {column: frame_cells(frame.iloc[:, j], column, name) for j, column in enumerate(columns)}
    )


def frame_cells(series: object, column: str, name: str) -> Cells:
    from pandas import Series, api

    assert isinstance(series, Series)
    dtype = str(series.dtype)
    if api.types.is_datetime64_any_dtype(series):
        return Cells(ClockTexts(series), dtype, moments=moments(series))
    if api.types.is_timedelta64_dtype(series):
        raise InputError(
            f"The column {column!r} of {name} holds differences of times; convert them to numbers, or leave "
            f"it out."
        )
    if api.types.is_complex_dtype(series):
        raise InputError(
            f"The column {column!r} of {name} holds complex numbers; make real ones of them, or leave it out."
        )
    if api.types.is_numeric_dtype(series) and not api.types.is_bool_dtype(series):
        return Cells(series.to_numpy(dtype=np.float64, na_value=np.nan), dtype, raw=integer_texts(series))
    missing = series.isna().to_numpy()
    cells = [None if empty else str(cell) for cell, empty in zip(series, missing, strict=True)]
    return text_cells(cells, dtype)


def integer_texts(series: Any) -> list[str | None] | None:
    """The texts of a series of integers if floats do not hold them all, None where one is missing."""
    from pandas import api

    if not api.types.is_integer_dtype(series) or not len(series.dropna()):
        return None
    if max(abs(int(series.min())), abs(int(series.max()))) <= LARGEST_EXACT:
        return None
    return [None if empty else str(cell) for cell, empty in zip(series, series.isna(), strict=True)]


def to_frame(values: Array, schema: Schema, index: object = None) -> DataFrame:
    """`values (n, columns)` as a data frame whose columns have the dtypes of `schema`."""
    import pandas

    frame = pandas.DataFrame(words(values, schema.columns), index=index)
    for column in schema.columns:
        cells = frame[column.name]
        if column.dtype == "category":
            frame[column.name] = pandas.Categorical(cells, categories=column.levels)
        elif column.dtype.startswith("datetime64"):
            frame[column.name] = as_moments(cells, column.dtype)
        elif column.nature == "boolean" and column.levels == ("False", "True") and not cells.isna().any():
            frame[column.name] = (cells == "True").astype(column.dtype)
        elif column.nature == "number" and not (column.whole and cells.isna().any()):
            frame[column.name] = within_type(cells, column.dtype).astype(column.dtype)
    return frame


def within_type(cells: Any, dtype: str) -> Any:
    """Numbers of a series within the range of an integer type, so that none wraps around."""
    if not dtype.lower().startswith(("int", "uint")):
        return cells
    limits = np.iinfo(dtype.lower())
    return cells.clip(limits.min, limits.max)
