"""Damaged images restored: coloured, enlarged, filled in, without their watermark.

What a run restores is what its corruption damages. Large images are computed tile by tile, as they are
when noise is taken away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.records import Batch
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.windows import cut, join
from narrows.data.writers import strip
from narrows.model.build import Model
from narrows.model.corruptions import Corruption
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.tasks.restoration.baselines import Known, available
from narrows.tasks.restoration.image_quality import psnr, ssim
from narrows.tasks.restoration.tiling import tiled
from narrows.training.batches import Rows


class Restored(NamedTuple):
    """An image on the model's scale, `(channels, height, width)`: what the encoder was shown, what came."""

    seen: Array
    found: Array


class Restorer:
    """Restores images of any size with a fitted run.

    Args:
        run: of images, trained with a corruption.
        damage: whether images come whole, and are first damaged as in training.

    Raises:
        InputError: for a run that restores nothing.
    """

    def __init__(self, run: Run, *, damage: bool = False) -> None:
        self.run, self.damage = run, damage
        corruption = run.config["spec"]["corruption"]["name"]
        if run.schema.spatial != 2 or corruption == "none":
            lacks = "on images" if corruption != "none" else "with a corruption, as the recipe inpainting is"
            raise InputError(f"This run restores nothing: it was not trained {lacks}; use reconstruct.")
        self.corruption: Corruption = run.objective.corruption
        self.yardsticks, self.note = available(corruption)

    def restore(self, image: Array, name: str = "The image", number: int = 0) -> Restored:
        """What becomes of an image `(height, width[, channels])`, as it came; any size.

        Args:
            image: damaged, or whole if it is to be damaged.
            name: of the image, for sentences about it.
            number: of the image: each is damaged in its own way, the same each time.
        """
        x, came = self._scaled(image)
        if not self.damage:
            return self._restored(self.corruption.present(x, came), name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            return self._restored(self.corruption.corrupt(x), name)

    def images(self, damaged: Array) -> Array:
        """All of `damaged (n, height, width[, channels])`, restored, in the data's type and axes."""
        return np.stack([self.image(self.restore(image).found) for image in damaged])

    def image(self, values: Array) -> Array:
        """`(channels, height, width)` on the model's scale as an image of the data's type and axes."""
        return self.run.as_came(torch.as_tensor(values)[None]).numpy()[0]

    def judged(self, restored: Restored, whole: Array) -> dict[str, Array]:
        """The wanted image, and what each yardstick makes of what was seen, on the model's scale.

        Raises:
            InputError: when `whole` is not of the size that was restored, or the run is not finished.
        """
        wanted = self._scaled(whole)[0][0].numpy()
        if wanted.shape != restored.found.shape:
            raise InputError(
                f"A reference of {show(wanted.shape[1:])} is not of the size of the image restored, "
                f"{show(restored.found.shape[1:])} (height x width)."
            )
        means = self.run.evidence.means
        if means is None:
            raise InputError(self.run.unfinished or "This run is too old to be judged; fit it again.")
        seen, known = restored.seen[None], Known(wanted[None], means)
        return {"wanted": wanted} | {n: how.use(seen, known)[0] for n, how in self.yardsticks.items()}

    def _scaled(self, image: Array) -> tuple[Tensor, Tensor]:
        """`image` as a batch of one, `(1, channels, height, width)`, on the model's scale and as it came."""
        replace(self.run.schema, shape=image.shape).check(image[None])
        layout = describe(image[None], self.run.schema.kind).arrange(image[None])
        scaled = Rows(layout, self.run.scaling).batch(torch.tensor([0])).x
        return scaled, torch.as_tensor(layout.astype(np.float64))

    def _restored(self, seen: Tensor, name: str) -> Restored:
        channels, *size = self.run.schema.model_shape
        if seen.shape[1] != channels:
            raise InputError(f"{name} has {seen.shape[1]} channels, but the run was fitted to {channels}.")
        with inference(self.run.model) as model, torch.inference_mode():
            if model.field is not None:
                field = model.field
                found = tiled(seen[0].numpy(), field, lambda tile: reconstructed(model, tile[None])[0])
            elif list(seen.shape[2:]) == size:
                found = reconstructed(model, seen.numpy())[0]
            else:
                found = self._in_patches(model, seen, name)
            agreed = self.corruption.agree(torch.as_tensor(found)[None], seen)[0]
        return Restored(seen[0].numpy(), agreed.numpy())

    def _in_patches(self, model: Model, seen: Tensor, name: str) -> Array:
        """The patches of an image whose size is not that of the training, restored one by one."""
        height, width = self.run.schema.model_shape[1:]
        if height != width or min(seen.shape[2:]) < height:
            raise InputError(
                f"{name} is {show(tuple(seen.shape[2:]))} (height x width) when the model is shown it, but "
                f"the run takes images of {show((height, width))}; a run with encoder.name=unet takes all."
            )
        pieces, patches = cut([np.moveaxis(seen[0].numpy(), 0, -1)], [name], [], height)
        found = reconstructed(model, np.moveaxis(pieces, -1, 1))
        return np.moveaxis(join(np.moveaxis(found, 1, -1), patches)[0], -1, 0)


def reconstructed(model: Model, seen: Array) -> Array:
    return model.reconstruct(Batch(torch.as_tensor(seen))).numpy()


SHOWN = 8
"""Images in the strip."""


class Score:
    """PSNR and SSIM of restored images, PSNR of the yardsticks, as means over all; and a strip of pictures.

    Args:
        restorer: whose images are judged.
    """

    def __init__(self, restorer: Restorer) -> None:
        scaling = restorer.run.scaling
        self.low, self.high = scaling.low, scaling.high
        self.span = scaling.high - scaling.low or 1.0
        self.restorer = restorer
        self.rows: list[dict[str, float]] = []
        self.shown: list[dict[str, Array]] = []

    def add(self, restored: Restored, whole: Array | None = None) -> None:
        """Take in an image, and what is wanted, if that is known; the first of one size are shown."""
        found = np.clip(restored.found, self.low, self.high)
        pictures = {"Damaged": restored.seen}
        if whole is not None:
            judged = self.restorer.judged(restored, whole)
            pictures |= {name.capitalize(): image for name, image in judged.items() if name != "wanted"}
            self._judge(found, judged, restored.seen)
        pictures["Restored"] = found
        if whole is not None:
            pictures["Original"] = judged["wanted"]
        if len(self.shown) < SHOWN and (not self.shown or self.shown[0]["Restored"].shape == found.shape):
            self.shown.append(pictures)

    def _judge(self, found: Array, judged: dict[str, Array], seen: Array) -> None:
        wanted = judged["wanted"]
        last = (np.moveaxis(found, 0, -1), np.moveaxis(wanted, 0, -1))
        row = {"psnr": psnr(found, wanted, self.span), "ssim": ssim(*last, self.span)}
        others = {"damaged_psnr": seen, **{name: judged[name] for name in self.restorer.yardsticks}}
        clipped = {name: np.clip(image, self.low, self.high) for name, image in others.items()}
        self.rows.append(row | {name: psnr(image, wanted, self.span) for name, image in clipped.items()})

    def strip(self) -> Image.Image:
        """The first images: damaged, by each yardstick, restored, and as they should be."""
        rows = {name: np.stack([image[name] for image in self.shown]) for name in self.shown[0]}
        return strip(rows, len(self.shown), self.low, self.high)

    def record(self) -> dict[str, Any]:
        """The means over images with a reference, perfect ones left out; null where all are perfect."""
        if not self.rows:
            return {}
        values = {name: [row[name] for row in self.rows if np.isfinite(row[name])] for name in self.rows[0]}
        means = {name: float(np.mean(found)) if found else None for name, found in values.items()}
        return {**means, "yardsticks": {name: means.pop(name) for name in self.restorer.yardsticks}}
