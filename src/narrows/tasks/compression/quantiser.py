"""Examples of one size as rounded coefficients of a code, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log, prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.memory import rows_at_once
from narrows.core.records import Batch
from narrows.data.limits import whole_type
from narrows.data.schema import Array
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.build import Model
from narrows.runs.inference import CPU, inference
from narrows.runs.run import Run
from narrows.tasks.compression.grids import CORE, Box, Tile, chunks, covered, tiles
from narrows.tasks.compression.stacks import check_channels


@dataclass(frozen=True, eq=False)
class Quantiser:
    """Examples of one shape as whole numbers, and back, by the model of a run.

    Large images of a code that grows with them are computed tile by tile, with margins of the receptive
    field.

    Attributes:
        run: whose bottleneck is `Rounded`, with the schema of the examples.
        dtype: of the examples as they came.
    """

    run: Run
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, run: Run, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Quantiser:
        """For examples of `shape`, which may be another one than that of the training if the code grows.

        Raises:
            InputError: for a bottleneck that does not round, and for examples unlike those of the run.
        """
        check_rounds(run)
        return cls(run if shape == run.schema.shape else resized(run, shape), dtype)

    @property
    def bottleneck(self) -> Rounded:
        """The bottleneck of the run."""
        return rounded_in(self.run.model)

    @property
    def grid(self) -> tuple[int, int, int]:
        """Channels, height and width of the coefficients of an example."""
        grows = self.run.model.grows
        if grows is None:
            return self.bottleneck.grid
        height, width = (-(-length // grows.stride) for length in self.run.schema.model_shape[1:])
        return self.bottleneck.grid[0], height, width

    def coefficients(self, values: Array) -> Array:
        """The coefficients of `values (n, *schema.shape)`, not rounded, `(n, *grid)` float32."""

        def use(model: Model, batch: Batch) -> Tensor:
            return rounded_in(model).coefficients(model.encoder(batch.x, batch.context))

        whole = np.empty((len(values), *self.grid), np.float32)
        for tile in self.tiles():
            some = values[self.pixels(tile.outer)]
            made = replace(with_shape(self.run, some.shape[1:]), device=CPU).apply(some, use)
            whole[:, :, *tile.places] = made[:, :, *tile.inner]
        return whole

    def tiles(self) -> Iterator[Tile]:
        """The tiles of the grid; one of all where the code does not grow."""
        grows, (down, across) = self.run.model.grows, self.grid[1:]
        if grows is None:
            return tiles(down, across, 0, max(down, across))
        return tiles(down, across, -(-grows.radius // grows.stride), CORE)

    def pixels(self, places: Box) -> tuple[slice, ...]:
        """The index of the pixels of some places in images `(n, *schema.shape)`; of all in other data."""
        grows, schema = self.run.model.grows, self.run.schema
        if grows is None:
            return (slice(None),)
        known = dict(zip("HW", (times(part, grows.stride) for part in places), strict=True))
        return (slice(None), *(known.get(axis, slice(None)) for axis in schema.axes))

    def rounded(self, y: Array, s: float) -> Array:
        """The whole numbers of coefficients `y (n, *grid)` at the error `s`, int32."""
        whole = np.empty(y.shape, np.int32)
        with inference(self.run.model) as model:
            for chunk in chunks([y.shape]):
                some = torch.as_tensor(y[chunk.place])
                whole[chunk.place] = rounded_in(model).numbers(some, torch.full((len(some),), s)).numpy()
        return whole

    def step(self, s: float) -> Array:
        """The step of each channel, `(1, channels, 1, 1)` float32."""
        with torch.inference_mode():
            return self.bottleneck.step(torch.tensor([s])).numpy()

    def restored(self, numbers: Array, s: float) -> Array:
        """The examples `(n, *schema.shape)`, in the type of those that came, of `numbers (n, *grid)`."""
        whole = np.empty((len(numbers), *self.run.schema.shape), self.dtype)
        with inference(self.run.model) as model:
            for tile in self.tiles():
                there = whole[self.pixels(tile.places)]
                there[...] = np.concatenate(list(self._decoded(model, numbers, s, tile)))
        return whole

    def _decoded(self, model: Model, numbers: Array, s: float, tile: Tile) -> Iterator[Array]:
        """The examples, or the pixels of the places of a `tile`, batch by batch."""
        schema, scaling, step = self.run.schema, self.run.scaling, torch.as_tensor(self.step(s))
        limits = whole_type(schema.dtype, scaling.precision) if schema.spatial else None
        some = numbers[:, :, *tile.outer]
        at_once = rows_at_once(prod(some.shape[1:]))
        for part in np.array_split(some, -(-len(some) // at_once)):
            y = torch.as_tensor(part) * step
            code = rounded_in(model).code(y, torch.full((len(y),), s))
            made = self._cropped(model, code, tile)
            yield schema.restore_as(made, scaling, self.dtype, limits).numpy()

    def _cropped(self, model: Model, code: Tensor, tile: Tile) -> Tensor:
        """The output for the code of a `tile` with its margins, without them."""
        grows = self.run.model.grows
        if grows is None:
            return model.decode(code.flatten(1))
        made = model.loss.mean(model.decoder.grown(code)[None])[0]
        rows, columns = (times(part, grows.stride) for part in tile.inner)
        height, width = self.run.schema.model_shape[1:]
        top, left = (part.start * grows.stride for part in tile.places)
        return made[:, :, rows, columns][:, :, : height - top, : width - left]

    def bits(self, y: Array, s: float) -> float:
        """About how many bits the coefficients `y (n, *grid)` take, rounded at the error `s`."""
        numbers, step, bits = self.rounded(y, s), torch.as_tensor(self.step(s)), 0.0
        with inference(self.run.model):
            for chunk in chunks([numbers.shape]):
                some = torch.as_tensor(numbers[chunk.place]) * step
                cost = self.bottleneck.cost(some, torch.full((len(some),), s))
                bits += float(cost.double().sum()) / log(2)
        return bits


def rounded_in(model: Model) -> Rounded:
    """The bottleneck of a model that rounds."""
    assert isinstance(model.bottleneck, Rounded)
    return model.bottleneck


def check_rounds(run: Run) -> None:
    """Refuse a run whose bottleneck does not round."""
    if not isinstance(run.model.bottleneck, Rounded):
        raise InputError(
            f"The codes of the bottleneck {run.config['spec']['bottleneck']['name']!r} are not made "
            f"to be rounded; fit with --recipe compression, or with bottleneck.name=rounded."
        )


def with_shape(run: Run, shape: tuple[int, ...]) -> Run:
    """The run for examples of another `shape`."""
    return replace(run, schema=replace(run.schema, shape=shape))


def resized(run: Run, shape: tuple[int, ...]) -> Run:
    """The run for images of another `shape`.

    Raises:
        InputError: for other data, images of other channels, and a code that does not grow.
    """
    schema, found = run.schema, with_shape(run, shape)
    check_channels(schema, shape)
    grid = Quantiser(found, np.dtype(schema.dtype)).grid
    if run.model.grows is None or not covered(rounded_in(run.model), grid):
        raise InputError(
            f"The data have images of {show(shape)}, but the code of this run is for images of "
            f"{show(schema.shape)} only; fit with --recipe compression --patch 64, without "
            f"bottleneck.project=linear, for a code of images of any size."
        )
    return found


def times(part: slice, factor: int) -> slice:
    """`part` in a finer unit."""
    return slice(part.start * factor, part.stop * factor)
