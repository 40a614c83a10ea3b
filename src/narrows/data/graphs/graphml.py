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
    networks = [network_in(file) for file in files.values()]
    return of_networks(networks, list(files), name, how, columns_of(how.like))


def network_in(file: Path) -> Any:
    """The graph of networkx in a GraphML file."""
    try:
        import networkx
    except ImportError as error:
        raise InputError("GraphML needs networkx: pip install networkx") from error
    check_room(BYTES_PER_BYTE * file.stat().st_size, f"The graph in {file.name} may take")
    try:
        return networkx.read_graphml(file)
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as GraphML: {reason(error)}.") from error
