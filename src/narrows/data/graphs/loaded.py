"""Graphs as they are read, one or several, and the data that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.graphs.many import as_graphs
from narrows.data.schema import Schema
from narrows.data.tables.cells import Form

ONE, MANY = "nodes", "graphs"
"""The kinds of data that one graph, and several graphs become."""


class LoadedGraphs(NamedTuple):
    """The graphs of a source.

    Attributes:
        graphs: one or several.
        name: of the source, for run folders and reports.
        notes: sentences about what the reader did.
        warnings: sentences about cells of nodes that are missing, and columns that were left out.
        form: how the cells of a table of nodes in text were read.
    """

    graphs: Sequence[Graph]
    name: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    form: Form | None = None


def as_examples(found: LoadedGraphs, kind: str | None = None, like: Schema | None = None) -> Data:
    """The nodes of one graph as examples, or several graphs.

    Args:
        found: the graphs.
        kind: `ONE` for the nodes of one graph; else the number of graphs decides.
        like: the schema of a model, whose kind is taken.

    Raises:
        InputError: for graphs that cannot be used, and for another number of them than the kind has.
    """
    n = len(found.graphs)
    wanted = like.kind if like is not None else kind if kind == ONE else MANY if n > 1 else ONE
    if n == 0:
        raise InputError(f"{found.name} holds no graphs.")
    if n > 1 and wanted == ONE:
        raise InputError(f"{found.name} holds {n:,} graphs, but wanted is one, whose nodes are the examples.")
    many = wanted == MANY
    said = ("One graph: its nodes are the examples.",) if kind == MANY and like is None and not many else ()
    data = as_graphs(found.graphs, found.name, like) if many else as_graph(found.graphs[0])
    return replace(
        data,
        name=found.name,
        notes=(*said, *found.notes, *data.notes),
        warnings=(*data.warnings, *found.warnings),
        form=found.form,
    )
