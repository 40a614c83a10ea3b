from __future__ import annotations

import torch
from torch.nn import functional

from narrows.core.records import Domain, ModelColumn
from narrows.model.losses.distances import Squared
from narrows.model.losses.likelihoods import Bernoulli, Gaussian
from narrows.model.losses.mixed import Mixed
from tests.model.losses.passes import cost


def test_the_mixed_loss_is_the_sum_of_its_columns() -> None:
    torch.manual_seed(0)
    domain = Domain(
        (7,),
        columns=(
            *[ModelColumn("number", 1)] * 2,
            ModelColumn("boolean", 1),
            ModelColumn("category", 3),
            ModelColumn("category", 1),
        ),
    )
    x = torch.cat(
        [torch.randn(5, 2), torch.ones(5, 1), functional.one_hot(torch.arange(5) % 3), torch.ones(5, 1)], 1
    )
    y = torch.randn(1, 5, 7)
    word = functional.cross_entropy(y[0, :, 3:6], torch.arange(5) % 3, reduction="none")
    yes = functional.binary_cross_entropy_with_logits(y[0, :, 2], x[:, 2], reduction="none")
    expected = ((y[0, :, :2] - x[:, :2]) ** 2).sum(1) + yes + word
    torch.testing.assert_close(cost(Mixed(domain), y, x)[0], expected)
    mean = Mixed(domain).mean(y)
    torch.testing.assert_close(mean[..., 3:6].sum(-1), torch.ones(1, 5))
    kinds = [type(part) for part in Mixed(domain, numbers="gaussian").parts]
    assert kinds[:2] == [Gaussian, Bernoulli]
    assert isinstance(Mixed(domain).parts[0], Squared)


def test_a_missing_cell_costs_nothing() -> None:
    domain = Domain(
        (5,), columns=(ModelColumn("number", 1), ModelColumn("boolean", 1), ModelColumn("category", 3))
    )
    x, y = torch.zeros(1, 5), torch.randn(1, 1, 5)
    mask = torch.tensor([[False, True, False, False, False]])
    only = functional.softplus(y[0, 0, 1])
    torch.testing.assert_close(cost(Mixed(domain), y, x, mask)[0, 0], only)
