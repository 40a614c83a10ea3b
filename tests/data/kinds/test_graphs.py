"""The layout and the scaling of graphs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs
from narrows.data.kinds import describe, from_json
from narrows.data.kinds.graphs import Feature, GraphSchema, natures


def some(n: int = 20, seed: int = 0, most: int = 7) -> list[Graph]:
    """Graphs with a number, a boolean and a category of three levels."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        k = int(rng.integers(1, most + 1))
        edges = np.argwhere(np.triu(rng.random((k, k)) < 0.4, 1))
        x = np.column_stack(
            [5 + 3 * rng.normal(size=k), rng.random(k) < 0.5, np.eye(3)[rng.integers(0, 3, k)]]
        )
        found.append(Graph(edges, x, k))
    return found


@pytest.fixture
def data() -> Any:
    return as_graphs(some(), "some")


def test_the_layout_has_an_inverse(data: Any) -> None:
    schema = data.schema
    flat = schema.to_model(torch.as_tensor(data.array))
    assert flat.shape == (20, *schema.model_shape) == (20, 7 * 6 + 21)
    np.testing.assert_array_equal(schema.from_model(flat).numpy(), data.array)


def test_the_way_back_is_exported_for_any_number_of_graphs(data: Any) -> None:
    class Back(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return data.schema.from_model(x)  # type: ignore[no-any-return]

    x = torch.rand(9, *data.schema.model_shape)
    rows = ({0: torch.export.Dim("n")},)
    program = torch.export.export(Back(), (x[:2],), dynamic_shapes=rows).module()
    np.testing.assert_array_equal(program(x), data.schema.from_model(x))


def test_scaling_has_an_inverse(data: Any) -> None:
    flat = data.schema.arrange(data.array)
    scaling = data.schema.choose(flat).scaling
    scaled = scaling(torch.as_tensor(flat))
    there = ~np.isnan(data.array[:, :, 0])
    number = scaled[:, :7].numpy()[there]
    np.testing.assert_allclose([number.mean(), number.std()], [0, 1], atol=1e-12)
    assert set(scaled[:, 7:].nan_to_num(0).unique().tolist()) == {0.0, 1.0}
    np.testing.assert_allclose(data.schema.restore(scaled, scaling), data.array, atol=1e-12)


def test_features_are_numbers_booleans_and_categories(data: Any) -> None:
    assert data.schema.features == (Feature("number", 1), Feature("boolean", 1), Feature("category", 3))
    columns = data.schema.domain(data.schema.choose(data.schema.arrange(data.array)).scaling).columns
    assert [tuple(column) for column in columns] == [
        ("number", 7, 1),
        ("boolean", 7, 1),
        ("category", 3, 7),
        ("boolean", 28, 1),
    ]


def test_columns_are_a_category_only_if_one_is_1_in_each_row() -> None:
    x = np.array([[1, 0, 0, 1, 2.5], [0, 1, 0, 1, 1.0], [0, 1, 1, 1, 0.0]])
    assert natures(x) == (Feature("category", 2), Feature("boolean", 2), Feature("number", 1))
    assert natures(x[:, 4:]) == (Feature("number", 1),)


def test_as_many_edges_are_kept_as_are_likely(data: Any) -> None:
    schema = GraphSchema("float32", (3, 3), "NV")
    likely = torch.tensor([[0.9, 0.8, 0.7, 0.3, 0.4, 0.2], [0.9, 0.8, 0.1, 0.3, 0.9, 0.9]])
    first, second = schema.from_model(likely)
    # The pairs are (1, 0), (2, 0) and (2, 1): 0.9 edges are likely, and the second graph has two nodes.
    np.testing.assert_array_equal(first, [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    assert second[2].isnan().all()
    np.testing.assert_array_equal(second[:2], 0)


def test_a_graph_that_is_reconstructed_has_a_node() -> None:
    found = GraphSchema("float32", (2, 2), "NV").from_model(torch.zeros(1, 3))
    np.testing.assert_array_equal(found, [[[0, 0], [np.nan, np.nan]]])


def test_amounts_lie_where_examples_have_their_values(data: Any) -> None:
    schema = data.schema
    amounts = np.random.default_rng(0).random((4, schema.size))
    found = schema.by_part(amounts)
    assert found.shape == (4, *schema.shape)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), amounts.sum(axis=1))


def test_a_schema_travels_as_json(data: Any) -> None:
    schema = data.schema
    record = json.loads(json.dumps(schema.to_json()))
    assert from_json(record) == schema
    with pytest.raises(InputError, match="The features of a node do not match the shape"):
        from_json({**record, "features": [["number", 2]]})


def test_arrays_are_no_graphs() -> None:
    with pytest.raises(InputError, match="Graphs have edges, which an array does not"):
        describe(np.zeros((3, 4, 4)), "graphs")


def test_equal_graphs_are_refused() -> None:
    same = as_graphs([some(1)[0]] * 5, "same")
    with pytest.raises(InputError, match="All graphs of same are the same"):
        same.schema.check_training(same.schema.arrange(same.array), "same")
