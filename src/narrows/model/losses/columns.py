"""The likelihood of a row of a table: each column given those before it and the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Domain, ModelColumn
from narrows.core.registry import within
from narrows.model.distributions import MOST_WEIGHT, Alphabet, Distribution, Listed, binned, logistic, shares
from narrows.model.log_variance import bounded
from narrows.model.losses.base import Given, Loss, Rows


class Columns(Loss):
    """-Σ log p(x_j | z, x_1 … x_{j-1}) in nats; numbers have mixtures of logistic densities.

    One hidden layer serves all columns (MADE). A unit sees the decoder's output and the columns before some
    place, and serves the columns from there on. In tables of up to twice as many values as units, the outputs
    also depend linearly on the columns before. Reconstructions do without these columns, which is learned
    from rows that are taken without them in training.

    Args:
        components: of the mixture of a number.
        hidden: units of the layer.
        without: the share of examples that are taken without the columns before in training.
    """

    reference = (
        "Germain, Gregor, Murray & Larochelle 2015. MADE: masked autoencoder for distribution estimation. "
        "ICML."
    )

    def __init__(
        self, domain: Domain, *, components: int = 3, hidden: int = 16, without: float = 0.1
    ) -> None:
        super().__init__()
        self.columns = columns_of(domain)
        self.components = int(within("components", components, 1, 100))
        self.without = within("without", without, 0, 1)
        ends = np.cumsum([0, *(c.width for c in self.columns)])
        self.places = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.widths = [3 * self.components if c.nature == "number" else c.width for c in self.columns]
        self.alike = list(runs_of(self.columns, self.widths))
        values, outputs = prod(domain.shape), sum(self.widths)
        hidden = int(within("hidden", hidden, 1, 4096))
        of_value = torch.tensor([j for j, c in enumerate(self.columns) for _ in range(c.width)])
        of_output = torch.tensor([j for j, width in enumerate(self.widths) for _ in range(width)])
        of_unit = torch.arange(hidden) * len(self.columns) // hidden
        self.of_code = nn.Linear(values, hidden)
        self.before = nn.Parameter(torch.randn(hidden, values) * values**-0.5)
        self.known = nn.Parameter(torch.zeros(hidden))
        self.direct = nn.Parameter(torch.zeros(values, values if values <= 2 * hidden else 0))
        self.head = nn.Parameter(torch.randn(outputs, hidden) * 0.1 * hidden**-0.5)
        self.bias = nn.Parameter(self._start())
        self.register_buffer("sees", (of_value[None] < of_unit[:, None]).float(), persistent=False)
        self.register_buffer("serves", (of_unit[None] <= of_output[:, None]).float(), persistent=False)
        self.register_buffer("earlier", (of_value[None] < of_value[:, None]).float(), persistent=False)

    def _start(self) -> Tensor:
        """The outputs that training begins with."""
        k = self.components
        means = torch.linspace(-1, 1, k) if k > 1 else torch.zeros(1)
        number = torch.cat([torch.zeros(k), means, torch.zeros(k)])
        parts = zip(self.columns, self.widths, strict=True)
        return torch.cat([number if c.nature == "number" else torch.zeros(width) for c, width in parts])

    sees: Tensor
    serves: Tensor
    earlier: Tensor

    def features(self, y: Tensor, x: Tensor | None) -> tuple[Tensor, Tensor]:
        """The units `(samples, batch, hidden)`, and what is added to the outputs of values.

        Args:
            y: the decoder's output `(samples, batch, values)`.
            x: the cells `(batch, values)`, NaN for rows whose cells are not seen; None when none are.
        """
        h, shift = self.of_code(y), y
        if x is not None:
            seen = ~x.isnan().any(dim=1, keepdim=True)
            cells = torch.where(seen, x, 0.0)
            h = h + seen * (functional.linear(cells, self.before * self.sees) + self.known)
            if self.direct.numel():
                shift = shift + functional.linear(cells, self.direct * self.earlier)
        return torch.relu(h), shift

    def runs(self, y: Tensor, x: Tensor | None) -> Iterator[tuple[str, slice, Tensor, Tensor]]:
        """Of columns that are alike and follow each other, their nature and the places of their values.

        With them are the numbers that their distributions have, and what is added: `(…, columns, width)`.
        """
        h, shift = self.features(y, x)
        numbers = functional.linear(h, self.head * self.serves, self.bias)
        for run in self.alike:
            part, moved = numbers[..., run.outputs], shift[..., run.values]
            yield run.nature, run.values, columnwise(part, run.columns), columnwise(moved, run.columns)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        found = []
        for nature, where, part, shift in self.runs(y, self.shown(x)):
            cells = columnwise(x[..., where], shift.shape[-2])
            found.append(COSTS[nature](part, shift, cells).flatten(-2))
        return torch.cat(found, dim=-1)

    def shown(self, x: Tensor) -> Tensor:
        """`x` as the columns before are seen of it: in training a share of the rows is NaN."""
        if not (self.training and self.without):
            return x
        left = torch.rand(len(x), 1, device=x.device) < self.without
        return torch.where(left, torch.nan, x)

    def mean(self, y: Tensor) -> Tensor:
        found = [MEANS[nature](part, shift).flatten(-2) for nature, _, part, shift in self.runs(y, None)]
        return torch.cat(found, dim=-1)

    def given(self, y: Tensor, x: Tensor) -> Given:
        return GivenColumns(self, y, x)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        return self.given(y, x).distribution(places, alphabet, slice(None))

    @cached_property
    def starts(self) -> dict[int, tuple[int, int]]:
        """By the place of its first value, the number of each column and its first output."""
        outputs = np.cumsum([0, *self.widths]).tolist()
        return {where.start: (j, outputs[j]) for j, where in enumerate(self.places)}


class GivenColumns(Given):
    """Columns given those before: the units are computed again only where one more column serves another.

    A unit sees none of the columns that it serves, so that between two such columns nothing changes.
    """

    loss: Columns
    after = -1

    def distribution(self, places: Tensor, alphabet: Alphabet, rows: Rows) -> Distribution:
        loss = self.loss
        j, start = loss.starts[int(places[0])]
        ours = slice(start, start + loss.widths[j])
        h, shift = self.features(j, ours)
        part = functional.linear(h[rows], loss.head[ours] * loss.serves[ours], loss.bias[ours])
        return CODED[loss.columns[j].nature](part, shift[:, loss.places[j]][rows], alphabet)

    def features(self, j: int, ours: slice) -> tuple[Tensor, Tensor]:
        """The units, and what is added to the outputs, as column `j` needs them."""
        after = j if self.loss.direct.numel() else int(self.loss.serves[ours.start].sum())
        if after != self.after:
            h, shift = self.loss.features(self.y[None], self.x)
            self.after, self.known = after, (h[0], shift[0])
        return self.known


class Alike(NamedTuple):
    """Columns of one nature and width that follow each other.

    Attributes:
        nature: of each.
        columns: how many there are.
        values: the places of their values.
        outputs: the places of the numbers that their distributions have.
    """

    nature: str
    columns: int
    values: slice
    outputs: slice


def runs_of(columns: Sequence[ModelColumn], widths: Sequence[int]) -> Iterator[Alike]:
    """The runs of `columns`, whose distributions have as many numbers as `widths` says."""
    value = output = 0
    for (nature, width, numbers), some in groupby(
        (c.nature, c.width, w) for c, w in zip(columns, widths, strict=True)
    ):
        n = len(list(some))
        yield Alike(nature, n, slice(value, value + n * width), slice(output, output + n * numbers))
        value, output = value + n * width, output + n * numbers


def columnwise(x: Tensor, n: int) -> Tensor:
    """`x (…, n · width)` as `(…, n, width)`."""
    return x.reshape(*x.shape[:-1], n, -1)


def columns_of(domain: Domain) -> list[ModelColumn]:
    """The columns of a table, one by one; of a table of numbers alone each value is one.

    Raises:
        InputError: for other data than tables.
    """
    if len(domain.shape) != 1 or any(c.times > 1 for c in domain.columns):
        raise InputError("The loss 'columns' is for tables, but these data are none.")
    if not domain.columns:
        binary = domain.grid is not None and domain.grid.levels == 2
        return [ModelColumn("boolean" if binary else "number", 1)] * domain.shape[0]
    alike = [(c, c.width if c.nature == "number" else 1) for c in domain.columns]
    return [ModelColumn(c.nature, c.width // times) for c, times in alike for _ in range(times)]


def mixture(numbers: Tensor, shift: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log weights, means and log rates of a mixture, `(…, components)`."""
    logits, m, rate = numbers.chunk(3, dim=-1)
    return logits.log_softmax(-1), m + shift, bounded(rate) + FAST_RATE


