"""Corruptions of the input of the encoder; the target stays clean.

A denoising autoencoder learns to undo a corruption (Vincent et al. 2008). For `narrows restore` a
corruption also knows the form of damaged data, and which of their values are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError, show
from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.model.marks import image_mark, text_mark


class Corruption(nn.Module):
    """Maps a batch to the encoder's input, the target, and the values that enter the loss.

    Most corruptions only implement `corrupt`, and the target is the clean batch. Of pairs it is the noisy
    example that is corrupted further.

    Attributes:
        damages: whether undoing it is the purpose of a model, as for watermarks; noise may also be there to
            regularise a code.
    """

    damages = False

    adjective: ClassVar[str] = "damaged"
    """What an example is called after it."""

    reference = (
        "Vincent, Larochelle, Bengio & Manzagol 2008. Extracting and composing robust features with "
        "denoising autoencoders. ICML."
    )

    same_size = True
    """Whether damaged examples of a user have the size of undamaged ones."""

    def forward(self, batch: Batch) -> Seen:
        if batch.given is not None:
            return Seen(self.corrupt(batch.given), batch.x, batch.mask)
        x = self.corrupt(batch.x)
        return Seen(x if batch.mask is None else torch.where(batch.mask, x, 0.0), batch.x, batch.mask)

    def corrupt(self, x: Tensor) -> Tensor:
        """Corrupted values `(batch, *shape)` from clean ones of the same shape."""
        raise NotImplementedError

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """The encoder's input `(batch, *shape)` for damaged examples of a user.

        Args:
            damaged: `(batch, …)` on the model's scale.
            came: the same, not scaled.
        """
        return damaged

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """`restored` with those values that are certain in the input `seen`; both `(batch, *shape)`."""
        return restored


class Clean(Corruption):
    """No corruption."""

    reference = ""

    def __init__(self, domain: Domain) -> None:
        super().__init__()

    def corrupt(self, x: Tensor) -> Tensor:
        return x


class Gaussian(Corruption):
    """Adds normal noise: x + std · ε, ε ~ N(0, 1), optionally clamped to the data's range.

    Args:
        std: standard deviation of the noise, on the model's scale: [0, 1] for images, standard
            deviations for columns of a table.
        std_low: if given, the standard deviation is drawn from [std_low, std] for each example.
        clamp: whether noisy values are clamped to the range of the training part.
        target: what the output is compared with: "clean", or "noisy", which is no denoising, but occurs
            in teaching material.
    """

    adjective = "noisy"

    def __init__(
        self,
        domain: Domain,
        *,
        std: float = 0.3,
        std_low: float | None = None,
        clamp: bool = False,
        target: Literal["clean", "noisy"] = "clean",
    ) -> None:
        super().__init__()
        self.noisy = target == "noisy"
        self.std = within("std", std, 0)
        self.std_low = std if std_low is None else within("std_low", std_low, 0, std)
        self.bounds = (domain.low, domain.high) if clamp else None

    def forward(self, batch: Batch) -> Seen:
        seen = super().forward(batch)
        return replace(seen, target=seen.x) if self.noisy else seen

    def corrupt(self, x: Tensor) -> Tensor:
        std: Tensor | float = self.std
        if self.std_low < self.std:
            drawn = torch.rand((len(x), *(1 for _ in x.shape[1:])), dtype=x.dtype, device=x.device)
            std = self.std_low + (self.std - self.std_low) * drawn
        noisy = x + std * torch.randn_like(x)
        return noisy.clamp(*self.bounds) if self.bounds else noisy


ALMOST_0 = 1e-30
"""Replaces an observed 0, because 0 means hidden."""


class Mask(Corruption):
    """Hides a random share of the values: they become 0.

    Args:
        share: the probability that a value is hidden; for rectangles the share of the area.
        form: "values", each value independently; "rectangle", one in each image, at a random place, with
            an aspect ratio between 1:2 and 2:1, in all channels.
    """

    def __init__(
        self, domain: Domain, *, share: float = 0.25, form: Literal["values", "rectangle"] = "values"
    ) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)
        self.form = form
        self.damages = form == "rectangle"
        if form == "rectangle":
            check_images("mask", domain)

    def corrupt(self, x: Tensor) -> Tensor:
        hidden = torch.rand_like(x) < self.share if self.form == "values" else self.rectangles(x)
        return torch.where(hidden, 0.0, torch.where(x == 0, ALMOST_0, x))

    def rectangles(self, x: Tensor) -> Tensor:
        """A mask `(batch, 1, height, width)`, true in a random rectangle of each image of `x`."""
        height, width = x.shape[2:]
        draw = torch.rand(3, len(x), device=x.device, dtype=x.dtype)
        aspect = 2 ** (2 * draw[0] - 1)
        high = (aspect * self.share * height * width).sqrt().round().clamp(1, height)
        wide = (self.share * height * width / high).round().clamp(1, width)
        top, left = (draw[1] * (height - high + 1)).floor(), (draw[2] * (width - wide + 1)).floor()
        inside = [
            (axis >= start[:, None]) & (axis < (start + length)[:, None])
            for axis, start, length in (
                (torch.arange(height, device=x.device), top, high),
                (torch.arange(width, device=x.device), left, wide),
            )
        ]
        return (inside[0][:, :, None] & inside[1][:, None, :])[:, None]

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Values that are 0 before scaling are hidden; observed values do not become 0 by scaling."""
        shown = torch.where(damaged == 0, ALMOST_0, damaged)
        return torch.where(self.hidden(came), 0.0, shown)

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """Observed values are kept."""
        return torch.where(self.hidden(seen), restored, seen)

    def hidden(self, x: Tensor) -> Tensor:
        """True where `x (batch, *shape)` is 0; for rectangles where all channels are 0."""
        return (x == 0).all(dim=1, keepdim=True) if self.form == "rectangle" else x == 0


