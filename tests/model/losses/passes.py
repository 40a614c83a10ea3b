"""Values, and the cost of an output."""

from __future__ import annotations

import torch

from narrows.core.records import Code, Domain, Features, Pass
from narrows.model.losses import Loss

DOMAIN = Domain((3, 2), 0.0, 1.0)

torch.manual_seed(0)

Y, X = torch.randn(1, 5, 3, 2), torch.rand(5, 3, 2)


def cost(loss: Loss, y: torch.Tensor, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    return loss(Pass(x, x, mask, {}, Features(x), Code(y), y))


def summed(each: torch.Tensor) -> torch.Tensor:
    return each.flatten(2).sum(2)
