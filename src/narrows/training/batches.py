"""Batches of examples in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.memory import rows_at_once
from narrows.core.processes import ALONE, Processes
from narrows.core.records import Batch, Context, masked
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.data.windows import Patches
from narrows.training.sizes import batch_indices, sizes_of

PLAIN, LEAST = 0.25, 0.1
"""An epoch has this many plain examples for each other one, but at least this share of all examples."""


class Drawn:
    """The examples of an epoch: all but some of the plain ones, drawn anew for each epoch.

    Args:
        plain: `(n,)`, which examples show no structure.
    """

    def __init__(self, plain: NDArray[np.bool_]) -> None:
        self.mask, self.plain = plain, torch.as_tensor(np.flatnonzero(plain))
        self.n = len(plain) - len(self.plain)
        self.kept = min(len(self.plain), round(max(PLAIN * self.n, LEAST * len(plain))))

    def __len__(self) -> int:
        return self.n + self.kept

    def order(self) -> Tensor:
        """The numbers of the examples of an epoch, in an order drawn from torch's global generator."""
        if not len(self.plain):
            return torch.randperm(len(self))
        chosen = self.plain[torch.randperm(len(self.plain))[: self.kept]]
        others = torch.as_tensor(np.flatnonzero(~self.mask))
        return torch.cat([others, chosen])[torch.randperm(len(self))]


class Rows:
    """Examples that live on the device as they came, and are scaled batch by batch.

    Args:
        values: `(n, *shape)` in the model's layout, any real type; NaN marks a missing cell.
        scaling: a module that maps a batch of them to the model's scale.
        device: where batches are wanted.
        dtype: of the numbers in a batch.
        collate: makes a batch of examples on the model's scale, as a `Schema` does.
        context: what belongs to all examples together, or a function that gives it for an epoch; if there is
            any, the examples are one batch.
    """

    def __init__(
        self,
        values: Array,
        scaling: nn.Module,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        collate: Callable[..., Batch] = masked,
        context: Context | Callable[[], Context] | None = None,
    ) -> None:
        wider = {"uint16": "int32", "uint32": "int64", "uint64": "float64"}.get(values.dtype.name)
        values = np.require(values.astype(wider) if wider else values, requirements=["C", "W"])
        self.values = torch.as_tensor(values, device=device)
        self.device = self.values.device
        self.scaling, self.dtype, self.collate = scaling, dtype, collate
        self.complete = not (self.values.is_floating_point() and self.values.min().isnan())
        self.context = context
        self.all: Batch | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def at_once(self) -> int:
        """How many examples a model computes at a time outside of training."""
        return rows_at_once(prod(self.values.shape[1:]))

    def steps(self, size: int, among: Processes = ALONE) -> int:
        """The number of batches of `size` examples that are divided `among` processes."""
        return 1 if self.context else len(sizes_of(len(self), size, among))

    def whole(self) -> Batch:
        """All examples in one batch, which is scaled once, with what belongs to them together."""
        self.all = self.all or self.scaled(self.values)
        found = self.context or {}
        context = found() if callable(found) else found
        here = {name: each.to(self.device) for name, each in context.items()}
        return replace(self.all, context={**self.all.context, **here})

    def batch(self, index: Tensor) -> Batch:
        """The examples numbered `index`, on the model's scale; missing cells are masked and 0."""
        # Faster than indexing, by a factor of eight for bytes.
        return self.scaled(self.values.index_select(0, index))

    def scaled(self, values: Tensor) -> Batch:
        """`values (batch, *shape)` on the model's scale; missing cells are masked and 0."""
        return self.collate(self.scaling(values).to(self.dtype), complete=self.complete)

    def batches(self, size: int, among: Processes = ALONE) -> Iterator[Batch]:
        """All examples in order; of each batch the share of this one `among` processes."""
        if self.context:
            yield self.whole()
            return
        for index in torch.split(self.places(), size):
            if len(mine := index[among.share(len(index))]):
                yield self.batch(mine.to(self.device))

    def places(self) -> Tensor:
        """The numbers of all examples that are judged, in order."""
        return torch.arange(len(self))

    def order(self) -> Tensor:
        """The numbers of the examples of an epoch, in an order drawn from torch's global generator."""
        return torch.randperm(len(self))

    def shuffled(self, size: int, among: Processes = ALONE) -> Iterator[Batch]:
        """All examples in an order drawn from torch's global generator, shared as by `batches`."""
        if self.context:
            yield self.whole()
            return
        with among.alike():
            order = self.order()
        for index in batch_indices(order, size, among):
            yield self.batch(index.to(self.device))


