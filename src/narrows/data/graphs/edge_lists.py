"""Edge lists: tables of two columns that name the nodes of each edge, and perhaps one of weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.columns import Array
from narrows.data.graphs.naming import names_in
from narrows.data.tables.notation import number
from narrows.data.tables.table import Table

ENDS = (
    ("source", "target"),
    ("src", "dst"),
    ("from", "to"),
    ("u", "v"),
    ("start", "end"),
    ("head", "tail"),
    ("sender", "receiver"),
    ("citing", "cited"),
    ("1", "2"),
)
"""Usual names of the columns of both ends, without words that say that they name nodes."""

WEIGHTS = {"weight", "weights", "w"}
"""Usual names of the column of weights."""

ABOUT_NODES = {"node", "nodes", "id", "name", "vertex", "key"}
"""Words in the names of columns of ends that do not tell these apart."""


class EdgeList(NamedTuple):
    """The rows of an edge list.

    Attributes:
        ends: the names of the nodes at the one, and at the other end of each edge.
        graphs: the name of the graph of each edge; None for one graph.
        notes: sentences about columns, weights and rows that are not used.
        nodes: the names of all nodes, where these are known without a table of them.
    """

    ends: tuple[Sequence[str], Sequence[str]]
    graphs: Sequence[str] | None = None
    notes: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


class Roles(NamedTuple):
    """The names of the columns of both ends and of weights, and of those that are not used."""

    ends: tuple[str, str]
    weights: str | None = None
    others: tuple[str, ...] = ()


def edges_in(table: Table, ends: Sequence[str] = (), graph: str | None = None) -> EdgeList:
    """The edges in the rows of a table.

    Args:
        table: of edges.
        ends: the columns of both ends, and perhaps that of weights; by default they are found by their usual
            names, or else are the first ones.
        graph: the column that names the graph of each edge, of several graphs.

    Raises:
        InputError: when it is unclear which columns name the nodes, for cells that name none, and for
            weights below 0.
    """
    roles = roles_in(table, ends, graph)
    names = [names_in(table, column) for column in roles.ends]
    graphs = None if graph is None else table.text(graph)
    notes = about(table, roles, told=bool(ends))
    if roles.weights is None:
        return EdgeList((names[0], names[1]), graphs, notes)
    there = weights_in(table, roles.weights) != 0
    zero = int((~there).sum())
    left = f"; rows with the weight 0 are no edges: {zero:,}" if zero else ""
    kept = np.flatnonzero(there).tolist() if zero else range(len(there))
    one, other = ([each[i] for i in kept] for each in names)
    graphs = graphs and [graphs[i] for i in kept]
    said = f"Weights in {roles.weights!r} are not used, as the model predicts whether there is an edge{left}."
    return EdgeList((one, other), graphs, (*notes, said))


def about(table: Table, roles: Roles, *, told: bool) -> tuple[str, ...]:
    """Sentences about the columns that are ends, and those that are not used."""
    headed = table.form is not None and table.form.header
    doubtful = headed and not told and usual_ends(roles.ends) is None
    doubt = "; --no-header if these two are an edge" if doubtful else ""
    one, other = roles.ends
    said = f"The columns {one!r} and {other!r} of {table.file} are the ends of edges{doubt}."
    left = f"Columns of {table.file} that are not used: {few(roles.others)}."
    return (said, left) if roles.others else (said,)


def weights_in(table: Table, column: str) -> Array:
    """The weights in a column `(rows,)`, NaN where one is missing.

    Raises:
        InputError: for words, and for weights below 0.
    """
    found, weights = table.column(column)
    if found.levels or found.dates:
        raise InputError(f"The column {column!r} of {table.file} holds words, but weights are numbers.")
    low = weights < 0
    if low.any():
        raise InputError(
            f"{table.place(int(low.argmax()))} has the weight {weights[low.argmax()]:g}; weights are not "
            f"used, but one below 0 may stand for no edge: leave such rows out, or the column {column!r}."
        )
    return weights


def roles_in(table: Table, ends: Sequence[str], graph: str | None) -> Roles:
    """What the columns of an edge list are: as told by `ends`, by their usual names, or by their places.

    Raises:
        InputError: when that is unclear.
    """
    names = [name for name in table.columns if name not in (graph, "")]
    if graph is not None:
        table[graph]  # or an error that names the nearest
    if ends:
        for name in ends:
            table[name]
        others = tuple(name for name in names if name not in ends)
        return Roles((ends[0], ends[1]), ends[2] if len(ends) > 2 else None, others)
    named = usual_ends(names)
    if named is not None:
        rest = [name for name in names if name not in named]
        weights = weights_among(rest, table)
        return Roles(named, weights, tuple(name for name in rest if name != weights))
    return by_place(table, names)


def weights_among(rest: Sequence[str], table: Table) -> str | None:
    """The column of weights beside both ends: one with a usual name, or the only one, of numbers."""
    usual = [name for name in rest if name.lower() in WEIGHTS]
    only = len(rest) == 1 and shortened(rest[0]) not in ("", "edge") and in_numbers(table, rest[0])
    return usual[0] if usual else rest[0] if only else None


def by_place(table: Table, names: Sequence[str]) -> Roles:
    """The first two columns as ends, a third one of numbers as weights."""
    if len(names) < 2:
        raise InputError(
            f"The edge list {table.file} has one column: {few(names)}; wanted are two that name nodes, "
            f"separated by a comma, a semicolon or a tab."
        )
    ask = "say which by --ends SOURCE,TARGET or --ends SOURCE,TARGET,WEIGHT"
    if len(names) not in (2, 3):
        raise InputError(
            f"The edge list {table.file} has {len(names)} columns: {few(names)}; wanted are two that name "
            f"nodes, and perhaps a third of weights: {ask}."
        )
    if len(names) == 3 and not in_numbers(table, names[2]):
        raise InputError(
            f"The third column {names[2]!r} of the edge list {table.file} holds words, but weights are "
            f"numbers; {ask}; --graph {names[2]} if it names the graph of each edge."
        )
    return Roles((names[0], names[1]), names[2] if len(names) == 3 else None)


def in_numbers(table: Table, column: str) -> bool:
    """Whether all cells of a column are numbers, of those that are not missing."""
    cells = table[column].values
    return isinstance(cells, np.ndarray) or all(cell is None or number(cell) is not None for cell in cells)


def usual_ends(names: Sequence[str]) -> tuple[str, str] | None:
    """The columns with usual names of both ends, if there are such.

    >>> usual_ends(["Id", "FromNodeId", "ToNodeId"]), usual_ends(["node1", "node_2"]), usual_ends(["x", "y"])
    (('FromNodeId', 'ToNodeId'), ('node1', 'node_2'), None)
    """
    short: Mapping[str, str] = {shortened(name): name for name in reversed(names)}
    return next(((short[a], short[b]) for a, b in ENDS if a in short and b in short), None)


def shortened(name: str) -> str:
    """The words of a column's name, in lower case, without those that say that it names a node."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[^\W\d_]+|\d+", apart.lower())
    return " ".join(word for word in words if word not in ABOUT_NODES) if words else name


def names_are_nodes(table: Table) -> bool:
    """Whether the names of the first two columns of a text file are the nodes of an edge.

    They are if they are numbers, or occur as nodes in these columns.
    """
    first, usual = list(table.columns)[:2], usual_ends(list(table.columns))
    if "" in first:  # a column of row names, which lines of names have
        return False
    if len(first) == 2 and all(number(name) is not None for name in first):
        return True
    if len(first) < 2 or (usual is not None and len(usual[0]) > 1):
        return False
    nodes = {str(cell).strip() for name in first for cell in table[name].as_texts()}
    return any(name in nodes for name in first if name)
