from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.runs.run import Run
from tests.samples import communities

GRAPH = communities(160)
DATA = as_graph(Graph(GRAPH["edges"], GRAPH["x"], labels=GRAPH["labels"]))


@pytest.fixture(scope="module")
def run() -> Run:
    return fit(DATA, latent_dim=4, overrides={"training": {"epochs": 20}})


def test_held_out_edges_are_predicted(run: Run) -> None:
    found = run.metrics["held_out"]
    assert found["edges"] == found["pairs"] == int(0.1 * len(GRAPH["edges"]))
    assert found["auc"] > 0.8
    assert found["ap"] > 0.7
    assert list(found["yardsticks"]) == [
        "the SVD of S²X, 4 components",
        "the SVD of S²X of scaled features, 4 components",
    ]
    assert found["yardstick"] in found["yardsticks"]


def test_messages_pass_along_training_edges_only() -> None:
    parts = split_data(DATA, 0)
    known = {tuple(pair) for pair in parts.train.source.context["edges"].tolist()}
    for part in (parts.validation, parts.held_out):
        assert {tuple(pair) for pair in part.source.context["edges"].tolist()} == known
        assert not known & {tuple(pair) for pair in part.source.context["positive"].tolist()}
    held_out = {tuple(pair) for pair in parts.held_out.source.context["positive"].tolist()}
    assert not held_out & {tuple(pair) for pair in parts.validation.source.context["positive"].tolist()}


def test_evidence_has_the_codes_of_all_nodes_and_all_edges(run: Run) -> None:
    np.testing.assert_array_equal(run.evidence.edges, GRAPH["edges"])
    np.testing.assert_array_equal(run.evidence.codes, run.encode(DATA.source))
    assert run.config["data"]["n"] == len(GRAPH["edges"])


@pytest.mark.parametrize("recipe", ["gae", "vgae", "vae", "sparse", "wae", "vq-vae", "topk"])
def test_recipes_train_on_graphs(recipe: str) -> None:
    found = fit(DATA, recipe=recipe, latent_dim=4, overrides={"training": {"epochs": 3}})
    assert 0 <= found.metrics["held_out"]["auc"] <= 1


@pytest.mark.parametrize("recipe", ["gae", "vae", "topk"])
def test_recipes_train_on_nodes_without_features(recipe: str) -> None:
    data = as_graph(Graph(GRAPH["edges"], nodes=160))
    found = fit(data, recipe=recipe, latent_dim=4, overrides={"training": {"epochs": 3}})
    assert 0 <= found.metrics["held_out"]["auc"] <= 1
    np.testing.assert_array_equal(found.encode(data.source), found.evidence.codes)


def test_a_derivative_by_one_node_is_refused() -> None:
    with pytest.raises(InputError, match="in a graph codes depend on other nodes"):
        fit(DATA, recipe="contractive", latent_dim=4)


def test_the_same_seed_gives_the_same_model(run: Run) -> None:
    again = fit(DATA, latent_dim=4, overrides={"training": {"epochs": 20}})
    np.testing.assert_array_equal(again.evidence.codes, run.evidence.codes)
    assert again.metrics == run.metrics


def test_nodes_without_features_are_compared_with_spectra_and_walks() -> None:
    data = as_graph(Graph(GRAPH["edges"], nodes=160))
    found = fit(data, overrides={"training": {"epochs": 5}}).metrics["held_out"]
    assert list(found["yardsticks"]) == ["the SVD of S², 128 components", "Katz", "the product of degrees"]


def test_nodes_without_features_are_predicted_better_than_by_spectra_and_walks() -> None:
    i, j = np.divmod(np.arange(900), 30)
    apart = np.abs(i[:, None] - i) + np.abs(j[:, None] - j)
    data = as_graph(Graph(np.argwhere(np.triu(apart == 1)), nodes=900))
    found = fit(data).metrics["held_out"]
    assert found["auc"] > 0.97
    assert found["auc"] > max(each["auc"] for each in found["yardsticks"].values())
