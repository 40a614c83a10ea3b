"""Graphs in files: archives of arrays, edge lists, GraphML and the text files of TU data sets."""

from __future__ import annotations

from pathlib import Path

from narrows.core.errors import InputError
from narrows.data.arrays import load_npy
from narrows.data.examples import Data
from narrows.data.formats import FORMATS, format_of, listed, readable
from narrows.data.graphs.adjacency import of_adjacency
from narrows.data.graphs.archives import is_archive, read_archive
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.graphml import read_graphml
from narrows.data.graphs.loaded import MANY, ONE, LoadedGraphs, as_examples
from narrows.data.graphs.tables import read_edge_list
from narrows.data.graphs.tu import read_tu, tu_files
from narrows.data.images.folders import image_files, in_order, matching, shown
from narrows.data.reading import OF_GRAPHS, Reading

OF_EXAMPLES = ("resize", "groups", "blocks", "patch", "mode", "axes", "time", "every", "window", "stride")
"""Options that are not for graphs."""

OF_TABLES = ("columns", "drop", "label", "id", "header", "missing", *OF_GRAPHS)
"""Options of graphs whose nodes have columns or attributes."""


def graphs_in(source: str, how: Reading) -> Data | None:
    """The data in graphs at `source`; None if there are none, and none are wanted.

    Raises:
        InputError: for files that cannot be read as graphs, and options that are not for them.
    """
    found = loaded(source, how)
    if found is None:
        return None
    refuse(how, OF_EXAMPLES, "is not for graphs")
    if how.test is not None and len(found.graphs) == 1:
        raise InputError("--test is not for one graph, whose parts are drawn over its edges; leave it out.")
    return as_examples(found, how.kind, how.like)


def loaded(source: str, how: Reading) -> LoadedGraphs | None:
    """The graphs at `source`; None as above."""
    path, _, part = (source, "", "") if Path(source).exists() else source.partition("::")
    file = Path(path).expanduser()
    if how.kind not in (None, ONE, MANY):
        other_kind(file, str(how.kind))
        return None
    wanted = how.kind is not None or any(getattr(how, option) for option in OF_GRAPHS)
    if (graphml := graphml_files(path)) is not None and (wanted or image_files(path) is None):
        refuse(how, OF_GRAPHS, "is an option of an edge list in a table")
        return read_graphml(graphml[1], graphml[0], how)
    if (tu := tu_files(file)) is not None:
        refuse(how, OF_TABLES, "is not for a TU data set")
        return read_tu(tu, how)
    form = format_of(file)
    if form == "npz" and file.is_file() and (wanted or (not part and is_archive(file))):
        refuse(how, OF_TABLES, "is an option of edge lists and their nodes")
        if part:
            raise InputError(f"{file.name} holds graphs and has no part {part!r}.")
        return read_archive(file)
    return in_table_or_array(file, part, how) if wanted and file.exists() else None


def other_kind(file: Path, kind: str) -> None:
    """Refuse GraphML as data of another kind than graphs."""
    if format_of(file) == "graphml" and file.is_file():
        raise InputError(f"{file.name} holds a graph, but wanted is {kind}; leave --kind out.")


def in_table_or_array(file: Path, part: str, how: Reading) -> LoadedGraphs:
    """The graph in an edge list or in an array, which have to be asked for.

    Raises:
        InputError: for files of other formats.
    """
    form = format_of(file)
    if file.is_file() and form == "npy":
        refuse(how, OF_TABLES, "is an option of edge lists and their nodes")
        edges, notes = of_adjacency(load_npy(file).all(), file.name)
        n = load_npy(file).shape[0]
        return LoadedGraphs([Graph(edges, nodes=n, name=file.name)], file.stem, notes)
    if file.is_file() and form in FORMATS and "columns" in FORMATS[form].holds:
        return read_edge_list(file, part, how)
    tables = listed(readable("columns"))
    raise InputError(
        f"{file.name} holds no graphs; wanted is an edge list ({tables}), an .npz archive with edges, an "
        f".npy adjacency, GraphML or a folder of it, or a folder with a TU data set."
    )


def graphml_files(source: str) -> tuple[str, dict[str, Path]] | None:
    """A name and the GraphML files at `source`, a file, a folder or a pattern; None if there are none."""
    path = Path(source).expanduser()
    if path.is_file():
        return (path.stem, {path.name: path}) if format_of(path) == "graphml" else None
    if path.is_dir():
        files, name, top = list(path.iterdir()), path.resolve().name, path
    elif set("*?[") & set(source):
        files, name, top = list(matching(path)), path.parent.resolve().name, Path(path.anchor)
    else:
        return None
    found = [file for file in files if format_of(file) == "graphml" and file.is_file()]
    return (name, in_order(shown(found, top))) if found else None


def refuse(how: Reading, options: tuple[str, ...], why: str) -> None:
    """Refuse options that have no meaning for the data, unless a model says them.

    Raises:
        InputError: with the first of them.
    """
    given = [option for option in options if getattr(how, option) not in (None, (), "")]
    if given and how.like is None:
        raise InputError(f"--{given[0]} {why}; leave it out.")
