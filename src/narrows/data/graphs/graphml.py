"""Graphs in GraphML, through networkx: one in a file, or a folder of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError, reason
from narrows.core.memory import check_room
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.networks import of_networks
from narrows.data.graphs.tables import columns_of
from narrows.data.reading import Reading

BYTES_PER_BYTE = 20
"""The memory that a byte of a file may take when it is read."""


def read_graphml(files: Mapping[str, Path], name: str, how: Reading) -> LoadedGraphs:
    """The graphs in files, by the names that they are to have.

    Raises:
        InputError: for a file that cannot be read, or holds no graph, and without networkx.
    """
    named = [
        (title if len(found) == 1 else f"{title}: {i}", network)
        for title, found in ((title, networks_in(file)) for title, file in files.items())
        for i, network in enumerate(found)
    ]
    titles, networks = zip(*named, strict=True)
    return of_networks(networks, titles, name, how, columns_of(how.like))


def networks_in(file: Path) -> list[Any]:
    """The graphs of networkx in a GraphML file, most often one.

    Raises:
        InputError: for a file that cannot be read, and without networkx.
    """
    try:
        import networkx
    except ImportError as error:
        raise InputError("GraphML needs networkx: pip install networkx") from error
    check_room(BYTES_PER_BYTE * file.stat().st_size, f"The graph in {file.name} may take")
    try:
        found = list(networkx.GraphMLReader()(path=file))
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as GraphML: {reason(error)}.") from error
    if not found:
        raise InputError(f"{file.name} holds no graph in the namespace of GraphML.")
    return found
