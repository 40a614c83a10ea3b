"""Marks blended with images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption, check_images
from narrows.model.marks import image_mark, text_mark


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
