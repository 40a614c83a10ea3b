"""Graphs in arrays by name: an `.npz` archive, or a dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from narrows.core.errors import InputError, reason, show
from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.node_features import Features
from narrows.data.graphs.splitting import Members, taken_apart

NAMES = (
    "edges, and perhaps x, or x_data, x_indices, x_indptr and x_shape, num_nodes, labels and ids; of several "
    "graphs also graph, the number of the graph of each node, or sizes, the number of nodes of each graph"
)
"""The arrays of graphs in an archive."""


def is_archive(file: Path) -> bool:
    """Whether `file` is an archive of arrays one of which is called edges."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return "edges" in archive
    except Exception:  # a damaged archive may raise anything in the parser; who reads it says so
        return False


def read_archive(file: Path) -> LoadedGraphs:
    """The graphs in an archive of the arrays `NAMES`; sparse features are those of a CSR matrix.

    Raises:
        InputError: for an archive that holds no graph.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            check_room(unpacked, f"{file.name} unpacks to")
            arrays = {name: archive[name] for name in archive}
    except InputError:
        raise
    except Exception as error:  # as above
        raise InputError(f"{file.name} cannot be read as an .npz archive: {reason(error)}.") from error
    return of_arrays(arrays, file.stem, file.name)


def of_arrays(arrays: Mapping[str, Any], name: str, title: str) -> LoadedGraphs:
    """The graphs in arrays by name.

    Args:
        arrays: those called as in `NAMES`.
        name: of the graphs.
        title: of the archive, for messages.
    """
    found = {key: np.asarray(arrays[key]) for key in arrays}
    if "edges" not in found:
        raise InputError(
            f"{title} holds no graph: wanted are the arrays {NAMES}; these are {', '.join(found) or 'none'}."
        )
    features, labels = stored_features(found, title), found.get("labels", found.get("y"))
    ids = tuple(map(str, found["ids"].ravel().tolist())) if "ids" in found else ()
    if "graph" in found or "sizes" in found:
        return LoadedGraphs(several(found, features, labels, ids, title), name)
    count = found.get("num_nodes")
    nodes = None if count is None else whole(count, title)
    return LoadedGraphs([Graph(found["edges"], features, nodes, labels, title, ids)], name)


def several(
    arrays: Mapping[str, Array], features: Any, labels: Array | None, ids: Sequence[str], title: str
) -> list[Graph]:
    """The graphs in arrays of several.

    Raises:
        InputError: for arrays that do not fit together.
    """
    members, count = members_of(arrays, title)
    n = len(members)
    sizes = {"rows of features": n if features is None else features.shape[0], "ids": len(ids) or n}
    for what, size in sizes.items():
        if size != n:
            raise InputError(f"{title} has graphs of {n:,} nodes in all, but {size:,} {what}.")
    if labels is not None and len(labels) != count:
        raise InputError(f"{title} has {count:,} graphs but {len(labels):,} labels; wanted is one each.")
    names = [f"graph {i}" for i in range(count)]
    return taken_apart(
        arrays["edges"], members, title, features=Features(features), nodes=ids, graphs=names, labels=labels
    )


def whole(count: Array, title: str) -> int:
    """A number of nodes.

    Raises:
        InputError: for another one than a whole number from 0.
    """
    if count.size != 1 or count.dtype.kind not in "iu" or count.ravel()[0] < 0:
        raise InputError(f"num_nodes of {title} is {count.tolist()!r}; wanted is one whole number.")
    return int(count.ravel()[0])


def members_of(arrays: Mapping[str, Array], title: str) -> tuple[Members, int]:
    """The number of the graph of each node `(n,)`, from `graph` or `sizes`, and the number of graphs.

    Raises:
        InputError: for numbers that are negative or not whole.
    """
    key = "graph" if "graph" in arrays else "sizes"
    given = arrays[key]
    if given.ndim != 1 or given.dtype.kind not in "iu" or (given.size and given.min() < 0):
        raise InputError(
            f"{key} of {title} is {show(given.shape)} of {given.dtype}; wanted are whole numbers from 0, "
            f"{'one for each node' if key == 'graph' else 'one for each graph'}."
        )
    if key == "sizes":
        return np.repeat(np.arange(len(given)), given), len(given)
    return given.astype(np.int64), int(given.max(initial=-1)) + 1


def stored_features(arrays: Mapping[str, Array], name: str) -> Array | sparse.spmatrix | None:
    """The features in arrays by name; None if there are none."""
    if "x" in arrays or "X" in arrays:
        return arrays["x"] if "x" in arrays else arrays["X"]
    parts = [f"x_{part}" for part in ("data", "indices", "indptr", "shape")]
    missing = [part for part in parts if part not in arrays]
    if len(missing) == len(parts):
        return None
    if missing:
        raise InputError(f"{name} holds sparse features without {', '.join(missing)}.")
    values, indices, pointers, shape = (arrays[part] for part in parts)
    try:
        found = sparse.csr_matrix((values, indices, pointers), shape=tuple(map(int, shape)))
        found.check_format(full_check=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"The sparse features of {name} do not fit together: {reason(error)}.") from error
    return found
