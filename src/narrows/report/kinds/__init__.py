"""How the pages show each kind of data: one module a kind, and one line of the table."""

from __future__ import annotations

from narrows.report.kinds.base import ExampleDrawing
from narrows.report.kinds.graphs import Graphs
from narrows.report.kinds.images import Images
from narrows.report.kinds.nodes import Nodes
from narrows.report.kinds.sequences import Sequences
from narrows.report.kinds.spectra import Spectra
from narrows.report.kinds.table import Table

DRAWN: dict[str, ExampleDrawing] = {
    "images": Images(),
    "table": Table(),
    "sequences": Sequences(),
    "nodes": Nodes(),
    "spectra": Spectra(),
    "graphs": Graphs(),
}
"""By the name of a kind of data, how the pages show its examples."""

__all__ = ["DRAWN", "ExampleDrawing"]
