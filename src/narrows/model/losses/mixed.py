"""The loss of tables whose columns are of several natures."""

from __future__ import annotations

from itertools import groupby
from typing import Literal

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.model.distributions import Alphabet, Distribution
from narrows.model.losses.base import Loss
from narrows.model.losses.distances import Squared
from narrows.model.losses.likelihoods import Bernoulli, Categorical, Gaussian


class Mixed(Loss):
    """A loss for each column of a table or graph: squared, Bernoulli for booleans, softmax for categories.

    Args:
        numbers: "squared", a distance; "gaussian", ½ log 2πσ² + (x - x̂)²/2σ² in nats with one learned
            variance, which is comparable with a divergence.

    Attributes:
        numbers: `(values,)`, which values are numbers.
    """

    numbers: Tensor

    def __init__(self, domain: Domain, *, numbers: Literal["squared", "gaussian"] = "squared") -> None:
        super().__init__()
        if not domain.columns:
            raise InputError(
                "The loss 'mixed' is for tables with booleans or categories; these data have none."
            )
        whole = {"number": NUMBERS[numbers], "boolean": Bernoulli}
        self.widths, parts = [], nn.ModuleList()
        # All numbers are one part, and all booleans; each category is a part of its own.
        for nature, group in groupby(domain.columns, lambda column: column.nature):
            alike = list(group)
            widths = [column.width * column.times for column in alike]
            if nature == "category":
                parts.extend(Categorical(Domain((c.width,)), times=c.times) for c in alike)
                self.widths += widths
            else:
                parts.append(whole[nature](Domain((sum(widths),))))
                self.widths.append(sum(widths))
        self.parts = parts
        columns = (each for column in domain.columns for each in [column] * column.width * column.times)
        of_numbers = torch.tensor([column.nature == "number" for column in columns])
        self.register_buffer("numbers", of_numbers, persistent=False)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        pieces = zip(
            self.parts, torch.split(y, self.widths, -1), torch.split(x, self.widths, -1), strict=True
        )
        return torch.cat([part.each(a, b) for part, a, b in pieces], dim=-1)  # type: ignore[operator]

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        ends = torch.tensor(self.widths).cumsum(0)
        i = int(torch.searchsorted(ends, places[0], right=True))
        start = int(ends[i]) - self.widths[i]
        part, inner = self.parts[i], slice(start, int(ends[i]))
        assert isinstance(part, Loss)
        return part.distribution(y[:, inner], x[:, inner], places - start, alphabet)

    def mean(self, y: Tensor) -> Tensor:
        pieces = zip(self.parts, torch.split(y, self.widths, -1), strict=True)
        return torch.cat([part.mean(a) for part, a in pieces], dim=-1)  # type: ignore[operator]


NUMBERS: dict[str, type[Loss]] = {"squared": Squared, "gaussian": Gaussian}
"""The losses of columns of numbers."""