def cost_of_number(numbers: Tensor, shift: Tensor, x: Tensor) -> Tensor:
    log_w, m, log_r = mixture(numbers, shift)
    t = (x - m) * log_r.exp()
    # log σ'(t) = log σ(t) + log σ(-t)
    log_p = log_r + functional.logsigmoid(t) + functional.logsigmoid(-t)
    return -torch.logsumexp(log_w + log_p, dim=-1, keepdim=True)


def cost_of_boolean(numbers: Tensor, shift: Tensor, x: Tensor) -> Tensor:
    return functional.softplus(numbers + shift) - x * (numbers + shift)


def cost_of_category(numbers: Tensor, shift: Tensor, x: Tensor) -> Tensor:
    return -x * torch.log_softmax(numbers + shift, dim=-1)


COSTS = {"number": cost_of_number, "boolean": cost_of_boolean, "category": cost_of_category}
MEANS = {
    "number": lambda numbers, shift: sum_of(*mixture(numbers, shift)),
    "boolean": lambda numbers, shift: torch.sigmoid(numbers + shift),
    "category": lambda numbers, shift: torch.softmax(numbers + shift, dim=-1),
}


def sum_of(log_w: Tensor, m: Tensor, log_r: Tensor) -> Tensor:
    return (log_w.exp() * m).sum(-1, keepdim=True)


def number_coded(numbers: Tensor, shift: Tensor, alphabet: Alphabet) -> Distribution:
    log_w, m, log_r = (each.numpy() for each in mixture(numbers, shift))
    return binned(alphabet, logistic(), m, log_r, shares(np.exp(log_w)))


def boolean_coded(numbers: Tensor, shift: Tensor, alphabet: Alphabet) -> Distribution:
    halves = Alphabet(alphabet.levels, lambda v: np.zeros(len(v)))
    logits = (numbers + shift).numpy()
    return binned(halves, logistic(), logits, np.zeros_like(logits))


def category_coded(numbers: Tensor, shift: Tensor, alphabet: Alphabet) -> Distribution:
    p = torch.softmax(numbers + shift, dim=-1).numpy()
    return Listed(shares(p, max(MOST_WEIGHT, 16 * alphabet.levels)))


CODED = {"number": number_coded, "boolean": boolean_coded, "category": category_coded}

FAST_RATE = 1.0
"""log r of a component begins at 1, in units of the standard deviation of a column."""
