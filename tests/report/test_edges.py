from __future__ import annotations

import pytest

from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.report.card import card
from narrows.report.edges import edge_bars, edge_table, likely
from narrows.report.page import render
from narrows.runs.run import Run
from tests.samples import communities

GRAPH = communities(60)


@pytest.fixture(scope="module")
def run() -> Run:
    ids = tuple(f"paper-{i}" for i in range(60))
    data = as_graph(Graph(GRAPH["edges"], GRAPH["x"], labels=GRAPH["labels"], ids=ids))
    return fit(data, latent_dim=4, overrides={"training": {"epochs": 5}})


def test_the_page_shows_the_verdict_the_codes_and_likely_edges(run: Run) -> None:
    page = render(run)
    assert run.metrics["verdict"]["sentence"] in page
    assert "The likeliest edges that are not there" in page
    assert "paper-" in page
    assert "All nodes, coloured by label" in page
    assert "Looked for between" not in page


def test_bars_and_table_have_every_method(run: Run) -> None:
    for _, rows in edge_bars(run):
        assert [colour for _, _, colour in rows] == ["pca", "pca", "ours"]
    assert edge_table(run).count("\n|") == 5
    assert len(likely(run)) == 20


def test_the_card_names_what_a_graph_is_for(run: Run) -> None:
    text = card(run)
    assert "`narrows links . -o ../pairs.csv`" in text
    assert "edges between nodes with 40 features of float32" in text
    assert "sample" not in text
