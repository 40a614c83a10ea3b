from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.kinds.nodes import NodeSchema
from tests.samples import communities

GRAPH = communities(40)


def test_words_are_weighted_by_rarity() -> None:
    x = np.array([[1, 1, 0, 2], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]], dtype=np.float32)
    choice = NodeSchema("float32", (4,), "F").choose(x)
    scaled = choice.scaling.without_constants(choice.scaling(torch.as_tensor(x)))
    expected = np.zeros((4, 4))
    expected[[0, 3], 1], expected[0, 3] = np.log(2), 2 * np.log(4)
    np.testing.assert_allclose(scaled, expected, rtol=1e-6)
    assert (choice.name, choice.losses["error"], choice.losses["likelihood"]) == (
        "rarity",
        {"name": "edges"},
        {"name": "edges"},
    )


def test_weights_of_words_are_left_as_they_are() -> None:
    x = np.array([[0, 0.5, 0], [0.3, 0, 0]], dtype=np.float32)
    choice = NodeSchema("float32", (3,), "F").choose(x)
    np.testing.assert_array_equal(choice.scaling(torch.as_tensor(x)), x)


def test_real_features_are_standardised() -> None:
    x = np.random.default_rng(0).normal(5, 3, (500, 2))
    choice = NodeSchema("float64", (2,), "F").choose(x)
    scaled = choice.scaling(torch.as_tensor(x))
    np.testing.assert_allclose(scaled.mean(dim=0), 0, atol=1e-9)
    np.testing.assert_allclose(scaled.std(dim=0, correction=0), 1, atol=1e-9)


def test_nodes_without_features_are_those_of_one_graph() -> None:
    data = as_graph(Graph(GRAPH["edges"], nodes=40))
    choice = data.schema.choose(data.array)
    domain = data.schema.domain(choice.scaling)
    assert (domain.linked, domain.nodes) == (True, 40)
    assert data.schema.network() == {"name": "sgc", "radius": 1.0}
    with pytest.raises(InputError, match="one graph of 40 nodes without features"):
        data.schema.check(data.array[:30])


def test_nodes_do_not_come_without_edges() -> None:
    with pytest.raises(InputError, match="The nodes of a graph come with its edges"):
        NodeSchema("float32", (4,), "F").context_of({}, 3, torch.float32)


def test_names_of_features_are_read_back() -> None:
    schema = NodeSchema("float32", (2,), "F", feature_names=("age", "income"))
    assert NodeSchema.from_json(json.loads(json.dumps(schema.to_json()))) == schema
    older = {name: value for name, value in schema.to_json().items() if name != "feature_names"}
    assert NodeSchema.from_json(older).feature_names == ()


def test_what_is_made_of_single_examples_is_refused() -> None:
    with pytest.raises(InputError, match="Samples are made of examples that do not depend on each other"):
        NodeSchema("float32", (4,), "F").check_independent("Samples")