class SaltPepper(Corruption):
    """Sets a random share of the values to the minimum or maximum of the data, with equal probability.

    Args:
        share: the probability that a value is replaced.
    """

    adjective = "noisy"

    def __init__(self, domain: Domain, *, share: float = 0.1) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)
        self.low, self.high = domain.low, domain.high

    def corrupt(self, x: Tensor) -> Tensor:
        draw = torch.rand_like(x)
        salted = torch.where(draw < self.share / 2, self.high, x)
        return torch.where(draw >= 1 - self.share / 2, self.low, salted)


LUMINANCE = (0.299, 0.587, 0.114)
"""The weights of red, green and blue in luminance (ITU-R BT.601)."""


class Grey(Corruption):
    """Removes colour: every channel becomes the luminance, or the mean if there are not three channels."""

    reference = "Zhang, Isola & Efros 2016. Colorful image colorization. ECCV."
    damages = True
    parts: Tensor

    def __init__(self, domain: Domain) -> None:
        super().__init__()
        check_images("grey", domain)
        self.channels = domain.shape[0]
        if self.channels == 1:
            raise InputError("The corruption 'grey' is for colour images, but these have one channel.")
        parts = LUMINANCE if self.channels == 3 else (1 / self.channels,) * self.channels
        self.register_buffer("parts", torch.tensor(parts)[:, None, None], persistent=False)

    def corrupt(self, x: Tensor) -> Tensor:
        return self.luminance(x).expand_as(x)

    def luminance(self, x: Tensor) -> Tensor:
        """The luminance `(batch, 1, height, width)` of `x (batch, channels, height, width)`."""
        return (self.parts.to(x.dtype) * x).sum(dim=1, keepdim=True)

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Grey images have one channel; of colour images the luminance is used."""
        return damaged.expand(-1, self.channels, -1, -1) if damaged.shape[1] == 1 else self.corrupt(damaged)

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """The error of the luminance is added to every channel."""
        return restored + seen - self.luminance(restored)


class Downsample(Corruption):
    """Reduces the resolution of images, and enlarges them again by bicubic interpolation.

    Small images are enlarged before the encoder, so that input and output have one shape (Dong et al.).

    Args:
        factor: height and width are divided by it, and rounded up.
    """

    reference = (
        "Dong, Loy, He & Tang 2014. Learning a deep convolutional network for image super-resolution. ECCV."
    )
    damages = True

    same_size = False

    def __init__(self, domain: Domain, *, factor: int = 2) -> None:
        super().__init__()
        check_images("downsample", domain)
        self.factor = int(within("factor", factor, 2, 16))
        self.size = domain.shape[1:]

    def corrupt(self, x: Tensor) -> Tensor:
        return enlarged(self.reduced(x), x.shape[2:])

    def reduced(self, x: Tensor) -> Tensor:
        """The small images, by bicubic interpolation with antialiasing."""
        return functional.interpolate(x, self.small(x.shape[2:]), mode="bicubic", antialias=True)

    def small(self, size: Sequence[int]) -> list[int]:
        """Height and width of the small images for images of `size`."""
        return [ceil(side / self.factor) for side in size]

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Small images are enlarged to the size of the training images if that fits, else by the factor."""
        height, width = damaged.shape[2:]
        fits = [height, width] == self.small(self.size)
        return enlarged(damaged, self.size if fits else (self.factor * height, self.factor * width))

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """Iterative back-projection (Irani & Peleg 1991): its small version approaches that of `seen`."""
        for _ in range(BACK_PROJECTIONS):
            restored = restored + seen - self.corrupt(restored)
        return restored


