"""Corrupted images restored (coloured, enlarged, inpainted, without watermarks), and the result's quality.

A run restores what its corruption removes in training.
"""

from __future__ import annotations

from dataclasses import replace
from math import log10
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.records import Batch
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.writers import strip
from narrows.evaluation.image_quality import psnr, ssim
from narrows.evaluation.restored import ROUNDING
from narrows.model.build import Model
from narrows.model.corruptions import Corruption
from narrows.runs.run import Run
from narrows.tasks.restoration.baselines import Known, available
from narrows.tasks.restoration.stitching import stitched
from narrows.tasks.restoration.tiling import tiled
from narrows.training.batches import Rows


class Restored(NamedTuple):
    """The encoder's input and the restored image, `(channels, height, width)` on the model's scale."""

    seen: Array
    image: Array


class Restorer:
    """Restores images of any size with a fitted run.

    Args:
        run: of images, trained with a corruption.
        damage: whether images come undamaged, and are first corrupted as in training.

    Raises:
        InputError: for a run without a corruption, or of other data than images.
    """

    def __init__(self, run: Run, *, damage: bool = False) -> None:
        self.run, self.damage = run, damage
        corruption = run.config["spec"]["corruption"]["name"]
        if run.schema.spatial != 2 or corruption == "none":
            lacks = "on images" if corruption != "none" else "with a corruption, as the recipe inpainting is"
            use = "denoise" if run.schema.spatial == 2 and run.config.get("pairs") else "reconstruct"
            raise InputError(f"This run restores nothing: it was not trained {lacks}; use {use}.")
        self.corruption: Corruption = run.objective.corruption
        self.baselines, self.note = available(corruption)

    def restore(self, image: Array, name: str = "The image", number: int = 0) -> Restored:
        """An image `(height, width[, channels])` restored.

        Args:
            image: as the data came, of any size; damaged, or to be damaged.
            name: of the image, for error messages.
            number: of the image, which seeds its corruption.
        """
        x, original = self._scaled(image)
        if not self.damage:
            return self._restored(self.corruption.present(x, original), name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            return self._restored(self.corruption.corrupt(x), name)

    def images(self, damaged: Array) -> Array:
        """All of `damaged (n, height, width[, channels])` restored, in their type and the data's axes."""
        return np.stack([self.as_came(self.restore(image), damaged.dtype) for image in damaged])

    def as_came(self, restored: Restored, came: np.dtype[Any]) -> Array:
        """A restored image in the axes of the data, and in the type and the unit of images that `came`."""
        seen, made = (torch.as_tensor(each)[None] for each in restored)
        return self.run.as_came(made, Batch(seen), came).numpy()[0]

    def visible(self, restored: Restored) -> Array:
        """The encoder's input; a hidden pixel, which is 0 in the data, counts as the least value."""
        return np.maximum(restored.seen, self.run.scaling.low)

    def ends(self, restored: Restored) -> tuple[float, float]:
        """The limits of the restored image on the model's scale."""
        return self.run.ends(restored.seen[None])

    def references(self, restored: Restored, undamaged: Array) -> tuple[Array, dict[str, Array]]:
        """The undamaged image and the restorations of the baselines by name, on the model's scale.

        Raises:
            InputError: when `undamaged` has another size than the restored image, or the run is unfinished.
        """
        reference = self._scaled(undamaged)[0][0].numpy()
        if reference.shape != restored.image.shape:
            raise InputError(
                f"A reference of {show(reference.shape[1:])} is not of the size of the image restored, "
                f"{show(restored.image.shape[1:])} (height x width)."
            )
        means = self.run.evidence.means
        if means is None:
            raise InputError(self.run.unfinished or "This run is too old to be judged; fit it again.")
        seen, known = restored.seen[None], Known(reference[None], means)
        return reference, {name: how.use(seen, known)[0] for name, how in self.baselines.items()}

    def _scaled(self, image: Array) -> tuple[Tensor, Tensor]:
        """`image` as a batch `(1, channels, height, width)`: on the model's scale, and not scaled."""
        replace(self.run.schema, shape=image.shape).check(image[None])
        schema = describe(image[None], self.run.schema.kind)
        layout = schema.arrange(schema.as_fitted(image[None], self.run.scaling))
        scaled = Rows(layout, self.run.scaling, collate=schema.collate).batch(torch.tensor([0])).x
        return scaled, torch.as_tensor(layout.astype(np.float64))

    def _restored(self, seen: Tensor, name: str) -> Restored:
        """The output for the encoder's input `seen (1, channels, height, width)`; known pixels stay."""
        channels = self.run.schema.model_shape[0]
        if seen.shape[1] != channels:
            raise InputError(f"{name} has {seen.shape[1]} channels, but the run was fitted to {channels}.")
        with self.run.in_use() as model:
            output = self._output(model, seen, name)
            agreed = self.corruption.agree(torch.as_tensor(output)[None], seen)[0]
        return Restored(seen[0].numpy(), agreed.numpy())

    def _output(self, model: Model, seen: Tensor, name: str) -> Array:
        """The model's output for `seen`, `(channels, height, width)`: in tiles, whole, or in patches."""
        if model.field is not None:
            return tiled(seen[0].numpy(), model.field, lambda tile: reconstructed(model, tile[None])[0])
        if tuple(seen.shape[2:]) == self.run.schema.model_shape[1:]:
            return reconstructed(model, seen.numpy())[0]
        return self._in_patches(model, seen, name)

    def _in_patches(self, model: Model, seen: Tensor, name: str) -> Array:
        """The output for an image of another size than those of the training, patch by patch."""
        height, width = self.run.schema.model_shape[1:]
        if height != width or min(seen.shape[2:]) < height:
            raise InputError(
                f"{name} is {show(tuple(seen.shape[2:]))} (height x width) as the encoder's input, but the "
                f"run takes images of {show((height, width))}; a run with encoder.name=unet takes all."
            )

        def use(pieces: Array) -> Array:
            return np.moveaxis(reconstructed(model, np.moveaxis(pieces, -1, 1)), 1, -1)

        return np.moveaxis(stitched(np.moveaxis(seen[0].numpy(), 0, -1), height, use, name), -1, 0)


def reconstructed(model: Model, seen: Array) -> Array:
    return model.reconstruct(Batch(torch.as_tensor(seen))).numpy()


MOST_PSNR = -10 * log10(ROUNDING)
"""The PSNR of an image that equals its reference but for rounding to 8 bits, in dB."""

SHOWN = 8
"""Images in the strip, at the most."""


class RestorationQuality:
    """PSNR and SSIM of restored images, PSNR of the baselines, averaged over all; and a strip of pictures.

    Args:
        restorer: that makes the images.
    """

    def __init__(self, restorer: Restorer) -> None:
        scaling = restorer.run.scaling
        self.low, self.high = scaling.low, scaling.high
        self.span = scaling.high - scaling.low or 1.0
        self.restorer = restorer
        self.rows: list[dict[str, float]] = []
        self.shown: list[dict[str, Array]] = []

    def add(self, restored: Restored, undamaged: Array | None = None) -> None:
        """Add an image to the strip, and measure it if there is an undamaged one."""
        ends = self.restorer.ends(restored)
        image = np.clip(restored.image, *ends)
        self.low, self.high = min(self.low, float(image.min())), max(self.high, float(image.max()))
        pictures = {"Damaged": restored.seen}
        if undamaged is None:
            pictures["Restored"] = image
        else:
            reference, baselines = self.restorer.references(restored, undamaged)
            others = {"damaged_psnr": restored.seen, **baselines}
            self._measure(image, reference, {name: np.clip(other, *ends) for name, other in others.items()})
            pictures |= {name.capitalize(): made for name, made in baselines.items()}
            pictures |= {"Restored": image, "Original": reference}
        self._show(pictures)

    def _show(self, pictures: dict[str, Array]) -> None:
        """Add pictures to the strip; those of another size than the first are left out."""
        first = self.shown[0]["Restored"].shape if self.shown else pictures["Restored"].shape
        if len(self.shown) < SHOWN and pictures["Restored"].shape == first:
            self.shown.append(pictures)

    def _measure(self, image: Array, reference: Array, others: dict[str, Array]) -> None:
        """Add the PSNR of all images, and the SSIM of `image`."""
        last = (np.moveaxis(image, 0, -1), np.moveaxis(reference, 0, -1))
        row = {"psnr": psnr(image, reference, self.span), "ssim": ssim(*last, self.span)}
        self.rows.append(row | {name: psnr(other, reference, self.span) for name, other in others.items()})

    def strip(self) -> Image.Image:
        """The first images as rows: damaged, by each baseline, restored, and original."""
        rows = {name: np.stack([image[name] for image in self.shown]) for name in self.shown[0]}
        return strip(rows, len(self.shown), self.low, self.high)

    def record(self) -> dict[str, Any]:
        """Means over images with a reference, as `restore --json` prints them.

        Images that the damage changed by no more than rounding to 8 bits are left out; null where it changed
        none. No PSNR counts as larger than that of rounding.
        """
        if not self.rows:
            return {}
        rows = [row for row in self.rows if row["damaged_psnr"] < MOST_PSNR]
        values = {name: [min(row[name], MOST_PSNR) for row in rows] for name in self.rows[0]}
        means = {name: float(np.mean(each)) if each else None for name, each in values.items()}
        return {**means, "yardsticks": {name: means.pop(name) for name in self.restorer.baselines}}
