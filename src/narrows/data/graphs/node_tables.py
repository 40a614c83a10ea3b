"""Tables of nodes: a row for each node, with its name, features and label."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.graphs.edge_lists import shortened
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.graphs.naming import WHOLE, names_in
from narrows.data.graphs.node_features import NONE, Features, features_in, known_features
from narrows.data.reading import INFERRED, Reading
from narrows.data.tables.table import Table
from narrows.data.tables.use import classes, without

LEAST = 0.5
"""The share of the nodes of the edges that a column holds at least, if neither its name nor all of its cells
say that it names nodes."""

NAMING = {"", "index", "unnamed 0"}
"""What is left of usual names of a column that names nodes."""


class NodeTable(NamedTuple):
    """The nodes in the rows of a table.

    Attributes:
        names: of the nodes, in order.
        features: of the nodes.
        labels: `(n,)`.
        graphs: the name of the graph of each node, of several graphs.
        notes: sentences about how the table was read.
    """

    names: list[str]
    features: Features = NONE
    labels: Array | None = None
    graphs: list[str] | None = None
    notes: tuple[str, ...] = ()


def nodes_in(
    table: Table, used: Collection[str], how: Reading = INFERRED, known: FeatureColumns | None = None
) -> NodeTable:
    """The nodes in the rows of a table.

    Args:
        table: of nodes.
        used: the different names of nodes that the edges have.
        how: the columns of names, labels, features and graphs.
        known: the columns of features that a model was fitted to.

    Raises:
        InputError: for a table without a column of names, or with a name twice.
    """
    lacks = known is not None and how.id not in table.columns  # a fitted model needs no names
    column = how.id if how.id is not None and not lacks else naming_column(table, used)
    names = names_in(table, column) if column is not None else list(map(str, range(rows_of(table))))
    graphs = table.text(how.graph) if how.graph is not None and how.graph in table.columns else None
    check_different(names, graphs, table, column)
    labels = None if how.label is None else classes(table, how.label)
    beside = (column, how.label, how.graph, "")
    others = tuple(name for name in table.columns if name not in beside)
    wanted = without(how.columns or others, how.drop, table if known is None else None)
    if known is None:
        features = features_in(table, wanted, all_wanted=bool(how.columns))
    else:
        features = known_features(table, known)
    said = numbered(table) if column is None else f"{column!r} of {table.file} names the nodes."
    return NodeTable(names, features, labels, graphs, (*table.notes, said))


def numbered(table: Table) -> str:
    """The sentence about a table without a column of names."""
    return f"No column of {table.file} holds the nodes of the edges: its rows are nodes 0, 1, 2 and so on."


def rows_of(table: Table) -> int:
    return len(next(iter(table.columns.values())).values)


def naming_column(table: Table, used: Collection[str]) -> str | None:
    """The column that names the nodes; None if rows are counted.

    Of the columns whose name says so, and of those in which all cells differ, the one that holds most of the
    nodes of the edges.

    Raises:
        InputError: when no column holds nodes of the edges, and these do not number the rows.
    """
    shares = {name: share_of(table, name, used) for name in table.columns}
    sure = {name: share for name, share in shares.items() if share == 1 or (share and names_nodes(name))}
    if sure:
        return max(sure, key=lambda name: sure[name])
    if not any(map(names_nodes, shares)) and all(is_below(name, rows_of(table)) for name in used):
        return None
    likely = max(shares, key=lambda name: shares[name])
    if shares[likely] >= LEAST:
        return likely
    example = next(iter(used), "")
    raise InputError(
        f"No column of {table.file} names the nodes of the edges, as {example!r}; say which does by --id, "
        f"and write the names as in the edges."
    )


def share_of(table: Table, column: str, used: Collection[str]) -> float:
    """The share of the nodes `used` that a column holds; 0 where it cannot be the one that names nodes."""
    cells = [str(cell).strip().removesuffix(".0") for cell in table[column].as_texts() if cell is not None]
    different = {*cells}
    share = len(different & {*used}) / max(1, len(used))
    if names_nodes(column):
        return share
    return share if len(different) == len(cells) == rows_of(table) else 0.0


def is_below(name: str, rows: int) -> bool:
    """Whether a name is the number of one of so many rows, counted from 0."""
    return WHOLE.fullmatch(name) is not None and float(name) < rows


def names_nodes(column: str) -> bool:
    """Whether the name of a column says that it names nodes, as "", "id" and "Node Name" do."""
    return shortened(column) in NAMING


def check_different(
    names: Sequence[str], graphs: Sequence[str] | None, table: Table, column: str | None
) -> None:
    """Refuse a table in which two rows have one name, in one graph."""
    seen: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(names, graphs or [""] * len(names), strict=True)):
        if seen.setdefault(key, row) != row:
            raise InputError(
                f"{table.place(row)} has the node {key[0]!r} again, in the column {column!r}; wanted is one "
                f"row for each node: leave one out, or name another column by --id."
            )
