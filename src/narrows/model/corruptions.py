"""What is done to the input before the encoder sees it; the target stays clean.

Learning to undo a corruption is what makes a denoising autoencoder (Vincent et al. 2008). What can be
undone so is restored by `narrows restore`, for which a corruption also knows how damaged data come, and
what of them is known to be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError, show
from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.data.pictures import read_picture


class Corruption(nn.Module):
    """What the encoder is shown of a batch, what its output is compared with, and which values count.

    Most only change the values, in `corrupt`; the output is then compared with the clean ones.
    """

    reference = (
        "Vincent, Larochelle, Bengio & Manzagol 2008. Extracting and composing robust features with "
        "denoising autoencoders. ICML."
    )

    def forward(self, batch: Batch) -> Seen:
        x = self.corrupt(batch.x)
        return Seen(x if batch.mask is None else torch.where(batch.mask, x, 0.0), batch.x, batch.mask)

    def corrupt(self, x: Tensor) -> Tensor:
        """Clean values `(batch, *shape)` as the encoder is shown them, same shape."""
        raise NotImplementedError

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Damaged examples as people have them, `(batch, …)`, as the encoder is shown such.

        Args:
            damaged: on the model's scale.
            came: the same as they came.
        """
        return damaged

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """`restored`, changed so that it agrees with what is certain in `seen`; both `(batch, *shape)`."""
        return restored


class Clean(Corruption):
    """No corruption: the encoder sees the data as they are."""

    reference = ""

    def __init__(self, domain: Domain) -> None:
        super().__init__()

    def corrupt(self, x: Tensor) -> Tensor:
        return x


class Gaussian(Corruption):
    """Adds normal noise: x + std · ε, ε ~ N(0, 1), by choice clamped to the data's range.

    Args:
        std: on the scale the model sees: of images in [0, 1], of table columns in standard
            deviations.
        std_low: if given, each example has a noise of its own, with a standard deviation
            drawn from [std_low, std], so that one model serves them all.
        clamp: whether noisy values are cut off at the range of the training part.
        target: "clean", what the output is compared with; "noisy" asks the model for the noise as
            well, which no code can hold: it is no denoising, but found in teaching material.
    """

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
"""Stands for a 0 that is known, beside those that mean hidden."""


class Mask(Corruption):
    """Hides a random share of the values: they become 0.

    Args:
        share: the probability that a value is hidden; of a rectangle, its share of the area.
        form: "values", each by itself; "rectangle", of each image one, at a random place and between
            twice as high as wide and twice as wide as high, in all channels.
    """

    def __init__(
        self, domain: Domain, *, share: float = 0.25, form: Literal["values", "rectangle"] = "values"
    ) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)
        self.form = form
        if form == "rectangle":
            check_images("mask", domain)

    def corrupt(self, x: Tensor) -> Tensor:
        if self.form == "values":
            return x * (torch.rand_like(x) >= self.share)
        return x * ~self.rectangles(x)

    def rectangles(self, x: Tensor) -> Tensor:
        """Where one rectangle of each of `x (batch, channels, height, width)` lies, one channel."""
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
        """What is hidden came as 0, whatever the model's scale; what is 0 there need not be."""
        shown = torch.where(damaged == 0, ALMOST_0, damaged)
        return torch.where(self.hidden(came), 0.0, shown)

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """What was not hidden stays as it was."""
        return torch.where(self.hidden(seen), restored, seen)

    def hidden(self, x: Tensor) -> Tensor:
        """Where `x (batch, *shape)` is 0; of rectangles in all channels."""
        return (x == 0).all(dim=1, keepdim=True) if self.form == "rectangle" else x == 0


class SaltPepper(Corruption):
    """Sets a random share of the values to the ends of the data's range, half to either.

    Args:
        share: the probability that a value is replaced.
    """

    def __init__(self, domain: Domain, *, share: float = 0.1) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)
        self.low, self.high = domain.low, domain.high

    def corrupt(self, x: Tensor) -> Tensor:
        draw = torch.rand_like(x)
        salted = torch.where(draw < self.share / 2, self.high, x)
        return torch.where(draw >= 1 - self.share / 2, self.low, salted)


LUMINANCE = (0.299, 0.587, 0.114)
"""How bright red, green and blue are (ITU-R BT.601), as image files count."""


