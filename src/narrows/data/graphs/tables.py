"""Graphs in tables: an edge list, and perhaps a table of the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError, few
from narrows.data.columns import Array
from narrows.data.formats import FORMATS, format_of, listed, readable, without_ending
from narrows.data.graphs.edge_lists import EdgeList, edges_in, names_are_nodes
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.matrix_tables import matrix_in
from narrows.data.graphs.naming import as_numbers, in_order
from narrows.data.graphs.node_tables import NodeTable, nodes_in
from narrows.data.graphs.splitting import Members, taken_apart
from narrows.data.kinds.table import TableSchema
from narrows.data.reading import Reading
from narrows.data.schema import Schema
from narrows.data.tables.opening import open_table
from narrows.data.tables.table import Table


def read_edge_list(file: Path, part: str, how: Reading) -> LoadedGraphs:
    """The graph, or the graphs, of an edge list in a file, and of a table of nodes that `how` names."""
    of_nodes = {"label": how.label, "id": how.id, "columns": how.columns, "drop": how.drop}
    given = [option for option, value in of_nodes.items() if value and how.nodes is None]
    if given:
        raise InputError(f"--{given[0]} names a column of a table of nodes; give that table by --nodes.")
    edges = open_edges(file, part, how)
    nodes = None if how.nodes is None else open_nodes(how.nodes, how)
    return of_tables(edges, nodes, how, without_ending(file))


def open_edges(file: Path, part: str, how: Reading) -> Table:
    """The table of an edge list; a first line that is an edge is no line of names."""
    table = open_table(file, part, Reading(header=how.header))
    headed = table.form is not None and table.form.header and how.header is None
    if headed and names_are_nodes(table):
        return open_table(file, part, Reading(header=False))
    return table


def open_nodes(source: str, how: Reading) -> Table:
    """The table of nodes at `source`, a file, and perhaps `::` and one of its sheets.

    Raises:
        InputError: when there is none.
    """
    path, _, part = (source, "", "") if Path(source).exists() else source.partition("::")
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"There is no file {source!r} of nodes; give one by --nodes.")
    if "columns" not in getattr(FORMATS.get(format_of(file)), "holds", ()):
        raise InputError(
            f"Nodes cannot be read from {file.name}; wanted is a table in {listed(readable('columns'))}."
        )
    known = columns_of(how.like)
    like = None if known is None else table_schema(known)
    return open_table(file, part, Reading(missing=how.missing, form=how.form, like=like), index=True)


def columns_of(schema: Schema | None) -> FeatureColumns | None:
    """The columns of features that a model of graphs was fitted to; None if they are not of a table."""
    found: FeatureColumns | None = getattr(schema, "feature_columns", None)
    return found


def table_schema(known: FeatureColumns) -> TableSchema:
    """The schema of a table with the columns of features."""
    return TableSchema.of((len(known.columns),), "float64", known.columns)


def of_tables(edges: Table, nodes: Table | None, how: Reading, name: str) -> LoadedGraphs:
    """The graph, or with `how.graph` the graphs, of an edge list, and of a table of nodes if there is one.

    Raises:
        InputError: for tables that do not fit together, with the reason.
    """
    matrix = None if how.ends or how.graph else matrix_in(edges)
    rows = edges_in(edges, how.ends, how.graph) if matrix is None else matrix
    known = columns_of(how.like)
    if nodes is None and known is not None:
        raise InputError(
            f"The model was fitted to nodes with features, as {few(list(known.names), 3)}, but {edges.file} "
            f"comes without; give their table by --nodes."
        )
    if how.graph is not None:
        return several(rows, edges, nodes, how, name)
    if nodes is None:
        return single(rows, edges, name)
    used = dict.fromkeys(one for end in rows.ends for one in end)
    found = nodes_in(nodes, used, how, known)
    pairs = as_numbers(rows.ends, found.names, edges.file, nodes.file)
    graph = Graph(
        pairs,
        found.features.values,
        len(found.names),
        found.labels,
        edges.file,
        tuple(found.names),
        found.features.names,
        columns=found.features.columns,
    )
    lonely = len(found.names) - len(used)
    said = (f"Nodes of {nodes.file} that are not in {edges.file}: {lonely:,}.",) if lonely else ()
    notes = (*edges.notes, *rows.notes, *found.notes, *found.features.notes, *said)
    return LoadedGraphs([graph], name, notes, found.features.warnings, nodes.form)


def single(rows: EdgeList, edges: Table, name: str) -> LoadedGraphs:
    """The graph of an edge list, whose nodes are those that it names."""
    names = rows.nodes or in_order(*rows.ends)
    graph = Graph(as_numbers(rows.ends, names, "", ""), None, len(names), name=edges.file, ids=tuple(names))
    said = f"The nodes are those that {edges.file} names; --nodes gives a table of them, with their features."
    return LoadedGraphs([graph], name, (*edges.notes, *rows.notes, said))


def several(rows: EdgeList, edges: Table, nodes: Table | None, how: Reading, name: str) -> LoadedGraphs:
    """The graphs that a column of an edge list, and perhaps of a table of nodes, names."""
    assert rows.graphs is not None
    used = {one: graph for end in rows.ends for one, graph in zip(end, rows.graphs, strict=True)}
    table = NodeTable([]) if nodes is None else nodes_in(nodes, used, how, columns_of(how.like))
    owners, names = owned(table, used) if nodes is not None else named_by(rows)
    ends = [[in_graph(*each) for each in zip(end, rows.graphs, strict=True)] for end in rows.ends]
    keys = list(map(in_graph, names, owners))
    pairs = as_numbers(ends, keys, edges.file, edges.file if nodes is None else nodes.file)
    called = in_order(owners)
    number = {graph: i for i, graph in enumerate(called)}
    members = np.array([number[graph] for graph in owners], dtype=np.int64)
    labels = None if table.labels is None else of_each(table.labels, members, called, how.label or "")
    graphs = taken_apart(
        pairs, members, edges.file, features=table.features, nodes=names, graphs=called, labels=labels
    )
    notes = (*edges.notes, *rows.notes, *table.notes, *table.features.notes)
    return LoadedGraphs(graphs, name, notes, table.features.warnings, None if nodes is None else nodes.form)


def in_graph(node: str, graph: str) -> str:
    """The name of a node among those of several graphs, for messages as well."""
    return f"{node} of graph {graph}"


def named_by(rows: EdgeList) -> tuple[list[str], list[str]]:
    """The graphs and the names of the nodes that an edge list of several graphs names."""
    assert rows.graphs is not None
    pairs = dict.fromkeys(
        (graph, one) for *both, graph in zip(*rows.ends, rows.graphs, strict=True) for one in both
    )
    return [graph for graph, _ in pairs], [one for _, one in pairs]


def owned(table: NodeTable, used: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The graphs and the names of the nodes of a table; it may leave their graphs to the edges.

    Raises:
        InputError: for a node without an edge, whose graph is then unknown.
    """
    if table.graphs is not None:
        return table.graphs, table.names
    alone = [name for name in table.names if name not in used]
    if alone:
        raise InputError(
            f"{len(alone):,} nodes have no edge, as {alone[0]!r}, so that their graph is unknown; name it in "
            f"the table of nodes, in the column that --graph names."
        )
    return [used[name] for name in table.names], table.names


def of_each(labels: Array, members: Members, graphs: Sequence[str], column: str) -> Array:
    """The label of each graph, which all of its nodes have."""
    first = np.unique(members, return_index=True)[1]
    other = labels != labels[first][members]
    if other.any():
        raise InputError(
            f"The labels in {column!r} differ inside of graph {graphs[members[other.argmax()]]}; wanted is "
            f"one label for each graph."
        )
    return np.asarray(labels[first])
