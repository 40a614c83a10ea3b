"""Graphs in the text files of TU data sets: NAME_A.txt and others beside it.

Morris et al. 2020, "TUDataset: A collection of benchmark datasets for learning with graphs".
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError, few, reason, show
from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.node_features import NONE, Features, features_in, known_features
from narrows.data.graphs.splitting import taken_apart
from narrows.data.graphs.tables import columns_of
from narrows.data.reading import Reading
from narrows.data.tables.cells import Cells, text_cells
from narrows.data.tables.table import Table

EDGES, MEMBERS, LABELS = "_A.txt", "_graph_indicator.txt", "_graph_labels.txt"
NODE_LABELS, ATTRIBUTES = "_node_labels.txt", "_node_attributes.txt"
UNUSED = ("_edge_labels.txt", "_edge_attributes.txt", "_graph_attributes.txt")
"""The ends of the names of files."""


class TuFiles(NamedTuple):
    """The files of a data set: their folder, and its name, with which their names begin."""

    folder: Path
    name: str

    def file(self, end: str) -> Path:
        return self.folder / f"{self.name}{end}"


def tu_files(source: Path) -> TuFiles | None:
    """The data set that a folder holds, or that NAME_A.txt belongs to; None if there is none."""
    found = sorted(source.glob(f"*{EDGES}")) if source.is_dir() else [source]
    sets = [
        TuFiles(file.parent, file.name.removesuffix(EDGES)) for file in found if file.name.endswith(EDGES)
    ]
    whole = [each for each in sets if each.file(MEMBERS).is_file()]
    if len(whole) > 1:
        raise InputError(
            f"{source.name} holds several data sets: {few([each.name for each in whole])}; give the file "
            f"{whole[0].file(EDGES).name}, or another one."
        )
    return whole[0] if whole else None


def read_tu(files: TuFiles, how: Reading) -> LoadedGraphs:
    """The graphs of a TU data set; labels and attributes of nodes are their features.

    Raises:
        InputError: for files that are damaged, or do not fit together.
    """
    edges = numbers_in(files.file(EDGES), 2)
    members = numbers_in(files.file(MEMBERS), 1)[:, 0]
    if members.min(initial=1) < 1 or edges.min(initial=1) < 1:
        raise InputError(
            f"{files.name} numbers a node or a graph by less than 1, but TU data sets begin at 1."
        )
    count = int(members.max(initial=0))
    labels = numbers_in(files.file(LABELS), 1)[:, 0] if files.file(LABELS).is_file() else None
    if labels is not None and len(labels) != count:
        raise InputError(f"{files.file(LABELS).name} has {len(labels):,} labels for {count:,} graphs.")
    features = features_of(files, len(members), how)
    names = [f"graph {i + 1}" for i in range(count)]
    graphs = taken_apart(
        edges - 1, members - 1, files.name, features=features, graphs=names, labels=labels, first=1
    )
    unused = [end for end in UNUSED if files.file(end).is_file()]
    notes = (f"Files that are not used: {few([files.file(end).name for end in unused])}.",) if unused else ()
    return LoadedGraphs(graphs, files.name, (*notes, *features.notes), features.warnings)


def features_of(files: TuFiles, n: int, how: Reading) -> Features:
    """The labels of nodes as categories, and their attributes as numbers."""
    columns: dict[str, Cells] = {}
    for end, title in ((NODE_LABELS, "label"), (ATTRIBUTES, "attribute")):
        if not files.file(end).is_file():
            continue
        found = numbers_in(files.file(end))
        if len(found) != n:
            raise InputError(f"{files.file(end).name} has {len(found):,} rows for {n:,} nodes.")
        for j, cells in enumerate(found.T):
            words = text_cells([f"{title} {cell:g}" for cell in cells], "category")
            columns[f"{title} {j}"] = words if title == "label" else Cells(cells, "float64")
    if not columns:
        return NONE
    table, known = Table(f"the nodes of {files.name}", columns), columns_of(how.like)
    return features_in(table, list(columns)) if known is None else known_features(table, known)


def numbers_in(file: Path, columns: int | None = None) -> Array:
    """The numbers in a text file `(lines, columns)`, whole ones if their number of columns is given.

    Raises:
        InputError: for a file that is not there, or holds other than so many numbers in each line.
    """
    check_room(8 * file.stat().st_size, f"The numbers in {file.name} may take")
    if not file.read_text("utf-8", "replace").strip():
        raise InputError(f"{file.name} is empty.")
    try:
        found = np.loadtxt(file, delimiter=",", ndmin=2, dtype=np.float64 if columns is None else np.int64)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{file.name} does not hold rows of numbers: {reason(error)}.") from error
    if columns is not None and found.size and found.shape[1] != columns:
        raise InputError(f"{file.name} is {show(found.shape)}; wanted are {columns} numbers in each line.")
    return found.reshape(-1, columns) if columns else found
