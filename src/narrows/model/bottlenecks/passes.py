"""The learned distribution of coefficients, as a product of conditional ones that are computed in few passes.

Coefficients `(channels, height, width)` are taken in an order that goes from a coarse grid of places to finer
ones. Every second row and column is known, then the places between four of them, then those between two.
At each place the channels are taken in groups, the first with few. A distribution is a mixture of logistic
ones, whose parameters a small network computes of what is known. Minnen, Ballé & Toderici 2018, "Joint
autoregressive and hierarchical priors for learned image compression", NeurIPS, has such priors, one place
after the other; with places in few passes as He et al. 2021, "Checkerboard context model", CVPR.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.model.log_variance import bounded

GROWTH = 1.5
"""Group g of G ends at the share (g / G)^1.5 of the channels."""

BETWEEN = ((1, 1), (0, 1), (1, 0))
"""The places that are added to every second row and column, as offsets, in order."""


class Mixture(NamedTuple):
    """Mixtures of logistic distributions, each parameter `(…, components)`.

    Attributes:
        log_weight: the logarithms of the weights.
        mean: of each component.
        log_rate: the logarithm of one divided by its width.
    """

    log_weight: Tensor
    mean: Tensor
    log_rate: Tensor

    def cost(self, x: Tensor, step: Tensor) -> Tensor:
        """-log of the probability of the interval of length `step` around `x (…)`, in nats."""
        rate, centre = self.log_rate.exp(), x[..., None] - self.mean
        half = 0.5 * step[..., None]
        # log(σ(a) - σ(b)) = log σ(a) + log σ(-b) + log(1 - exp(b - a)), which does not underflow.
        above = functional.logsigmoid(rate * (centre + half))
        below = functional.logsigmoid(-rate * (centre - half))
        width = torch.log(-torch.expm1(-2 * rate * half))
        return -torch.logsumexp(self.log_weight + above + below + width, dim=-1)


class Places(NamedTuple):
    """A grid of places: every `stride`-th row and column from an offset; what is known of finer grids.

    Attributes:
        stride: of rows and columns.
        offset: of the first row and column.
        known: the offsets of grids of the same stride whose values are known.
    """

    stride: int
    offset: tuple[int, int]
    known: tuple[tuple[int, int], ...]

    def of(self, y: Tensor, offset: tuple[int, int] | None = None) -> Tensor:
        """The values of `y (…, height, width)` there, or at another offset."""
        row, column = self.offset if offset is None else offset
        return y[..., row :: self.stride, column :: self.stride]


def order(height: int, width: int, levels: int) -> Iterator[Places]:
    """The grids of places, coarse ones first, up to `levels` halvings; those without places are left out.

    >>> [(each.stride, each.offset) for each in order(2, 1, 3)]
    [(2, (0, 0)), (2, (1, 0))]
    """
    halvings = min(levels, (max(height, width) - 1).bit_length())
    yield Places(2**halvings, (0, 0), ())
    for level in reversed(range(halvings)):
        near = 2**level
        known = [(0, 0)]
        for row, column in BETWEEN:
            offset = (row * near, column * near)
            if offset[0] < height and offset[1] < width:
                yield Places(2 * near, offset, tuple(known))
                known.append(offset)


class Conditional(nn.Module):
    """The distribution of coefficients at some places, given those of known places and of earlier groups.

    Args:
        channels: of the coefficients.
        places: where they are.
        groups: of channels.
        hidden: units of each layer.
        components: of a mixture.
    """

    def __init__(self, channels: int, places: Places, *, groups: int, hidden: int, components: int) -> None:
        super().__init__()
        self.places, self.components = places, components
        inputs = len(places.known) * channels
        groups = min(groups, channels)
        ends = sorted({max(g, round(channels * (g / groups) ** GROWTH)) for g in range(groups + 1)})
        self.groups = list(pairwise(ends))
        self.near = nn.Conv2d(2 * inputs + 1, hidden, 3, padding=1) if inputs else None
        self.line = nn.Conv2d(inputs, channels, 3, padding=1, bias=False) if inputs else None
        if self.line is not None:
            nn.init.zeros_(self.line.weight)
        seen = hidden if inputs else 0
        self.mixing = nn.ModuleList(nn.Conv2d(seen + 2 * a + 1, hidden, 1) for a, _ in self.groups)
        self.out = nn.ModuleList(nn.Conv2d(hidden, 3 * components * (b - a), 1) for a, b in self.groups)

    def forward(self, y: Tensor, log_step: Tensor) -> Mixture:
        """The distributions at these places, `(n, channels, rows, columns, components)`."""
        own, around = self.places.of(y), self.around(y)
        every = [self.group(g, own, around, log_step) for g in range(len(self.groups))]
        return Mixture(*(torch.cat(parts, 1) for parts in zip(*every, strict=True)))

    def part(self, g: int, y: Tensor, log_step: Tensor) -> Mixture:
        """The distributions of group `g` only; later groups and places of `y` do not count."""
        return self.group(g, self.places.of(y), self.around(y), log_step)

    def around(self, y: Tensor) -> tuple[Tensor, Tensor] | None:
        """What the values at known places tell: features, and a linear prediction."""
        if self.near is None or self.line is None:
            return None
        rows, columns = self.places.of(y, (0, 0)).shape[-2:]
        parts = [self.places.of(y, offset) for offset in self.places.known]
        filled = [functional.pad(p, (0, columns - p.shape[-1], 0, rows - p.shape[-2])) for p in parts]
        known = torch.cat(filled, 1)
        inside = known.new_ones(len(y), 1, rows, columns)
        features = functional.silu(self.near(torch.cat([both_scales(known), inside], 1)))
        rows, columns = self.places.of(y).shape[-2:]
        return features[..., :rows, :columns], self.line(known)[..., :rows, :columns]

    def group(self, g: int, own: Tensor, around: tuple[Tensor, Tensor] | None, log_step: Tensor) -> Mixture:
        """The distributions of group `g`, given the values `own` of the groups before it."""
        start, end = self.groups[g]
        size = (len(own), 1, *own.shape[-2:])
        parts = [log_step[:, None, None, None].expand(size), both_scales(own[:, :start])]
        parts += [] if around is None else [around[0]]
        numbers = self.out[g](functional.silu(self.mixing[g](torch.cat(parts, 1))))
        logit, mean, rate = numbers.unflatten(1, (3, end - start, -1)).movedim(3, -1).unbind(1)
        spread = torch.linspace(-1, 1, self.components).to(rate) if self.components > 1 else 0.0
        mean = mean if around is None else mean + around[1][:, start:end, ..., None]
        return Mixture(logit.log_softmax(-1), mean, bounded(rate + spread))


def both_scales(y: Tensor) -> Tensor:
    """`y (n, channels, …)` on a linear and on a logarithmic scale, `(n, 2 · channels, …)`."""
    return torch.cat([0.05 * y, torch.asinh(y)], 1)


class Pass(NamedTuple):
    """One step of coding: a group of channels at some places.

    Attributes:
        places: the number of the grid of places.
        group: the number of the group of channels.
    """

    places: int
    group: int


class Passes(nn.Module):
    """p(y) = Π p(y_i | y_1 … y_{i-1}) of coefficients y `(channels, height, width)`, pass by pass.

    Args:
        shape: of the coefficients.
        levels: how often the grid of places is halved at the most.
        groups: of channels.
        hidden: units of each layer.
        components: of a mixture.
    """

    def __init__(
        self, shape: tuple[int, int, int], *, levels: int, groups: int, hidden: int, components: int
    ) -> None:
        super().__init__()
        sizes = {"groups": groups, "hidden": hidden, "components": components}
        self.grids = [Conditional(shape[0], each, **sizes) for each in order(*shape[1:], levels)]
        self.parts = nn.ModuleList(self.grids)

    @property
    def passes(self) -> list[Pass]:
        """All passes in the order of coding."""
        return [Pass(i, g) for i, each in enumerate(self.grids) for g in range(len(each.groups))]

    def cost(self, y: Tensor, known: Tensor, step: Tensor, log_step: Tensor) -> Tensor:
        """-log p in nats of the intervals around `y (n, channels, height, width)`, `(n, values)`.

        Args:
            y: the values.
            known: the values that later ones are predicted from, like `y`.
            step: the lengths of the intervals, `(n, channels, 1, 1)`.
            log_step: what the distributions are told of the steps, `(n,)`.
        """
        costs = []
        for part in self.grids:
            own = part.places.of(y)
            if not own.numel():  # an image of fewer blocks than those of the training
                continue
            costs.append(part(known, log_step).cost(own, step.expand_as(own)).flatten(1))
        return torch.cat(costs, 1)

    def region(self, which: Pass) -> tuple[slice, ...]:
        """The index of the values of a pass in an array `(n, channels, height, width)`."""
        part = self.grids[which.places]
        row, column = part.places.offset
        stride = part.places.stride
        return (
            slice(None),
            slice(*part.groups[which.group]),
            slice(row, None, stride),
            slice(column, None, stride),
        )

    def mixture(self, which: Pass, y: Tensor, log_step: Tensor) -> Mixture:
        """The distributions of the values of a pass; values of `y` of later passes do not count."""
        return self.grids[which.places].part(which.group, y, log_step)
