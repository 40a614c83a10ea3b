"""Distances between values and the values that an output stands for."""

from __future__ import annotations

from torch import Tensor

from narrows.core.records import Domain
from narrows.model.losses.base import LINKS, Link, Loss, Per, factor_of_sum


class Distance(Loss):
    """A distance between x̂ and x.

    Args:
        link: the function from the decoder's output to x̂; "sigmoid" for data in [0, 1].
        weight: factor of the distance in the objective: the C of C·‖x - x̂‖² + KL.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean, as
            in `torch.nn.MSELoss`, which makes the other costs more important.
    """

    def __init__(
        self, domain: Domain, *, link: Link = "identity", weight: float = 1.0, per: Per = "example"
    ) -> None:
        super().__init__()
        self.link = link
        self.plain = link == "identity"
        self.bounded = not self.plain
        self.weight = factor_of_sum(weight, per, domain)

    def mean(self, y: Tensor) -> Tensor:
        return LINKS[self.link](y)


class Squared(Distance):
    """Σ (x - x̂)², in squared units of the model's scale."""

    on_reals = "squared"

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return (self.mean(y) - x) ** 2


class Absolute(Distance):
    """Σ |x - x̂|, which is less sensitive to outliers."""

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return (self.mean(y) - x).abs()
