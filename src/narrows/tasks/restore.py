"""Damaged images restored: coloured, enlarged, filled in, without their watermark.

What a run restores is what its corruption damages. Large images are computed tile by tile, as they are
when noise is taken away.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.classical import CLASSICAL
from narrows.corruptions import Corruption
from narrows.data.kinds import Array, describe
from narrows.data.patches import cut, join
from narrows.errors import InputError, show
from narrows.model import Model
from narrows.quality import psnr, ssim
from narrows.rows import Rows
from narrows.run import Run, inference
from narrows.tasks.denoise import tiled


class Restored(NamedTuple):
    """An image on the model's scale, `(channels, height, width)`: what the encoder was shown, what came."""

    seen: Array
    found: Array


class Restorer:
    """Restores images of any size with a fitted run.

    Args:
        run: of images, trained with a corruption.

    Raises:
        InputError: for a run that restores nothing.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.damage = run.config["spec"]["corruption"]["name"]
        if run.schema.kind != "images" or self.damage == "none":
            what = "of images" if self.damage != "none" else "with a corruption, as --recipe inpainting does"
            raise InputError(f"This run restores nothing: it was not trained {what}; use reconstruct.")
        self.corruption: Corruption = run.objective.corruption
        self.yardsticks = CLASSICAL.get(self.damage, {})

    def restore(self, damaged: Array, name: str = "The image") -> Restored:
        """What becomes of a damaged image `(height, width[, channels])`, as it came."""
        seen = self.corruption.present(self._scaled(damaged, name))
        return self._restored(seen, name)

    def damage_and_restore(self, whole: Array, number: int, name: str = "The image") -> Restored:
        """What becomes of a whole image after it was damaged as in training, by `number` alike each time."""
        x = self._scaled(whole, name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            return self._restored(self.corruption(x), name)

    def image(self, values: Array) -> Array:
        """`(channels, height, width)` on the model's scale as an image of the data's type and axes."""
        return self.run.schema.restore(self.run.scaling.restore(torch.as_tensor(values)[None]))[0]

    def judged(self, restored: Restored, whole: Array) -> dict[str, Array]:
        """The wanted image, and what each yardstick makes of what was seen, on the model's scale.

        Raises:
            InputError: when `whole` is not of the size that was restored.
        """
        wanted = self._scaled(whole, "The reference")[0].numpy()
        if wanted.shape != restored.found.shape:
            raise InputError(
                f"A reference of {show(wanted.shape[1:])} is not of the size of the image restored, "
                f"{show(restored.found.shape[1:])} (height x width)."
            )
        seen = restored.seen[None]
        return {"wanted": wanted} | {n: use(seen, wanted[None])[0] for n, use in self.yardsticks.items()}

    def _scaled(self, image: Array, name: str) -> Tensor:
        """`image` as a batch of one on the model's scale, `(1, channels, height, width)`."""
        schema = describe(image[None], "images")
        if image.dtype != np.dtype(self.run.schema.dtype):
            raise InputError(
                f"{name} is of {image.dtype}, but the model was fitted to images of {self.run.schema.dtype}; "
                f"convert it first."
            )
        layout = schema.arrange(image[None])
        return Rows(layout, self.run.scaling).batch(torch.tensor([0])).x

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
    return model.reconstruct(torch.as_tensor(seen)).numpy()


class Score:
    """PSNR and SSIM of restored images, and PSNR of the yardsticks, as means over all.

    Args:
        restorer: whose images are judged.
    """

    def __init__(self, restorer: Restorer) -> None:
        scaling = restorer.run.scaling
        self.span = scaling.high - scaling.low or 1.0
        self.low, self.high = scaling.low, scaling.high
        self.restorer = restorer
        self.rows: list[dict[str, float]] = []

    def add(self, restored: Restored, whole: Array) -> dict[str, Array]:
        """Take in an image and what is wanted; the pictures to be shown of it, by name."""
        judged = self.restorer.judged(restored, whole)
        wanted = judged.pop("wanted")
        found = np.clip(restored.found, self.low, self.high)
        last = (np.moveaxis(found, 0, -1), np.moveaxis(wanted, 0, -1))
        row = {"psnr": psnr(found, wanted, self.span), "ssim": ssim(*last, self.span)}
        row["damaged_psnr"] = self._psnr(restored.seen, wanted)
        self.rows.append(row | {name: self._psnr(image, wanted) for name, image in judged.items()})
        return {"Damaged": restored.seen, **capitals(judged), "Restored": found, "Original": wanted}

    def _psnr(self, image: Array, wanted: Array) -> float:
        return psnr(np.clip(image, self.low, self.high), wanted, self.span)

    def record(self) -> dict[str, Any]:
        """The means over images; null where an image is perfect."""
        means = {name: float(np.mean([row[name] for row in self.rows])) for name in self.rows[0]}
        finite = {name: mean if np.isfinite(mean) else None for name, mean in means.items()}
        return {**finite, "yardsticks": {name: finite.pop(name) for name in self.restorer.yardsticks}}


def capitals(images: dict[str, Array]) -> dict[str, Array]:
    return {name.capitalize(): image for name, image in images.items()}
