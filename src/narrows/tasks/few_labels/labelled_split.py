"""Rows with labels to learn from, and others to judge on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError, few
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.tables.missing import is_missing
from narrows.tasks.few_labels.measures import rarest_class

TESTED, MOST_TESTED = 0.5, 10_000
"""The share of the nodes of a graph that are judged on, and their number at the most."""


class Rows(NamedTuple):
    """Some rows of data.

    Attributes:
        values: `(n, *shape)` as they came; of the nodes of a graph their numbers, `(n,)`.
        labels: `(n,)`; None for rows without.
        name: of the data.
    """

    values: Array
    labels: Array | None
    name: str


class LabelledSplit:
    """Rows to learn from and rows to judge on, with the numbers of their classes.

    Attributes:
        names: `(classes,)`, sorted.
        values: of the rows to learn from, as `Rows.values`.
        y: `(n,)`, the number of each row's class; -1 where it has no label.
        test_values: the rows to judge on that have a label.
        test_y: their classes; -1 for a class that no row to learn from has.
        rarest: the number of the rarest class; None where classes are about equal.

    Raises:
        InputError: for data without labels, or labels that are not classes.
    """

    def __init__(self, data: Data, seed: int) -> None:
        if data.labels is None:
            raise InputError(f"{data.name} has no labels to learn; name a column or a file with --label.")
        train, test = DRAWN[data.schema.judged_by](data, seed)
        assert train.labels is not None
        if test.labels is None:
            raise InputError(f"The rows of {test.name} to judge on have no labels.")
        named, judged = has_label(train.labels), has_label(test.labels)
        self.values, self.test_values = train.values, test.values[judged]
        self.names, classes = np.unique(train.labels[named], return_inverse=True)
        if not 2 <= len(self.names) <= named.sum() / 3:
            raise InputError(
                f"The labels have {len(self.names):,} values in {named.sum():,} rows; wanted are at least 2 "
                f"classes that return."
            )
        self.y = np.full(len(train.labels), -1)
        self.y[named] = classes
        self.test_y = self._numbered(test.labels[judged], test.name, own_test=data.test is not None)
        self.rarest = rarest_class(self.y, self.test_y, len(self.names))

    def _numbered(self, labels: Array, name: str, *, own_test: bool) -> NDArray[np.intp]:
        """The numbers of the classes of test rows; -1 for a class that no row to learn from has."""
        unknown = np.setdiff1d(labels, self.names)
        if (len(unknown) and own_test) or not len(labels):
            which = few([str(label) for label in unknown], 3) or "no labels"
            raise InputError(
                f"The rows of {name} to judge on have {which}; wanted are labels of rows to learn from."
            )
        return np.where(np.isin(labels, self.names), np.searchsorted(self.names, labels), -1)

    def described_rarest(self) -> dict[str, Any] | None:
        """The name of the rarest class, and its share of the labelled rows to learn from."""
        if self.rarest is None:
            return None
        share = float((self.y == self.rarest).sum() / (self.y >= 0).sum())
        return {"name": str(self.names[self.rarest]), "share": share}

    def draw(self, each: int, seed: int) -> NDArray[np.intp]:
        """`y` with at most `each` labels of a class, drawn at random; -1 elsewhere."""
        order = np.random.default_rng(seed).permutation(len(self.y))
        drawn = np.full(len(self.y), -1)
        for c in range(len(self.names)):
            members = order[self.y[order] == c][:each]
            drawn[members] = c
        return drawn


def rows_of_parts(data: Data, seed: int) -> tuple[Rows, Rows]:
    """The training and validation rows of `data`, as many as fit into memory, and the test rows."""
    parts = data.parts(seed)
    if parts.held_out is None:
        train, test = data.drawn(), data.test
    else:
        index = np.concatenate([parts.train, parts.validation])
        train, test = data.rows(data.sample_of(index)), data.rows(parts.held_out)
    assert test is not None
    return Rows(train.array, train.labels, train.name), Rows(test.array, test.labels, test.name)


def nodes_apart(data: Data, seed: int) -> tuple[Rows, Rows]:
    """The numbers of the nodes to learn from, and of those to judge on, drawn at random.

    Parts of a graph are drawn over its edges, so that none has nodes of its own.
    """
    assert data.labels is not None
    order = np.random.default_rng(seed).permutation(len(data))
    test, train = np.split(order, [min(MOST_TESTED, int(TESTED * len(data)))])
    return Rows(train, data.labels[train], data.name), Rows(test, data.labels[test], data.name)


DRAWN = {"values": rows_of_parts, "edges": nodes_apart}
"""How rows are drawn, by `Schema.judged_by`."""


def has_label(labels: Array) -> NDArray[np.bool_]:
    """Which rows have a label: neither NaN nor a word for a missing cell."""
    if labels.dtype.kind == "f":
        return ~np.isnan(labels)
    return np.array([not is_missing(str(label)) for label in labels.tolist()])
