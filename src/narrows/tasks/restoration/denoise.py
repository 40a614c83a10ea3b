"""Images of any size denoised, and the quality of the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy.ndimage import uniform_filter

from narrows.core.errors import InputError, show
from narrows.core.records import Batch
from narrows.data.examples import Data
from narrows.data.images.files import Images
from narrows.data.readers import as_data
from narrows.data.schema import Array
from narrows.evaluation.filters import FILTERS, filtered, skimage_restoration
from narrows.evaluation.image_quality import psnr, ssim
from narrows.evaluation.noise import Noise
from narrows.evaluation.noise_estimation import estimate
from narrows.evaluation.residual import Residuals
from narrows.evaluation.residual_description import as_json
from narrows.model.build import Model
from narrows.runs.inference import precise
from narrows.runs.run import Run
from narrows.tasks.restoration.brightness import (
    PIECE,
    SMALLEST,
    SMOOTHED,
    Stretch,
    around,
    best,
    extent,
    flattest,
    stretches,
)
from narrows.tasks.restoration.stitching import stitched, whole_images
from narrows.tasks.restoration.tiling import tiled
from narrows.training.batches import Rows

MOST_VALUES = 2**24
"""Values of an image that its extent is computed from, at the most; of more a regular sample is taken."""

NOISE_PIECE = 1024
"""Side of the piece of an image whose noise is measured, in pixels."""


def denoise(run: Run, image: Array, name: str = "The image") -> Array:
    """`image (height, width[, channels])` without its noise, in the same type.

    Networks that take any size compute it tile by tile. For others it is cut into overlapping patches of
    the size of the training, which are stitched.

    Args:
        run: a fitted run.
        image: as the data came.
        name: of the image, for error messages.

    Raises:
        InputError: for an image unlike those that the run was fitted to.
    """
    check_image(run, image, name)
    if run.model.field is None and "patch" not in run.config.get("reading", {}):
        run.schema.check(image[None])
    layout = run.schema.arrange(run.schema.as_fitted(image[None], run.scaling))[0]
    dtype = precise(image)
    with run.in_use(dtype) as model:
        network = Network(run, model, getattr(torch, dtype), name)
        made = network.whole(layout, way_for(run, network, layout))
    noisy, output = (torch.as_tensor(each[None]) for each in (layout, made))
    return run.as_came(output, Batch(noisy), image.dtype).numpy()[0]


class Network:
    """A denoiser of images `(channels, height, width)` of any size.

    Args:
        run: the fitted run.
        model: its model, in use.
        dtype: to compute in.
        name: of the image, for error messages.
    """

    def __init__(self, run: Run, model: Model, dtype: torch.dtype, name: str) -> None:
        self.run, self.model, self.dtype, self.name = run, model, dtype, name

    def whole(self, layout: Array, way: Stretch) -> Array:
        """The output, on the model's scale, for an image in the model's layout, which is not scaled."""

        def use(piece: Array) -> Array:
            return way(self.plain, self.scaled(piece))

        if self.model.field is not None:
            return tiled(layout, self.model.field, use)
        side = self.run.config.get("reading", {}).get("patch")
        if side is None:
            return use(layout)

        def last(pieces: Array) -> Array:
            return np.stack([np.moveaxis(use(np.moveaxis(each, -1, 0)), 0, -1) for each in pieces])

        return np.moveaxis(stitched(np.moveaxis(layout, 0, -1), side, last, self.name), -1, 0)

    def scaled(self, piece: Array) -> Array:
        """A piece of an image on the model's scale."""
        rows = Rows(piece[None], self.run.scaling, dtype=self.dtype, collate=self.run.schema.collate)
        return rows.batch(torch.tensor([0])).x[0].numpy()

    def plain(self, x: Array) -> Array:
        """The output for `x (channels, height, width)`, both on the model's scale."""
        batch = self.run.schema.collate(torch.as_tensor(np.ascontiguousarray(x))[None], complete=True)
        return self.model.reconstruct(batch).numpy()[0]


