"""Many small graphs: each as a picture, nodes as points in the plane and edges as lines."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import numpy as np

from narrows.data.kinds.graphs import GraphSchema
from narrows.data.schema import Array, Schema
from narrows.report.kinds.base import PictureDrawing
from narrows.report.kinds.layouts import Floats, layout
from narrows.runs.run import Run

SIDE, MARGIN = 120, 7
"""The side of a picture, and its margin, in the units of its SVG."""

GREY = "#808890"
"""The colour of edges, which is seen on light and on dark pages."""


class Graphs(PictureDrawing):
    """Graphs of up to some number of nodes."""

    decoder_clips = True
    row_noun = "graph"

    def size(self, run: Run) -> str:
        return f"graphs of {run.schema.extent}"

    def error_unit(self, schema: Schema) -> str:
        return "Mean squared error per value: features in variances, nodes and edges as 0 or 1"

    def look(self, schema: Schema) -> str:
        return "lines"

    def range_of(self, schema: Schema, arrays: Iterable[Array], dtype: str) -> tuple[Any, Any]:
        """The least and the greatest value of the first feature, which colours nodes."""
        assert isinstance(schema, GraphSchema)
        if not schema.values:
            return 0.0, 1.0
        first = np.concatenate([np.asarray(each)[:, :, 0].ravel() for each in arrays])
        return float(np.nanmin(first)), float(np.nanmax(first))

    def live_sample(self, run: Run) -> dict[str, Any]:
        schema, originals = run.schema, run.evidence.originals
        assert isinstance(schema, GraphSchema)
        assert originals is not None
        span = self.range_of(schema, [originals], schema.dtype)
        names = schema.feature_names
        return {"nodes": schema.nodes, "features": schema.values, "names": names, "range": span}

    def pictures(self, schema: Schema, values: Array, low: Any, high: Any) -> list[str]:
        assert isinstance(schema, GraphSchema)
        return [picture(each, schema.values, low, high) for each in values.astype(np.float64)]


def picture(graph: Floats, values: int, low: float, high: float) -> str:
    """The address of a picture of a graph `(nodes, values + nodes)`.

    Nodes are coloured by their first feature, which lies from `low` to `high`.
    """
    n = int((~np.isnan(graph[:, values])).sum())
    near = graph[:n, values : values + n]
    colours = [GREY] * n
    if values:
        shares = (graph[:n, 0] - low) / ((high - low) or 1.0)
        colours = [mpl.colors.to_hex(c) for c in mpl.colormaps["viridis"](shares.clip(0, 1))]
    return drawn(near, layout(near), colours)


def drawn(near: Floats, places: Floats, colours: list[str]) -> str:
    """The address of a picture of nodes at `places (n, 2)`, and lines between those that are joined."""
    at = MARGIN + (SIDE - 2 * MARGIN) * places
    radius = max(1.6, min(4.5, 18 / max(1, len(near)) ** 0.5))
    pairs = np.argwhere(np.triu(near, 1) > 0)
    lines = "".join(f"M{at[i, 0]:.1f} {at[i, 1]:.1f}L{at[j, 0]:.1f} {at[j, 1]:.1f}" for i, j in pairs)
    nodes = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
        for (x, y), colour in zip(at, colours, strict=True)
    )
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<path d="{lines}" stroke="{GREY}" stroke-width="1.2" fill="none"/>{nodes}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()