def enlarged(small: Tensor, size: Sequence[int]) -> Tensor:
    """Small images enlarged to the height and width of `size`, bicubic."""
    return functional.interpolate(small, tuple(size), mode="bicubic")


BACK_PROJECTIONS = 5
"""The number of iterations of back-projection."""


class Watermark(Corruption):
    """Blends a white text or image with each image, at a random place and with a random opacity.

    Args:
        text: the text of the mark.
        image: an image file for the mark, instead of the text; its alpha channel, or else its brightness,
            is the opacity of the mark.
        width: of the mark, as a share of the image's width.
        opacity: minimum and maximum, between 0 and 1.
    """

    reference = "Dekel, Rubinstein, Liu & Freeman 2017. On the effectiveness of visible watermarks. CVPR."
    damages = True

    def __init__(
        self,
        domain: Domain,
        *,
        text: str = "SAMPLE",
        image: str | None = None,
        width: float = 0.8,
        opacity: tuple[float, ...] = (0.3, 0.8),
    ) -> None:
        super().__init__()
        check_images("watermark", domain)
        if len(opacity) != 2:
            raise InputError(f"The option 'opacity' is a minimum and a maximum, but got {opacity}.")
        self.min_opacity = within("opacity", opacity[0], 0, 1)
        self.max_opacity = within("opacity", opacity[1], self.min_opacity, 1)
        self.text, self.image = text, image
        self.width = within("width", width, 0.05, 1)
        self.size, self.white = domain.shape[1:], domain.high

    def corrupt(self, x: Tensor) -> Tensor:
        opacity = torch.empty(len(x), 1, 1, 1, device=x.device, dtype=x.dtype).uniform_(
            self.min_opacity, self.max_opacity
        )
        alpha = opacity * self.placed(len(x), x.shape[2:]).to(x)
        return x + alpha * (self.white - x)

    def placed(self, n: int, size: Sequence[int]) -> Tensor:
        """The opacity `(n, 1, height, width)`, 0 to 1, of the mark at random places in images of `size`."""
        height, width = size
        canvas = functional.pad(self.mark, (width, width, height, height))
        starts = [
            torch.randint(side - mark + 1, (n, 1)) for side, mark in zip(size, self.mark.shape, strict=True)
        ]
        rows, columns = (side - start + torch.arange(side) for side, start in zip(size, starts, strict=True))
        return canvas[rows[:, :, None], columns[:, None, :]][:, None]

    @cached_property
    def mark(self) -> Tensor:
        """The opacity `(rows, columns)` of the mark alone, 0 to 1; a file is read on first use."""
        wide = max(1, round(self.width * self.size[1]))
        full = text_mark(self.text) if self.image is None else image_mark(Path(self.image))
        high = min(self.size[0], max(1, round(full.shape[0] * wide / full.shape[1])))
        return functional.interpolate(full[None, None], (high, wide), mode="bilinear", antialias=True)[
            0, 0
        ].clamp(0, 1)


def check_images(name: str, domain: Domain) -> None:
    """Refuse data that are not images."""
    if len(domain.shape) != 3:
        raise InputError(
            f"The corruption {name!r} is for images, not for data of shape {show(domain.shape)}."
        )


CORRUPTIONS: dict[str, type[Corruption]] = {
    "none": Clean,
    "gaussian": Gaussian,
    "grey": Grey,
    "downsample": Downsample,
    "mask": Mask,
    "salt-pepper": SaltPepper,
    "watermark": Watermark,
}
