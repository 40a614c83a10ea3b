"""The records that travel between the parts: what one part hands to the next, by name.

Every tensor of values has the axes ``(batch, *shape)``; what comes after the bottleneck has a
samples axis in front, ``(samples, batch, *shape)``, because a bottleneck may draw several codes
per example (importance weighting, mixtures). It is 1 where nothing else is said.

Most data have one row per example. Where an example is made of many rows, as a graph is of nodes,
``context["rows"]`` counts the rows of each example, in order, and costs are summed over them. (A
count, not an owner per row: an example without a row, a graph without an edge, must keep its place.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

Context = Mapping[str, Tensor]
"""What is known about a batch beside its values: labels, conditions, lengths, edges."""


class Block(NamedTuple):
    """A column of a table: its nature ("number", "boolean" or "category") and how many values it has."""

    nature: str
    width: int


@dataclass(frozen=True, slots=True)
class Domain:
    """What a part may know about the data it is built for, on the scale the model sees.

    `shape` is that of one example in the model's layout, channels first; `low` and `high` bound
    the values of the training part; `blocks` say what stands in a table whose columns differ.
    """

    shape: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples on the model's scale: `x (batch, *shape)`, `mask` true where `x` was observed."""

    x: Tensor
    mask: Tensor | None = None
    context: Context = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The number of examples, each of one row unless `context["rows"]` counts several."""
        return len(self.context["rows"]) if "rows" in self.context else len(self.x)

    def observed(self) -> Tensor:
        """Which values were observed, in the shape of `x`."""
        return torch.ones_like(self.x, dtype=torch.bool) if self.mask is None else self.mask


def masked(x: Tensor, *, complete: bool) -> Batch:
    """Examples `x (batch, *shape)` on the model's scale as a batch: NaN is missing, masked and 0 in it.

    `complete` says that no value is missing, which saves the search for them.
    """
    if complete:
        return Batch(x)
    observed = ~x.isnan()
    return Batch(torch.where(observed, x, 0.0), observed)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a corruption makes of a batch, all `(batch, *shape)`.

    `x` is what the encoder sees, 0 where nothing was observed; `target` what the output is compared with;
    `counted` says which values of it count, None all of them.
    """

    x: Tensor
    target: Tensor
    counted: Tensor | None = None

    @classmethod
    def clean(cls, batch: Batch) -> Seen:
        """A batch that is seen as it is."""
        return cls(batch.x, batch.x, batch.mask)


@dataclass(frozen=True, slots=True)
class Cost:
    """One named term of the objective, unweighted, so that the curves of different runs compare.

    `value` is `(samples, batch)` or `(batch,)` per example, summed over the example's observed
    values, or `()` for a statistic of the whole batch.
    """

    value: Tensor
    weight: Tensor | float = 1.0

    def weighted(self) -> Tensor:
        """The one place where a weight meets its value."""
        # A factor of 1 costs two small operations forth and two back in every step.
        if isinstance(self.weight, float) and self.weight == 1.0:
            return self.value
        return self.weight * self.value


@dataclass(frozen=True, slots=True)
class Features:
    """What an encoder found: `h (batch, *features)`, its hidden layers, and its skips if any."""

    h: Tensor
    hidden: tuple[Tensor, ...] = ()
    skips: tuple[Tensor, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """What passed the bottleneck: `z (samples, batch, *code)`, what it cost, the index chosen."""

    z: Tensor
    costs: Mapping[str, Cost] = field(default_factory=dict)
    index: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass from the data to the decoder's output `y (samples, batch, *outputs)`.

    `x` is the target, of which the values in `mask` count, and `seen` what the encoder was shown.
    """

    x: Tensor
    seen: Tensor
    mask: Tensor | None
    context: Context
    features: Features
    code: Code
    y: Tensor


def per_example(values: Tensor, context: Context) -> Tensor:
    """Sum `values (samples, rows, ...)` over all that belongs to one example.

    Returns:
        `(samples, examples)`; a row is an example unless `context["rows"]` counts several to one.
    """
    summed = values.flatten(2).sum(2) if values.dim() > 2 else values
    if "rows" not in context:
        return summed
    counts = context["rows"]
    owner = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    return summed.new_zeros(len(summed), len(counts)).index_add(1, owner, summed)
