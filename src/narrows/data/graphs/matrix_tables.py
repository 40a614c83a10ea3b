"""Adjacency matrices in tables: a column for each node, in the order of the rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from narrows.data.columns import Array
from narrows.data.graphs.adjacency import of_adjacency
from narrows.data.graphs.edge_lists import EdgeList
from narrows.data.tables.notation import number
from narrows.data.tables.table import Table

FEWEST = 4
"""The columns of a matrix without names of its rows, at the least: fewer may be an edge list with weights."""


def matrix_in(table: Table) -> EdgeList | None:
    """The edges of an adjacency matrix; None for a table that is none.

    It is one if a column without a name has the names of the other columns, in their order; or if it has as
    many columns as rows, all of 0 and 1. An empty cell is no edge.
    """
    names = [name for name in table.columns if name != ""]
    rows = len(next(iter(table.columns.values())).values)
    named = "" in table.columns and [text.strip() for text in table.text("")] == names
    if len(names) != rows or not (named or rows >= FEWEST):
        return None
    values = numbers_in(table, names)
    if values is None or not (named or np.isin(values, (0, 1)).all()):
        return None
    pairs, notes = of_adjacency(sparse.csr_matrix(values), table.file)
    one, other = ([names[i] for i in end] for end in pairs.T.tolist())
    return EdgeList(
        (one, other), None, (f"{table.file} is read as an adjacency matrix.", *notes), tuple(names)
    )


def numbers_in(table: Table, names: list[str]) -> Array | None:
    """The cells of columns as numbers `(rows, columns)`, 0 for an empty one; None if some are words."""
    cells = [[0.0 if cell is None else number(str(cell)) for cell in table[name].values] for name in names]
    if any(None in column for column in cells):
        return None
    return np.nan_to_num(np.array(cells, dtype=np.float64).T)