class Grey(Corruption):
    """Takes the colours away: every channel becomes the luminance; of two or many channels, their mean."""

    reference = "Zhang, Isola & Efros 2016. Colorful image colorization. ECCV."
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
        """`(batch, channels, height, width)` as one channel."""
        return (self.parts.to(x.dtype) * x).sum(dim=1, keepdim=True)

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Grey images of one channel, or colour images whose colours are not to be trusted."""
        return damaged.expand(-1, self.channels, -1, -1) if damaged.shape[1] == 1 else self.corrupt(damaged)

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """Every channel is shifted by as much as the luminance is wrong."""
        return restored + seen - self.luminance(restored)


class Downsample(Corruption):
    """Makes images smaller, as a camera of fewer pixels would, and enlarges them again by interpolation.

    Small images are enlarged before the encoder, so that input and output have one shape (Dong et al.).

    Args:
        factor: how many times smaller height and width are; a size that it does not divide is rounded up.
    """

    reference = (
        "Dong, Loy, He & Tang 2014. Learning a deep convolutional network for image super-resolution. ECCV."
    )

    def __init__(self, domain: Domain, *, factor: int = 2) -> None:
        super().__init__()
        check_images("downsample", domain)
        self.factor = int(within("factor", factor, 2, 16))
        self.size = domain.shape[1:]

    def corrupt(self, x: Tensor) -> Tensor:
        return enlarged(self.reduced(x), x.shape[2:])

    def reduced(self, x: Tensor) -> Tensor:
        """The small images: bicubic, each pixel a mean over those that it stands for."""
        return functional.interpolate(x, self.small(x.shape[2:]), mode="bicubic", antialias=True)

    def small(self, size: Sequence[int]) -> list[int]:
        """Height and width of what becomes of images of `size`."""
        return [ceil(side / self.factor) for side in size]

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Small images of any size, enlarged by the factor, or to the size of the data if that fits."""
        height, width = damaged.shape[2:]
        fits = [height, width] == self.small(self.size)
        return enlarged(damaged, self.size if fits else (self.factor * height, self.factor * width))

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """Made smaller and enlarged again, it comes close to what was seen (Irani & Peleg 1991)."""
        for _ in range(BACK_PROJECTIONS):
            restored = restored + seen - self.corrupt(restored)
        return restored


def enlarged(small: Tensor, size: Sequence[int]) -> Tensor:
    """Small images at the height and width of `size`, bicubic."""
    return functional.interpolate(small, tuple(size), mode="bicubic")


BACK_PROJECTIONS = 5
"""How often a restored image is compared with the small one; each time the rest is a few times smaller."""


class Watermark(Corruption):
    """Lays a text or an image over each image, at a random place and with a random opacity.

    Args:
        text: what is written, in white.
        image: an image file to be laid over instead: what is bright in it, or, if it has an alpha channel,
            what is opaque, becomes white.
        width: of the mark, as a share of the image's width.
        opacity: the least and the greatest, between 0 and 1.
    """

    reference = "Dekel, Rubinstein, Liu & Freeman 2017. On the effectiveness of visible watermarks. CVPR."

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
            raise InputError(f"The option 'opacity' is the least and the greatest, but got {opacity}.")
        self.least = within("opacity", opacity[0], 0, 1)
        self.greatest = within("opacity", opacity[1], self.least, 1)
        self.text, self.image = text, image
        self.width = within("width", width, 0.05, 1)
        self.size, self.white = domain.shape[1:], domain.high

    def corrupt(self, x: Tensor) -> Tensor:
        opacity = torch.empty(len(x), 1, 1, 1, device=x.device, dtype=x.dtype).uniform_(
            self.least, self.greatest
        )
        alpha = opacity * self.placed(len(x), x.shape[2:]).to(x)
        return x + alpha * (self.white - x)

    def placed(self, n: int, size: Sequence[int]) -> Tensor:
        """The mark at `n` random places in images of `size`, `(n, 1, height, width)` between 0 and 1."""
        height, width = size
        canvas = functional.pad(self.mark, (width, width, height, height))
        starts = [
            torch.randint(side - mark + 1, (n, 1)) for side, mark in zip(size, self.mark.shape, strict=True)
        ]
        rows, columns = (side - start + torch.arange(side) for side, start in zip(size, starts, strict=True))
        return canvas[rows[:, :, None], columns[:, None, :]][:, None]

    @cached_property
    def mark(self) -> Tensor:
        """The mark alone, `(rows, columns)` between 0 and 1; a file is read when it is first needed."""
        wide = max(1, round(self.width * self.size[1]))
        found = written(self.text) if self.image is None else stencil(Path(self.image))
        high = min(self.size[0], max(1, round(found.shape[0] * wide / found.shape[1])))
        return functional.interpolate(found[None, None], (high, wide), mode="bilinear", antialias=True)[
            0, 0
        ].clamp(0, 1)


def written(text: str) -> Tensor:
    """`text` as an image, cut to its letters, `(rows, columns)` between 0 and 1."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(64)
    canvas = Image.new("L", (80 * (len(text) + 1), 160))
    ImageDraw.Draw(canvas).text((20, 40), text, fill=255, font=font)
    box = canvas.getbbox()
    if box is None:
        raise InputError(f"The watermark's text {text!r} has no letters to be seen.")
    return (
        torch.frombuffer(bytearray(canvas.crop(box).tobytes()), dtype=torch.uint8).reshape(
            box[3] - box[1], box[2] - box[0]
        )
        / 255
    )


def stencil(file: Path) -> Tensor:
    """What is opaque of an image with an alpha channel, or bright of another, between 0 and 1."""
    if not file.is_file():
        raise InputError(f"The watermark's image {str(file)!r} is not there.")
    pixels = torch.as_tensor(read_picture(file).pixels.astype("float32"))
    pixels = pixels / pixels.max().clamp(min=1)
    if pixels.dim() == 2:
        return pixels
    return pixels[..., -1] if pixels.shape[2] in (2, 4) else pixels.mean(dim=2)


def check_images(name: str, domain: Domain) -> None:
    """Refuse data that are no images."""
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
