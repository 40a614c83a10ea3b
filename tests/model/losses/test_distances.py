from __future__ import annotations

import pytest
import torch

from narrows.model.losses.base import LINKS
from narrows.model.losses.distances import Absolute, Squared
from tests.model.losses.passes import DOMAIN, X, Y, cost, summed


@pytest.mark.parametrize("link", list(LINKS))
def test_distances_compare_the_linked_output(link: str) -> None:
    made = LINKS[link](Y)
    torch.testing.assert_close(cost(Squared(DOMAIN, link=link), Y, X), summed((made - X) ** 2))  # type: ignore[arg-type]
    torch.testing.assert_close(cost(Absolute(DOMAIN, link=link), Y, X), summed((made - X).abs()))  # type: ignore[arg-type]
