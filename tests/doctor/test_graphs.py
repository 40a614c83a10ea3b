from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.findings import Finding
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.graphs.graph import Graph, as_graph
from narrows.doctor import graphs
from narrows.doctor.case import DataCase
from narrows.doctor.data import GRAPH_CHECKS, examine
from tests.samples import communities

WORDS = communities(200)


def graph(edges: Any = None, x: Array | None = None, n: int = 200) -> Data:
    """Communities, with other edges or features."""
    pairs = WORDS["edges"] if edges is None else np.asarray(edges)
    return as_graph(Graph(pairs, WORDS["x"] if x is None else x, n))


def found(data: Data, name: str) -> Finding | None:
    return GRAPH_CHECKS[name](DataCase(data))


def test_a_good_graph_has_no_warning() -> None:
    findings = examine(graph())
    assert {each.severity for each in findings} == {"info"}
    assert [each.name for each in findings] == [
        "what was read",
        "number of edges",
        "scaling",
        "memory needed",
    ]


def test_too_few_edges_are_a_warning_or_an_error() -> None:
    few = found(graph(WORDS["edges"][:50]), "number of edges")
    assert few is not None
    assert (few.severity, few.evidence[:8]) == ("warning", "5 edges ")
    assert examine(graph(WORDS["edges"][:2]))[-1].severity == "error"


@pytest.mark.parametrize(("alone", "severity"), [(5, "info"), (60, "warning")])
def test_nodes_without_edges_are_counted(alone: int, severity: str) -> None:
    kept = WORDS["edges"][(WORDS["edges"] >= alone).all(axis=1)]
    isolated = found(graph(kept), "isolated nodes")
    assert isolated is not None
    assert isolated.severity == severity
    assert f"{alone} of 200 nodes" in isolated.evidence
    bare = found(as_graph(Graph(kept, None, 200)), "isolated nodes")
    assert bare is not None
    assert "nothing tells them apart" in bare.evidence


def test_components_are_a_warning_where_none_has_most_nodes() -> None:
    same = WORDS["edges"][(WORDS["edges"] % 4)[:, 0] == (WORDS["edges"] % 4)[:, 1]]
    apart = found(graph(same), "components")
    assert apart is not None
    assert apart.severity == "warning"
    assert "4 components" in apart.evidence
    assert found(graph(), "components") is None


def test_nodes_with_the_same_features_and_neighbours_are_found() -> None:
    x = WORDS["x"].copy()
    x[:20] = x[20]
    assert found(graph(x=x), "repeated nodes") is None
    neighbours = WORDS["edges"][(WORDS["edges"] == 20).any(axis=1)].sum(axis=1) - 20
    twins = [(i, j) for i in range(10) for j in neighbours if j > 20]
    kept = WORDS["edges"][(WORDS["edges"] >= 20).all(axis=1)]
    twin = found(graph(np.concatenate([kept, twins]), x), "repeated nodes")
    assert twin is not None
    assert twin.severity == "warning"
    assert "(10)" in twin.evidence


def test_features_that_repeat_the_degree_are_named() -> None:
    degrees = np.bincount(WORDS["edges"].ravel(), minlength=200)
    x = np.c_[WORDS["x"], np.log1p(degrees)].astype(np.float32)
    telling = found(graph(x=x), "features tell edges")
    assert telling is not None
    assert telling.severity == "warning"
    assert telling.evidence.startswith("40 (+1.000):")
    assert found(graph(), "features tell edges") is None


def test_correlations_are_spearmans() -> None:
    degrees = np.array([1, 2, 3, 4])
    features = np.array([[1.0, 4, 7], [10, 3, 7], [100, 2, 7], [1000, 1, 7]])
    np.testing.assert_allclose(graphs.correlations(features, degrees), [1, -1, 0])


def test_features_that_never_change_are_said_of_nodes_that_have_them() -> None:
    x = WORDS["x"].copy()
    x[:, 3] = 1
    still = found(graph(x=x), "constant values")
    assert still is not None
    assert "features never change" in still.evidence
    assert found(as_graph(Graph(WORDS["edges"], None, 200)), "constant values") is None
    assert "error" not in {each.severity for each in examine(as_graph(Graph(WORDS["edges"], None, 200)))}


def test_a_graph_too_large_for_the_machine_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "machine_memory", lambda: 2**28)
    memory = found(graph(), "memory needed")
    assert memory is not None
    assert memory.severity == "warning"
