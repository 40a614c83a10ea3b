"""Values hidden from the encoder: single ones or rectangles."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from narrows.core.records import Domain
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption, check_images

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
