"""Colour removed from images."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.model.corruptions.base import Corruption, check_images

LUMINANCE = (0.299, 0.587, 0.114)
"""The weights of red, green and blue in luminance (ITU-R BT.601)."""


class Grey(Corruption):
    """Removes colour: every channel becomes the luminance, or the mean if there are not three channels."""

    reference = "Zhang, Isola & Efros 2016. Colorful image colorization. ECCV."
    damages = True
    same_channels = False
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
