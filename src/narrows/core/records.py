"""The records that the parts of a model pass to each other.

A tensor of values has the axes ``(batch, *shape)``. After the bottleneck it has a samples axis in
front, ``(samples, batch, *shape)``, because a bottleneck may draw several codes per example
(importance weighting, mixtures). `samples` is 1 by default.

Most data have one row per example. Where an example has many rows, as a graph has many nodes,
``context["rows"]`` holds the number of rows of each example, in order, and costs are summed over the
rows. (Counts, not an example number per row: an example without rows, such as a graph without edges,
keeps its place.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from torch import Tensor

Context = Mapping[str, Tensor]
"""What a batch holds beside its values: labels, conditions, lengths, edges."""


class ModelColumn(NamedTuple):
    """A column of a table in the model's layout.

    Attributes:
        nature: "number", "boolean" or "category".
        width: the number of values: of a category one per level, of a date one per part, else 1.
        times: how many such columns are side by side: the first value of each, the second of each, and so on.
    """

    nature: str
    width: int
    times: int = 1


class Intensity(NamedTuple):
    """Where counts, or intensities proportional to them, lie on the model's scale.

    Attributes:
        zero: the place of 0 in the unit of the data.
        unit: how far 1 lies from it.
        mean: the place of the mean of the training part.
    """

    zero: float = 0.0
    unit: float = 1.0
    mean: float = 0.5


class Grid(NamedTuple):
    """The values that can occur: low + step · (0, 1, … levels - 1)."""

    low: float
    step: float
    levels: int


@dataclass(frozen=True, slots=True)
class Domain:
    """The data that a part is built for, on the model's scale.

    Attributes:
        shape: of one example in the model's layout, channels first.
        low: the smallest value of the training part.
        high: the largest value of the training part.
        columns: of a table that has columns of several natures, in the order of its values.
        linked: whether the examples are nodes of a graph, whose edges are in the context of a batch.
        nodes: of a graph without features the number of its nodes, which their place tells apart; else 0.
        slots: of examples that are graphs, the number of their nodes, at the most, and that of the values of
            one node; else zeros. `narrows.data.kinds.graphs` has the order of their values.
        intensity: of values that share one offset and one scale; None for others.
        grid: of values of two kinds, and of values on one scale that are regular, as whole numbers are; None
            for others.
    """

    shape: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0
    columns: tuple[ModelColumn, ...] = ()
    linked: bool = False
    nodes: int = 0
    slots: tuple[int, int] = (0, 0)
    intensity: Intensity | None = field(default_factory=Intensity)
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples on the model's scale.

    Attributes:
        x: `(batch, *shape)`; 0 where nothing was observed.
        mask: true where `x` was observed; None for all values.
        context: what belongs to them beside their values.
        given: of pairs the noisy examples, `(batch, *shape)`, which `x` is to be restored from; 0 where
            nothing was observed.
    """

    x: Tensor
    mask: Tensor | None = None
    context: Context = field(default_factory=dict)
    given: Tensor | None = None

    @property
    def n(self) -> int:
        """The number of examples; an example has one row unless `context["rows"]` says otherwise."""
        return len(self.context["rows"]) if "rows" in self.context else len(self.x)

    def observed(self) -> Tensor:
        """True where a value was observed, in the shape of `x`."""
        return torch.ones_like(self.x, dtype=torch.bool) if self.mask is None else self.mask

    def known(self) -> Tensor:
        """`x` with NaN where no value was observed."""
        return self.x if self.mask is None else torch.where(self.mask, self.x, torch.nan)


def masked(x: Tensor, *, complete: bool) -> Batch:
    """A batch of examples `x (batch, *shape)` on the model's scale; NaN becomes 0 and is masked.

    With `complete` no value is missing, and `x` is not searched for NaN.
    """
    if complete:
        return Batch(x)
    observed = ~x.isnan()
    return Batch(torch.where(observed, x, 0.0), observed)


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch after corruption; all tensors are `(batch, *shape)`.

    Attributes:
        x: the input of the encoder; 0 where nothing was observed.
        target: what the output is compared with.
        counted: true where a value of `target` enters the loss; None for all values.
    """

    x: Tensor
    target: Tensor
    counted: Tensor | None = None

    @classmethod
    def clean(cls, batch: Batch) -> Seen:
        """A batch without corruption."""
        return cls(batch.x, batch.x, batch.mask)


@dataclass(frozen=True, slots=True)
class Cost:
    """One term of the objective, unweighted, so that the curves of different runs are comparable.

    Attributes:
        value: `(samples, batch)` or `(batch,)`, per example, summed over its observed values; or `()`,
            a statistic of the batch.
        weight: its factor in the objective.
    """

    value: Tensor
    weight: Tensor | float = 1.0

    def weighted(self) -> Tensor:
        """Weight times value; no other place multiplies them."""
        # A multiplication by 1 costs two small operations in the forward and two in the backward pass.
        if isinstance(self.weight, float) and self.weight == 1.0:
            return self.value
        return self.weight * self.value


@dataclass(frozen=True, slots=True)
class Pose:
    """How each example, an image, lies: its upright image is turned, then scaled, then shifted.

    Attributes:
        angle: `(batch,)` in radians, from the x axis to the y axis, which points down.
        shift: `(batch, 2)` as (y, x) in pixels.
        scale: `(batch,)`, the size in the image, relative to that in the upright image.
    """

    angle: Tensor
    shift: Tensor
    scale: Tensor


@dataclass(frozen=True, slots=True)
class Features:
    """The output of an encoder.

    Attributes:
        h: the features, `(batch, *features)`.
        hidden: the outputs of its hidden layers.
        skips: what skip connections take to the decoder.
        pose: of each image, from an encoder that finds it; the features are those of the upright image.
    """

    h: Tensor
    hidden: tuple[Tensor, ...] = ()
    skips: tuple[Tensor, ...] = ()
    pose: Pose | None = None

    def like(self, x: Tensor) -> Features:
        """The same with `h` in the type of `x`."""
        return self if self.h.dtype == x.dtype else replace(self, h=self.h.to(x.dtype))


@dataclass(frozen=True, slots=True)
class Code:
    """The output of a bottleneck.

    Attributes:
        z: the codes, `(samples, batch, *code)`.
        costs: the terms that the bottleneck adds to the objective, by name.
        index: of a discrete bottleneck the entries or units that were chosen.
    """

    z: Tensor
    costs: Mapping[str, Cost] = field(default_factory=dict)
    index: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """The tensors of one forward pass.

    Attributes:
        x: the target, `(batch, *shape)`.
        seen: the input of the encoder, `(batch, *shape)`.
        mask: true where a value of `x` enters the loss; None for all values.
        context: of the batch.
        features: the output of the encoder.
        code: the output of the bottleneck.
        y: the output of the decoder, `(samples, batch, *outputs)`.
    """

    x: Tensor
    seen: Tensor
    mask: Tensor | None
    context: Context
    features: Features
    code: Code
    y: Tensor


def per_example(values: Tensor, context: Context) -> Tensor:
    """Sum `values (samples, rows, ...)` over the values and rows of each example.

    Returns:
        `(samples, examples)`; an example has one row unless `context["rows"]` says otherwise.
    """
    summed = values.flatten(2).sum(2) if values.dim() > 2 else values
    if "rows" not in context:
        return summed
    counts = context["rows"]
    owner = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    return summed.new_zeros(len(summed), len(counts)).index_add(1, owner, summed)
