from __future__ import annotations

import numpy as np

from narrows.data.sources import InMemory
from narrows.data.sources.nodes import Nodes


def test_only_nodes_belong_together() -> None:
    x, edges = np.ones((3, 2)), np.array([[0, 1]])
    assert Nodes(x, {"edges": edges}).context["edges"] is edges
    assert dict(InMemory(x).context) == {}
