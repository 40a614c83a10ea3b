from __future__ import annotations

import torch

from narrows.model.losses.distances import Squared
from tests.model.losses.passes import DOMAIN, X, Y, cost


def test_only_observed_values_count() -> None:
    mask = torch.rand(5, 3, 2) > 0.5
    expected = (((Y - X) ** 2) * mask).flatten(2).sum(2)
    torch.testing.assert_close(cost(Squared(DOMAIN), Y, X, mask), expected)


def test_several_samples_keep_their_axis() -> None:
    y = torch.randn(4, 5, 3, 2)
    assert cost(Squared(DOMAIN), y, X).shape == (4, 5)
