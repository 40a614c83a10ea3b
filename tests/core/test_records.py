"""The records hold for sequences and graphs too, whose networks come later."""

from __future__ import annotations

import torch

from narrows.core.records import Code, Domain, Features, Pass, per_example
from narrows.model.losses.distances import Squared


def test_an_example_of_many_rows_is_summed_inside() -> None:
    """Three graphs of 3, 2 and 1 nodes; the last has no edge and keeps its place."""
    nodes, edges = torch.ones(4, 6, 2), torch.ones(4, 3)
    assert per_example(nodes, {"rows": torch.tensor([3, 2, 1])}).tolist() == [[6, 4, 2]] * 4
    assert per_example(edges, {"rows": torch.tensor([2, 1, 0])}).tolist() == [[2, 1, 0]] * 4


def test_a_sequence_ends_where_its_mask_ends() -> None:
    lengths = torch.tensor([5, 2, 7])
    mask = (torch.arange(7) < lengths[:, None])[:, :, None]
    x, y = torch.zeros(3, 7, 2), torch.ones(1, 3, 7, 2)
    p = Pass(x, x, mask, {"length": lengths}, Features(x), Code(y), y)
    assert Squared(Domain((7, 2)))(p).tolist() == [[10, 4, 14]]
