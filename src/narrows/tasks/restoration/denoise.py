"""Noise taken away from images of any size, and what can be said of the result.

A large image is computed tile by tile. Each tile is seen with as much around it as its pixels depend on,
and begins at a multiple of the network's stride, so that no seam is left: the result is that of the image
as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from narrows.core.errors import InputError, show
from narrows.data.schema import Array
from narrows.data.windows import cut, join
from narrows.model.build import Model
from narrows.runs.inference import inference, precise
from narrows.runs.run import Run
from narrows.tasks.restoration.filters import FILTERS, filtered, restoration
from narrows.tasks.restoration.image_quality import psnr, ssim
from narrows.tasks.restoration.tiling import tiled
from narrows.training.batches import Rows


def denoise(run: Run, image: Array, name: str = "The image") -> Array:
    """`image (height, width[, channels])` without its noise, in the same type.

    Args:
        run: a fitted run; of one whose network takes one size only, patches are put together.
        image: as the data came.
        name: of the image, for sentences about it.

    Raises:
        InputError: for an image that the run was not fitted for.
    """
    check_image(run, image, name)
    field = run.model.field
    if field is not None:
        layout = run.schema.arrange(image[None])[0]
        dtype = precise(image)
        with inference(run.model, dtype) as model:
            found = tiled(layout, field, lambda tile: restored(run, model, tile, getattr(torch, dtype)))
        return run.schema.from_model(torch.as_tensor(found[None])).numpy()[0]
    side = run.config.get("reading", {}).get("patch")
    if side is None:
        return run.reconstruct(image[None])[0]
    pieces, patches = cut([image], [name], [], side)
    return join(run.reconstruct(pieces), patches)[0]


def check_image(run: Run, image: Array, name: str) -> None:
    """Refuse an image that is unlike those that `run` was fitted to, but in its size."""
    schema = run.schema
    if schema.spatial != 2:
        raise InputError(
            f"Only images are denoised so, but this run was fitted to {schema.noun}s; use reconstruct."
        )
    if image.ndim != len(schema.shape) or schema.arrange(image[None]).shape[1] != schema.model_shape[0]:
        wanted = f"{schema.model_shape[0]} channel{'s' * (schema.model_shape[0] > 1)}"
        raise InputError(
            f"{name} has the shape {show(image.shape)}, but the run was fitted to images of {wanted}, "
            f"{schema.axes}."
        )
    replace(schema, shape=image.shape).check(image[None])


def restored(run: Run, model: Model, tile: Array, dtype: torch.dtype) -> Array:
    """What `model` makes of `tile (channels, height, width)`, in the type it came in."""
    batch = Rows(tile[None], run.scaling, dtype=dtype).batch(torch.tensor([0]))
    return run.scaling.restore(model.reconstruct(batch)).numpy()[0]


def residual(seen: Array, found: Array) -> dict[str, float]:
    """What was taken away of an image `(channels, height, width)`: its mean, and how white it is.

    The whiteness is 1 less the largest correlation, of either sign, of the residual with itself up to two
    pixels away: 1 for white noise; less where structure was taken away, or the noise had some.
    """
    left = seen.astype(np.float64) - found
    mean = float(left.mean())
    left -= mean
    power = float((left**2).mean())
    height, width = left.shape[1:]
    largest = 0.0
    for down, right in ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0)):
        a, b = left[:, : height - down, : width - right], left[:, down:, right:]
        if power and a.size:
            largest = max(largest, abs(float((a * b).mean())) / power)
    return {"mean": mean, "whiteness": 1 - largest}


class Tally:
    """What is found out about images one by one, and its means over all of them.

    Args:
        run: what took the noise away; its scaling's range is the span that errors are measured in.
        compare: whether there are clean images to compare with.
    """

    def __init__(self, run: Run, *, compare: bool) -> None:
        self.schema = run.schema
        self.low = float(run.scaling.floor)
        self.span = float(run.scaling.ceiling) - self.low or 1.0
        self.rows: list[dict[str, float]] = []
        self.filters, self.note = dict(FILTERS), ""
        if compare:
            self._check_extra()

    def _check_extra(self) -> None:
        """Do without the filters of a package that is not there, and say so."""
        try:
            restoration()
        except InputError as error:
            self.filters = {name: how for name, how in FILTERS.items() if not how.extra}
            self.note = str(error)

    def add(self, seen: Array, found: Array, wanted: Array | None = None) -> None:
        """Take in an image, what was made of it, and what is wanted, if that is known."""
        if wanted is None:
            self.rows.append(residual(self._unit(seen), self._unit(found)))
            return
        if wanted.shape != seen.shape:
            raise InputError(
                f"An image of {show(wanted.shape)} is no reference for one of {show(seen.shape)}."
            )
        x, y, z = map(self._unit, (seen, found, wanted))
        last = (np.moveaxis(y, 0, -1), np.moveaxis(z, 0, -1))
        row = {"psnr": psnr(y, z, 1.0), "ssim": ssim(*last, 1.0), "noisy_psnr": psnr(x, z, 1.0)}
        self.rows.append(row | {n: psnr(filtered(f, x, z), z, 1.0) for n, f in self.filters.items()})

    def _unit(self, image: Array) -> Array:
        """`image` as `(channels, height, width)`, its range from 0 to 1."""
        layout = self.schema.arrange(image[None])[0]
        return (layout.astype(np.float32) - self.low) / self.span

    def record(self) -> dict[str, Any]:
        """The means over images, as `denoise --json` prints them; null where an image is perfect."""
        names = self.rows[0]
        means = {name: float(np.mean([row[name] for row in self.rows])) for name in names}
        finite = {name: mean if np.isfinite(mean) else None for name, mean in means.items()}
        if "psnr" not in finite:
            return {"residual": finite}
        filters = {name: finite.pop(name) for name in self.filters}
        return {**finite, "yardsticks": filters}
