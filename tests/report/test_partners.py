from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.report import partners
from narrows.report.partners import LIKELY, likely_edges, shown_partners
from narrows.runs.links import likeliest
from narrows.runs.run import Run
from tests.samples import communities

GRAPH = communities(60)


@pytest.fixture
def run() -> Run:
    data = as_graph(Graph(GRAPH["edges"], GRAPH["x"]))
    return fit(data, latent_dim=4, overrides={"training": {"epochs": 3}})


def test_the_likeliest_edges_are_those_of_links(run: Run) -> None:
    found, expected = likely_edges(shown_partners(run)), likeliest(run, LIKELY)
    np.testing.assert_allclose(found.log_odds, expected.log_odds, rtol=1e-5)
    assert {tuple(pair) for pair in found.pairs.tolist()} == {tuple(pair) for pair in expected.pairs.tolist()}


def test_of_too_many_pairs_some_nodes_are_scored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partners, "MOST_PAIRS", 7 * 60)
    found = shown_partners(run)
    assert len(set(found.nodes.tolist())) == 7
    assert found.partners.shape == (7, LIKELY)
    assert len(likely_edges(found).pairs) == LIKELY


def test_a_run_that_keeps_no_nodes_is_refused(run: Run) -> None:
    with pytest.raises(InputError, match="kept no nodes for the page; fit it again"):
        shown_partners(replace(run, evidence=replace(run.evidence, nodes=None)))