def way_for(run: Run, network: Network, layout: Array) -> Stretch:
    """How the denoiser is used on an image: as it is, or brought into the range of the training data.

    The range of the noisy examples of pairs is not known, as it is not that of the clean ones.
    """
    if run.config.get("pairs") and not run.config.get("exchanged"):
        return Stretch()
    low, high = run.scaling.low, run.scaling.high
    ends = torch.as_tensor([np.nanmin(layout), np.nanmax(layout)], dtype=torch.float64)
    least, most = run.scaling(ends).tolist()
    if least >= low and most <= high:
        return Stretch()
    step = max(1, -(-layout.size // MOST_VALUES))
    found = extent(network.scaled(layout[:, ::step, ::step]), low, high)
    small = min(layout.shape[1:]) < SMALLEST
    ways = stretches(found, low, high, bounded=run.model.loss.bounded, small=small)
    if ways == (Stretch(),):
        return ways[0]
    row, column = (step * at for at in found.place)
    side = run.config.get("reading", {}).get("patch") or PIECE
    piece = network.scaled(layout[around((row, column), layout.shape, side)])
    noise = noise_of(network.scaled(layout[around((row, column), layout.shape, NOISE_PIECE)]))
    if noise is None or (run.model.field is None and piece.shape != run.schema.model_shape):
        return ways[0]
    variance = noise.variance(uniform_filter(piece, (1, SMOOTHED, SMOOTHED)))
    return best(network.plain, piece, variance * flattest(piece, variance), ways)


def noise_of(x: Array) -> Noise | None:
    """The noise of an image `x (channels, height, width)`; None where it cannot be measured."""
    try:
        return estimate(as_data(np.moveaxis(x, 0, -1)[None], "images")).dependence.noise
    except InputError:
        return None


def reconstructed_images(run: Run, data: Data) -> Images:
    """The images that the patches `data` were cut from, each reconstructed when it is asked for."""
    assert data.patches is not None
    n, modes = len(data.patches.names), data.patches.modes
    each = (image._replace(pixels=denoise(run, image.pixels, image.name)) for image in whole_images(data))
    return Images(n, bool(modes), n == 1, each, {}, (), data.axes)


def check_of_images(run: Run) -> None:
    """Refuse a run that was not fitted to images."""
    if run.schema.spatial != 2:
        nouns = run.schema.nouns
        raise InputError(f"Only images are denoised so, but this run was fitted to {nouns}; use reconstruct.")


def check_image(run: Run, image: Array, name: str) -> None:
    """Refuse an image that differs from those that `run` was fitted to in more than its size."""
    check_of_images(run)
    schema = run.schema
    if image.ndim != len(schema.shape) or schema.arrange(image[None]).shape[1] != schema.model_shape[0]:
        wanted = f"{schema.model_shape[0]} channel{'s' * (schema.model_shape[0] > 1)}"
        raise InputError(
            f"{name} has the shape {show(image.shape)}, but the run was fitted to images of {wanted}, "
            f"{schema.axes}."
        )
    replace(schema, shape=image.shape).check(image[None])


class DenoisingQuality:
    """The quality of denoised images: measured for each, averaged over all.

    Args:
        run: the denoiser; errors are measured relative to the range of its training data.
        compare: whether there are clean images to compare with.
    """

    def __init__(self, run: Run, *, compare: bool) -> None:
        self.schema, self.scaling = run.schema, run.scaling
        self.low = float(run.scaling.floor)
        self.span = float(run.scaling.ceiling) - self.low or 1.0
        self.rows: list[dict[str, float]] = []
        self.residuals = Residuals(self.low, self.low + self.span)
        self.filters, self.note = dict(FILTERS), ""
        if compare:
            self._check_extra()

    def _check_extra(self) -> None:
        """Leave out the filters of a package that is not installed; `note` then says so."""
        try:
            skimage_restoration()
        except InputError as error:
            self.filters = {name: how for name, how in FILTERS.items() if not how.extra}
            self.note = str(error)

    def add(self, noisy: Array, made: Array, clean: Array | None = None) -> None:
        """Measure the image `made` of `noisy`, beside the clean one if there is one."""
        if clean is None:
            x = self._layout(noisy)
            if self.residuals.noise is None:
                self.residuals.noise = noise_of(x[around((0, 0), x.shape, NOISE_PIECE)])
            self.residuals.add(x, self._layout(made))
            return
        if clean.shape != noisy.shape:
            raise InputError(
                f"An image of {show(clean.shape)} is no reference for one of {show(noisy.shape)}."
            )
        x, y, z = map(self._unit, (noisy, made, clean))
        last = (np.moveaxis(y, 0, -1), np.moveaxis(z, 0, -1))
        row = {"psnr": psnr(y, z, 1.0), "ssim": ssim(*last, 1.0), "noisy_psnr": psnr(x, z, 1.0)}
        self.rows.append(row | {n: psnr(filtered(f, x, z), z, 1.0) for n, f in self.filters.items()})

    def _unit(self, image: Array) -> Array:
        """`image` as `(channels, height, width)`, scaled so that the range of the training data is 0 to 1."""
        return (self._layout(image).astype(np.float32) - self.low) / self.span

    def _layout(self, image: Array) -> Array:
        """`image` as `(channels, height, width)`, in the unit of the training data."""
        return self.schema.arrange(self.schema.as_fitted(image[None], self.scaling))[0]

    def record(self) -> dict[str, Any]:
        """What `denoise --json` prints: means over images, null where an image equals its reference.

        Without references it is the residual of all images.
        """
        if not self.rows:
            return {"residual": as_json(self.residuals.found, self.span)}
        names = self.rows[0]
        means = {name: float(np.mean([row[name] for row in self.rows])) for name in names}
        finite = {name: mean if np.isfinite(mean) else None for name, mean in means.items()}
        filters = {name: finite.pop(name) for name in self.filters}
        return {**finite, "yardsticks": filters}
