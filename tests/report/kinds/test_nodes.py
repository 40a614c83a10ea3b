from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.report.kinds.nodes import CARRIED, ODDS, Nodes, compact, neighbours, rounded
from narrows.report.partners import shown_partners
from narrows.runs.run import Run
from narrows.runs.shown_nodes import ShownNodes
from tests.samples import communities

GRAPH = communities(40)


def test_nodes_are_described_by_their_features() -> None:
    brief = {"training": {"epochs": 1}}
    run = fit(as_graph(Graph(GRAPH["edges"], GRAPH["x"])), overrides=brief)
    assert Nodes().size(run) == "edges between nodes with 40 features"
    run = fit(as_graph(Graph(GRAPH["edges"])), overrides=brief)
    assert Nodes().size(run) == "edges between nodes without features"


@pytest.fixture(scope="module")
def run() -> Run:
    brief = {"training": {"epochs": 1}}
    return fit(as_graph(Graph(GRAPH["edges"], GRAPH["x"])), overrides=brief)


def edges_in(columns: dict[str, Any], rows: list[int]) -> set[tuple[int, int]]:
    """The edges that a page carries, by the numbers of their nodes."""
    firsts = np.repeat(np.arange(len(rows)), columns["later"])
    return {(rows[i], rows[j]) for i, j in zip(firsts, columns["joined"].tolist(), strict=True)}


def test_the_page_carries_the_edges_between_the_nodes_that_it_shows(run: Run) -> None:
    every = {tuple(pair) for pair in GRAPH["edges"].tolist()}
    columns = neighbours(run)
    assert edges_in(columns, list(range(40))) == every
    assert columns["degrees"].tolist() == np.bincount(GRAPH["edges"].ravel(), minlength=40).tolist()
    rows = np.arange(1, 40, 3)
    few = replace(run, evidence=replace(run.evidence, nodes=replace(shown(run), rows=rows)))
    some = neighbours(few)
    assert edges_in(some, rows.tolist()) == {pair for pair in every if set(pair) <= set(rows.tolist())}
    assert some["degrees"].tolist() == columns["degrees"][rows].tolist()


def shown(run: Run) -> ShownNodes:
    assert run.evidence.nodes is not None
    return run.evidence.nodes


def test_the_page_carries_likely_partners_and_features(run: Run) -> None:
    columns, found = Nodes().live_columns(run), shown_partners(run)
    assert columns["partners"].tolist() == found.partners[:, :CARRIED].tolist()
    np.testing.assert_allclose(columns["odds"] * ODDS, found.log_odds[:, :CARRIED], atol=0.51 * ODDS)
    assert columns["present"].tolist() == (GRAPH["x"] > 0).sum(axis=1).tolist()
    assert columns["kept"].sum() == len(columns["features"]) == len(columns["values"])


def test_whole_numbers_take_the_smallest_type() -> None:
    assert [compact(np.array([0, most])).dtype.name for most in (255, 256, 70_000)] == [
        "uint8",
        "uint16",
        "uint32",
    ]
    assert compact(np.array([], dtype=np.int64)).dtype.name == "uint8"


def test_values_keep_four_digits_and_lose_their_last_byte() -> None:
    values = np.concatenate([np.geomspace(1e-6, 1e9, 500), [0, 1, -3.25]])
    found = rounded(values)
    np.testing.assert_allclose(found, values, rtol=2e-5)
    assert not (found.view(np.uint32) & 0xFF).any()
    assert found[-3:].tolist() == [0, 1, -3.25]
