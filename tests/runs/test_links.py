from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs import links
from narrows.runs.links import likeliest, log_odds, partners
from narrows.runs.run import Run
from tests.samples import communities, curve

GRAPH = communities(60)
DATA = as_graph(Graph(GRAPH["edges"], GRAPH["x"]))


@pytest.fixture(scope="module")
def run() -> Run:
    return fit(DATA, latent_dim=4, overrides={"training": {"epochs": 5}})


def test_the_likeliest_are_those_of_all_pairs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    edges = {tuple(pair) for pair in GRAPH["edges"].tolist()}
    others = np.array(
        [pair for pair in np.argwhere(np.triu(np.ones((60, 60)), 1)) if tuple(pair) not in edges]
    )
    odds = log_odds(run, DATA.source, others)
    best = np.argsort(-odds)[:7]
    for block in (10**6, 100):
        monkeypatch.setattr(links, "BLOCK", block)
        found = likeliest(run, 7)
        np.testing.assert_allclose(found.log_odds, odds[best], rtol=1e-4)
        assert {tuple(pair) for pair in found.pairs.tolist()} == {
            tuple(pair) for pair in others[best].tolist()
        }


def test_partners_are_the_likeliest_of_each_node(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    every = likeliest(run, 10**6)
    monkeypatch.setattr(links, "BLOCK", 200)
    among = np.arange(0, 60, 2)
    found = partners(run, np.array([3, 8, 59]), among, 5)
    for node, others, odds in zip(found.nodes, found.partners, found.log_odds, strict=True):
        own = (every.pairs == node).any(axis=1)
        other = every.pairs[own].sum(axis=1) - node
        shown = np.isin(other, among)
        assert others.tolist() == other[shown][:5].tolist()
        np.testing.assert_allclose(odds, every.log_odds[own][shown][:5], rtol=1e-5)


def test_partners_that_do_not_exist_are_none(run: Run) -> None:
    degree = int((GRAPH["edges"] == 7).sum())
    found = partners(run, np.array([7]), np.arange(60), 100)
    assert found.partners.shape == (1, 60)
    assert (found.partners == -1).sum() == degree + 1


def test_no_more_pairs_are_found_than_there_are(run: Run) -> None:
    assert len(likeliest(run, 10**6).pairs) == 60 * 59 // 2 - len(GRAPH["edges"])


def test_other_runs_have_no_edges() -> None:
    run = fit(as_data(curve(60)), overrides={"training": {"epochs": 1}})
    with pytest.raises(InputError, match="but this run was fitted to table"):
        likeliest(run, 3)
