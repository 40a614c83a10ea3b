from __future__ import annotations

import numpy as np
import pytest

from narrows.data.graphs.objects import graphs_of
from narrows.data.graphs.propagation import normalised_adjacency
from narrows.fitting.fit import fit
from narrows.report.probe import render_probe
from narrows.tasks.few_labels.node_probe import averaged, components, representations
from narrows.tasks.few_labels.probe import probe
from tests.samples import communities

TRAINED = {"training": {"epochs": 3}}


def test_components_keep_the_angles_of_rows_of_low_rank() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(30, 3)) @ rng.normal(size=(3, 8))
    found = components(rows, 3)
    np.testing.assert_allclose(found @ found.T, rows @ rows.T, atol=1e-9)


def test_rows_are_averaged_over_one_and_two_steps() -> None:
    s = normalised_adjacency(np.array([[0, 1], [1, 2]]), 3)
    rows = np.random.default_rng(0).normal(size=(3, 2))
    dense = s.toarray()
    np.testing.assert_allclose(averaged(s, rows), (dense @ rows + dense @ dense @ rows) / 2)


@pytest.mark.parametrize("features", [True, False])
def test_each_representation_has_a_row_for_each_node(features: bool) -> None:
    arrays = communities(60)
    data = graphs_of(arrays if features else {"edges": arrays["edges"], "num_nodes": np.array(60)})
    found = representations(data, fit(data, latent_dim=4, overrides=TRAINED))
    sizes = {name: rows.shape for name, rows in found.items()}
    others = {"features": (60, 40), "smoothed": (60, 40)} if features else {}
    assert sizes == {"pretrained": (60, 4), "svd": (60, 4), **others}


def test_communities_are_told_apart_by_codes_better_than_by_words_alone() -> None:
    data = graphs_of(communities(200))
    found = probe(data, [3], draws=4, epochs=20, latent_dim=4)
    (row,) = found["rows"]
    assert row["pretrained"] > 0.9
    assert row["pretrained"] > row["features"]
    assert (found["n_test"], found["classes"], found["recipe"]) == (100, 4, "autoencoder")
    assert "linear on S²X" in render_probe(found, "communities")
