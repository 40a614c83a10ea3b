"""The nodes of one graph: what they are in words, and what the live part carries of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from narrows.data.kinds.nodes import NodeSchema
from narrows.data.schema import Array, Schema
from narrows.report.kinds.base import Dimension, ExampleDrawing, Outlier
from narrows.report.partners import shown_partners
from narrows.runs.run import Run
from narrows.runs.shown_nodes import ShownNodes
from narrows.tasks.anomalies.survey import Survey

CARRIED = 10
"""Likely partners of a node that a page carries."""

ODDS = 0.001
"""The unit of log-odds in a page, whose range is that of 16 bits."""


class Nodes(ExampleDrawing):
    """The nodes of one graph; its page shows edges instead of examples."""

    decoded: ClassVar[bool] = False
    row_noun: ClassVar[str] = "node"

    def size(self, run: Run) -> str:
        if run.schema.domain(run.scaling).nodes:
            return "edges between nodes without features"
        features = run.schema.shape[0]
        return f"edges between nodes with {features:,} feature{'s' * (features > 1)}"

    def error_unit(self, schema: Schema) -> str:
        return "Share of held-out edges and other pairs of nodes that are told apart, in percent"

    def examples(self, run: Run) -> str:
        return ""

    def new_examples(self, run: Run) -> str:
        return ""

    def dimensions(self, run: Run, found: Sequence[Dimension]) -> str:
        return ""

    def dimensions_note(self, schema: Schema) -> str:
        return ""

    def outliers(self, found: Survey, rows: Sequence[Outlier]) -> str:
        return ""

    def live_rows(self, run: Run) -> Array:
        return shown_nodes(run).rows

    def live_sample(self, run: Run) -> dict[str, Any]:
        assert run.evidence.codes is not None
        assert run.evidence.edges is not None
        assert isinstance(run.schema, NodeSchema)
        return {
            "nodes": len(run.evidence.codes),
            "edges": len(run.evidence.edges),
            "partners": CARRIED,
            "odds": ODDS,
            "feature_names": run.schema.feature_names,
        }

    def live_columns(self, run: Run) -> dict[str, Array]:
        return {**neighbours(run), **likely_partners(run), **features(run)}


def shown_nodes(run: Run) -> ShownNodes:
    """The nodes that the page of `run` shows."""
    assert run.evidence.nodes is not None
    return run.evidence.nodes


def neighbours(run: Run) -> dict[str, Array]:
    """How many neighbours each node has, and the edges between nodes of the page, by their place in it.

    Each edge is with the first of its nodes: `later` counts for each node its edges to later ones.
    """
    codes, edges, rows = run.evidence.codes, run.evidence.edges, shown_nodes(run).rows
    assert codes is not None
    assert edges is not None
    places = placed(rows, len(codes))[edges]
    own = np.sort(places[(places < len(rows)).all(axis=1)], axis=1)
    own = own[np.lexsort(own.T[::-1])]
    return {
        "degrees": compact(np.bincount(edges.ravel(), minlength=len(codes))[rows]),
        "later": compact(np.bincount(own[:, 0], minlength=len(rows))),
        "joined": compact(own[:, 1]),
    }


def placed(rows: Array, n: int) -> Array:
    """Of each of `n` nodes its place among `rows`; behind the last one of nodes that are not there."""
    places = np.full(n + 1, len(rows))
    places[rows] = np.arange(len(rows))
    return places


def likely_partners(run: Run) -> dict[str, Array]:
    """The places of nodes whose likely partners are known, of these partners, and the log-odds of an edge."""
    found, rows = shown_partners(run), shown_nodes(run).rows
    places = placed(rows, int(rows.max()) + 1)
    odds = np.where(np.isfinite(found.log_odds), found.log_odds, 0)[:, :CARRIED] / ODDS
    return {
        "scored": compact(places[found.nodes]),
        "partners": compact(places[found.partners[:, :CARRIED]]),
        "odds": np.clip(np.rint(odds), -(2**15), 2**15 - 1).astype(np.int16),
    }


def features(run: Run) -> dict[str, Array]:
    """How many features each node has, how many the page carries, and which ones with their values."""
    found = shown_nodes(run)
    return {
        "present": compact(found.present),
        "kept": compact(found.kept),
        "features": compact(found.features),
        "values": rounded(found.values),
    }


def compact(numbers: Array) -> Array:
    """Whole `numbers` in the smallest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def rounded(values: Array) -> Array:
    """`values` as float32 whose last byte is 0, which compresses better; four significant digits stay."""
    bits = values.astype(np.float32).view(np.uint32)
    return (bits + np.uint32(0x80) & np.uint32(0xFFFFFF00)).view(np.float32)
