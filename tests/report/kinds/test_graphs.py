"""Graphs as pictures."""

from __future__ import annotations

import base64

import numpy as np

from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs
from narrows.data.kinds.graphs import Feature, GraphSchema
from narrows.fitting.fit import fit
from narrows.report.kinds.graphs import Graphs

SCHEMA = GraphSchema("float32", (4, 5), "NV", features=(Feature("number", 1),))


def svg(address: str) -> str:
    return base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()


def test_a_picture_has_a_point_for_each_node_and_a_line_for_each_edge() -> None:
    graph = np.full((4, 5), np.nan)
    graph[:3] = 0
    graph[:3, 0] = [1, 2, 3]
    graph[[0, 1, 1, 2], [2, 1, 3, 2]] = 1
    drawing = Graphs()
    low, high = drawing.range_of(SCHEMA, [graph[None]], "float32")
    assert (low, high) == (1, 3)
    (picture,) = drawing.pictures(SCHEMA, graph[None], low, high)
    text = svg(picture)
    assert text.count("<circle") == 3
    assert text.count("L") == 2
    assert "nan" not in text


def test_graphs_without_features_are_drawn() -> None:
    schema = GraphSchema("float32", (2, 2), "NV")
    graph = np.array([[0, np.nan], [np.nan, np.nan]])
    (picture,) = Graphs().pictures(schema, graph[None], 0, 1)
    assert svg(picture).count("<circle") == 1


def test_the_live_part_knows_nodes_features_and_the_range_of_the_first_one() -> None:
    rng = np.random.default_rng(0)
    ring = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
    names = ("size", "charge")
    graphs = [
        Graph(ring[: rng.integers(2, 5)], rng.normal(size=(4, 2)), feature_names=names) for _ in range(40)
    ]
    run = fit(as_graphs(graphs, "rings"), latent_dim=2, overrides={"training": {"epochs": 1}})
    found = Graphs().live_sample(run)
    assert (found["nodes"], found["features"], found["names"]) == (4, 2, names)
    assert run.evidence.originals is not None
    first = run.evidence.originals[:, :, 0]
    assert found["range"] == (first.min(), first.max())
