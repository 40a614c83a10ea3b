"""Nodes are named in files: from the names in a column to the numbers of nodes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.graphs.edges import Pairs
from narrows.data.tables.table import Table

NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
WHOLE = re.compile(r"(\d+)(?:\.0*)?")
"""A number, and one that can number a node, which pandas may have written with a fraction of 0."""


def names_in(table: Table, column: str) -> list[str]:
    """The names of nodes in a column: texts without spaces around them, or whole numbers.

    Raises:
        InputError: for a cell without a name, and for numbers that are negative or not whole.
    """
    grouped = table[column].notation.group  # 1.000 stands for 1000
    cells: Sequence[object] = list(table[column].values) if grouped else table[column].as_texts()
    names = ["" if cell is None or cell != cell else str(cell).strip() for cell in cells]
    if "" in names:
        raise InputError(
            f"{table.place(names.index(''))} names no node in column {column!r}; fill it in, or leave the "
            f"row out."
        )
    different = {*names}
    if not all(map(NUMBER.fullmatch, different)):
        return names
    whole = {name: found[1] for name in different if (found := WHOLE.fullmatch(name))}
    bad = next((name for name in names if name not in whole), None)
    if bad is not None:
        raise InputError(
            f"{table.place(names.index(bad))} has the node {bad} in column {column!r}; wanted are whole "
            f"numbers from 0, or names."
        )
    return [whole[name] for name in names]


def in_order(*ends: Sequence[str]) -> list[str]:
    """The different names among `ends`: numbers by their size, others as they occur.

    >>> in_order(["10", "9"], ["9", "11"]), in_order(["b", "a"], ["a", "c"])
    (['9', '10', '11'], ['b', 'a', 'c'])
    """
    names = list(dict.fromkeys(name for pair in zip(*ends, strict=True) for name in pair))
    return sorted(names, key=int) if all(map(WHOLE.fullmatch, names)) else names


def as_numbers(ends: Sequence[Sequence[str]], names: Sequence[str], file: str, known: str) -> Pairs:
    """The pairs of node numbers `(m, 2)` that `ends`, the names at both ends of the edges, stand for.

    Args:
        ends: of all edges the one, and the other end.
        names: of the nodes, in order.
        file: that the edges are from, for messages.
        known: where the `names` are from.

    Raises:
        InputError: for names that are not among `names`.
    """
    index = {name: i for i, name in enumerate(names)}
    strange = list(dict.fromkeys(name for end in ends for name in end if name not in index))
    if strange:
        raise InputError(
            f"Nodes of {file} that are not in {known}: {few(strange)}; give each a row there, or "
            f"leave their edges out."
        )
    return np.array([[index[name] for name in end] for end in ends], dtype=np.int64).T.reshape(-1, 2)
