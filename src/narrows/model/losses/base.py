"""What every loss has: the cost of an example, summed over its values, and the mean of an output."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import prod
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Domain, Pass, per_example
from narrows.core.registry import within
from narrows.model.distributions import Alphabet, Distribution

Link = Literal["identity", "sigmoid", "tanh"]
Per = Literal["example", "value"]
Rows = slice | NDArray[np.bool_]
"""All examples, or some of them."""

LINKS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda y: y,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class Given:
    """The distributions of values given the decoder's output and earlier values.

    Args:
        loss: that has them.
        y: the decoder's output, `(batch, …)` float64.
        x: the values `(batch, *shape)`, which may be filled in from group to group.
    """

    def __init__(self, loss: Loss, y: Tensor, x: Tensor) -> None:
        self.loss, self.y, self.x = loss, y, x

    def distribution(self, places: Tensor, alphabet: Alphabet, rows: Rows) -> Distribution:
        """That of the values at `places` of some `rows`, as `Loss.distribution` has it."""
        return self.loss.distribution(self.y[rows], self.x[rows], places, alphabet)


class Loss(nn.Module):
    """Compares the target `x (batch, *shape)` with the decoder's output `y (samples, batch, …)`.

    Attributes:
        per_value: how many numbers the decoder outputs for each value: with 2, `y` has twice as many
            channels as `x`.
        weight: the factor of the cost in the objective.
        plain: whether `y` are the values themselves.
        bounded: whether values cannot leave the range that the loss is for, [0, 1] as a rule.
        of_edges: whether it compares predicted edges, not values; it is then for nodes of a graph.
        on_reals: the name of the loss that replaces this one where values are real and unbounded, as in
            data drawn from a normal distribution.
    """

    reference = ""
    per_value = 1
    weight: float = 1.0
    plain = False
    bounded = False
    of_edges = False
    on_reals: ClassVar[str] = "gaussian"

    def forward(self, p: Pass) -> Tensor:
        """The cost `(samples, batch)` of each example, summed over observed values; others are not seen."""
        if p.mask is None:
            return per_example(self.each(p.y, p.x), p.context)
        cost = self.each(p.y, torch.where(p.mask, p.x, 0.0))
        return per_example(torch.where(p.mask, cost, 0.0), p.context)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        """The cost `(samples, batch, *shape)` of each value."""
        raise NotImplementedError

    def mean(self, y: Tensor) -> Tensor:
        """The values on the model's scale, `(samples, batch, *shape)`: the mean given the output `y`."""
        raise NotImplementedError

    def outputs(self, x: Tensor) -> Tensor | None:
        """Outputs that stand for about the values `x`; None for a loss that does not tell."""
        return x if self.plain else None

    def groups(self, shape: tuple[int, ...]) -> Iterator[Tensor]:
        """Places of values, flat, that are coded together: they do not depend on each other."""
        yield torch.arange(prod(shape))

    def given(self, y: Tensor, x: Tensor) -> Given:
        """The distributions of one group of values after the other; arguments as of `distribution`."""
        return Given(self, y, x)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        """The distribution of the values at `places (m,)` of each example, `batch · m` values.

        Args:
            y: the decoder's output, `(batch, …)` float64.
            x: the values `(batch, *shape)`; only those of earlier groups are used.
            places: one of `groups`.
            alphabet: the values that can occur.

        Raises:
            InputError: for a loss that is no likelihood of such values.
        """
        raise InputError(
            f"The loss {spaced_name(self)} is no likelihood of the values as they are stored, so this model "
            f"compresses nothing; fit one with --recipe lossless."
        )


def spaced_name(loss: Loss) -> str:
    """The class of `loss` in words.

    >>> from narrows.model.losses.distances import Squared
    >>> spaced_name(Squared(Domain((1,))))
    "'squared'"
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(loss).__name__)
    return repr(words.lower())


def factor_of_sum(weight: float, per: Per, domain: Domain) -> float:
    """The factor of the sum over an example's values: `weight`, for `per` "value" divided by their number."""
    return within("weight", weight, 0) / (prod(domain.shape) if per == "value" else 1)
