from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Code, Domain, Features, Pass
from narrows.model.losses.edges import Edges


def test_the_cost_of_a_pair_is_its_cross_entropy_and_each_of_its_nodes_has_half() -> None:
    loss = Edges(Domain((2,), linked=True), walks=0)
    x = torch.randn(3, 2)
    positive, negative = torch.tensor([[0, 1]]), torch.tensor([[1, 2]])
    context = {"positive": positive, "negative": negative}
    found = loss(Pass(x, x, None, context, Features(x), Code(x), x[None]))
    odds = torch.stack([x[0] @ x[1], x[1] @ x[2]]) + loss.learned[0]
    each = functional.binary_cross_entropy_with_logits(odds, torch.tensor([1.0, 0.0]), reduction="none") / 2
    torch.testing.assert_close(found, torch.stack([each[0], each.sum(), each[1]])[None])


def test_data_without_edges_are_refused() -> None:
    with pytest.raises(InputError, match="The loss 'edges' is for graphs"):
        Edges(Domain((2,)))
