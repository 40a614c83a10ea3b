from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from narrows.core.errors import InputError
from narrows.data.graphs.graph import Graph, as_graph
from tests.samples import communities

GRAPH = communities(30)
EDGES, X, LABELS = (GRAPH[name] for name in ("edges", "x", "labels"))


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (Graph(EDGES, np.where(X > 0, np.nan, X)), "The features of graph"),
        (Graph(EDGES, X, nodes=40), "has 40 nodes, but 30 rows of features"),
        (Graph(EDGES, X[:, 0]), "wanted is a row for each node"),
        (Graph(EDGES, X[:, :0]), "there is nothing in them"),
        (Graph(EDGES, X, feature_names=("word",)), "1 names of features do not match the 40 features"),
        (Graph(EDGES, X, labels=LABELS[:5]), "has 30 nodes but 5 labels"),
    ],
)
def test_what_does_not_fit_together_is_refused(graph: Graph, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_graph(graph)


def test_a_graph_whose_features_do_not_fit_into_memory_is_refused() -> None:
    huge = sparse.csr_matrix(([1.0], ([0], [0])), shape=(10**6, 10**7))
    with pytest.raises(InputError, match="The features of graph need"):
        as_graph(Graph(EDGES, huge))
