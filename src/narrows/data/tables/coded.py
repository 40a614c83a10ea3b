"""Texts of many cells, each different one once: what is asked of all cells is answered for these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Text = str | None


class Coded(Sequence[Text]):
    """The texts of cells, None where one is missing.

    Args:
        texts: the different ones, in the order of their first cells; one may be twice among them.
        codes: `(n,)`, the number in `texts` of that of each cell.
    """

    def __init__(self, texts: Sequence[Text], codes: NDArray[np.integer[Any]]) -> None:
        self.texts, self.codes = texts, codes

    @classmethod
    def of(cls, cells: Sequence[Any] | NDArray[Any]) -> Coded:
        """The texts of `cells`.

        >>> found = Coded.of(["b", "a", "b"])
        >>> found.texts, found.codes.tolist(), found.counts
        (['b', 'a'], [0, 1, 0], Counter({'b': 2, 'a': 1}))
        """
        if isinstance(cells, Coded):
            return cells
        index: dict[Text, int] = {}
        codes = np.fromiter((index.setdefault(cell, len(index)) for cell in cells), np.int32, len(cells))
        return cls([*index], codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Text]:
        return map(self.texts.__getitem__, self.codes.tolist())

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self.texts[code] for code in self.codes[row]]
        return self.texts[self.codes[row]]

    def mapped(self, change: Callable[[Any], Text]) -> Coded:
        """The cells with other texts."""
        return Coded([change(text) for text in self.texts], self.codes)

    @cached_property
    def stripped(self) -> Coded:
        """The cells without spaces around their texts."""
        texts = [None if text is None else str(text).strip() for text in self.texts]
        return Coded(texts, self.codes) if texts != [*self.texts] else self

    def without(self, gone: NDArray[np.bool_]) -> Coded:
        """The cells with None where they are `gone (n,)`."""
        return Coded([*self.texts, None], np.where(gone, len(self.texts), self.codes))

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text occurs, in the order of the first cells; missing ones do not count."""
        found: Counter[str] = Counter()
        numbers = np.bincount(self.codes, minlength=len(self.texts)).tolist()
        for text, count in zip(self.texts, numbers, strict=True):
            if text is not None and count:
                found[text] += count
        return found

    def rows_where(self, chosen: Sequence[bool]) -> list[int]:
        """The numbers of the cells whose text is `chosen`, which says it of each different one."""
        if not any(chosen):
            return []
        rows: list[int] = np.flatnonzero(np.array(chosen)[self.codes]).tolist()
        return rows


class LateTexts(Coded):
    """The texts of cells that are read when they are asked for.

    Args:
        read: reads them.
        rows: how many there are.
    """

    def __init__(self, read: Callable[[], Coded], rows: int) -> None:
        self.read, self.rows = read, rows

    @cached_property
    def found(self) -> Coded:
        return self.read()

    @property
    def texts(self) -> Sequence[Text]:  # type: ignore[override]
        return self.found.texts

    @property
    def codes(self) -> NDArray[np.integer[Any]]:  # type: ignore[override]
        return self.found.codes

    def __len__(self) -> int:
        return self.rows
