"""Noise added to values."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption


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
