"""The nodes of a graph: what they are in words; the page of a graph shows edges instead of examples."""

from __future__ import annotations

from collections.abc import Sequence

from narrows.data.schema import Schema
from narrows.report.kinds.base import Dimension, ExampleDrawing, Outlier
from narrows.runs.run import Run
from narrows.tasks.anomalies.survey import Survey


class Nodes(ExampleDrawing):
    """The nodes of one graph."""

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