class Crops(Rows):
    """Windows of larger images or of recordings, each moved by half a side at the most, anew in each epoch.

    Only values are taken that belong to one of the windows, so that none comes from another part.

    Args:
        values: the windows `(n, channels, side, …)`.
        patches: where they come from, all of the images' or recordings' windows in order.
        index: which of those `values` are.
        scaling: as for `Rows`.
        device: as for `Rows`.
        collate: as for `Rows`.
        plain: `(n,)`, which of the windows are `Drawn` less often.
    """

    def __init__(
        self,
        values: Array,
        patches: Patches,
        index: Index,
        scaling: nn.Module,
        device: torch.device | str = "cpu",
        collate: Callable[..., Batch] = masked,
        plain: NDArray[np.bool_] | None = None,
    ) -> None:
        super().__init__(values, scaling, device, collate=collate)
        self.drawn = Drawn(np.zeros(len(values), dtype=np.bool_) if plain is None else plain)
        self.side = values.shape[2]
        self.owner, self.corners = patches.owner[index], torch.as_tensor(patches.corners[index])
        self.images, self.free = [], []
        for i, size in enumerate(patches.sizes):
            image = self.values.new_zeros((values.shape[1], *size))
            known = torch.zeros(size, dtype=torch.bool)
            for row in np.flatnonzero(self.owner == i):
                place = self.window(self.corners[row])
                image[:, *place], known[place] = self.values[row], True
            self.images.append(image)
            self.free.append(whole_windows(known, self.side))

    def order(self) -> Tensor:
        return self.drawn.order()

    def window(self, corner: Tensor) -> tuple[slice, ...]:
        """Where the window lies that begins at `corner`."""
        return tuple(slice(first, first + self.side) for first in corner.tolist())

    def steps(self, size: int, among: Processes = ALONE) -> int:
        return len(sizes_of(len(self.drawn), size, among))

    def shuffled(self, size: int, among: Processes = ALONE) -> Iterator[Batch]:
        """The windows of an epoch, moved, in an order drawn from torch's global generator."""
        with among.alike():
            order = self.order()
        for index in batch_indices(order, size, among):
            moves = torch.randint(-(self.side // 2), self.side // 2 + 1, (len(index), self.corners.shape[1]))
            yield self.scaled(
                torch.stack([self.moved(*of) for of in zip(index.tolist(), moves, strict=True)])
            )

    def moved(self, row: int, move: Tensor) -> Tensor:
        """The window `row` moved by `move`, or where it was if that leads to values of another part."""
        free = self.free[self.owner[row]]
        corner = (self.corners[row] + move).clamp(min=0)
        corner = torch.minimum(corner, torch.tensor(free.shape) - 1)
        corner = corner if free[tuple(corner.tolist())] else self.corners[row]
        return self.images[self.owner[row]][:, *self.window(corner)]


def whole_windows(known: Tensor, side: int) -> Tensor:
    """Where a window of `side` along each axis can begin so that all of it is `known`, an axis each.

    >>> whole_windows(torch.tensor([[True, True, False], [True, True, True]]), 2)
    tensor([[ True, False]])
    """
    inside = known
    for axis in range(known.ndim):
        inside = inside.unfold(axis, side, 1).all(dim=-1)
    return inside


def turned(batch: Batch) -> Batch:
    """A batch of images mirrored and turned by quarters at random, all alike; half turns if not square."""
    flip, mirror, swap = (torch.rand(3) < 0.5).tolist()
    square = batch.x.shape[-1] == batch.x.shape[-2]

    def turn(x: Tensor) -> Tensor:
        x = x.flip([-2] * flip + [-1] * mirror)
        return x.transpose(-2, -1) if swap and square else x

    mask, given = (None if each is None else turn(each) for each in (batch.mask, batch.given))
    return Batch(turn(batch.x), mask, batch.context, given)


def mirrored(batch: Batch) -> Batch:
    """A batch of images, half of them mirrored at random, left to right."""
    chosen = (torch.rand(len(batch.x)) < 0.5).to(batch.x.device).reshape(-1, *(1 for _ in batch.x.shape[1:]))

    def mirror(x: Tensor) -> Tensor:
        return torch.where(chosen, x.flip(-1), x)

    mask, given = (None if each is None else mirror(each) for each in (batch.mask, batch.given))
    return Batch(mirror(batch.x), mask, batch.context, given)
