"""What is done to the input before the encoder sees it; the target stays clean.

Learning to undo a corruption is what makes a denoising autoencoder (Vincent et al. 2008).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from narrows.records import Domain
from narrows.registry import within


class Corruption(nn.Module):
    """Maps clean values `(batch, *shape)` to what the encoder is shown of them, same shape.

    `noisy_target` says that the output is compared with what was shown, and not with the clean values.
    """

    reference = (
        "Vincent, Larochelle, Bengio & Manzagol 2008. Extracting and composing robust features with "
        "denoising autoencoders. ICML."
    )
    noisy_target = False

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


class Clean(Corruption):
    """No corruption: the encoder sees the data as they are."""

    reference = ""

    def __init__(self, domain: Domain) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x


class Gaussian(Corruption):
    """Adds normal noise: x + std · ε, ε ~ N(0, 1), by choice clamped to the data's range.

    Args:
        std: on the scale the model sees: of images in [0, 1], of table columns in standard
            deviations.
        std_low: if given, each example has a noise of its own, as loud as a draw from between this and
            `std`, so that one model serves them all.
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
        self.noisy_target = target == "noisy"
        self.std = within("std", std, 0)
        self.std_low = std if std_low is None else within("std_low", std_low, 0, std)
        self.bounds = (domain.low, domain.high) if clamp else None

    def forward(self, x: Tensor) -> Tensor:
        std: Tensor | float = self.std
        if self.std_low < self.std:
            drawn = torch.rand((len(x), *(1 for _ in x.shape[1:])), dtype=x.dtype, device=x.device)
            std = self.std_low + (self.std - self.std_low) * drawn
        noisy = x + std * torch.randn_like(x)
        return noisy.clamp(*self.bounds) if self.bounds else noisy


class Mask(Corruption):
    """Hides a random share of the values: they become 0.

    Args:
        share: the probability that a value is hidden.
    """

    def __init__(self, domain: Domain, *, share: float = 0.25) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * (torch.rand_like(x) >= self.share)


class SaltPepper(Corruption):
    """Sets a random share of the values to the ends of the data's range, half to either.

    Args:
        share: the probability that a value is replaced.
    """

    def __init__(self, domain: Domain, *, share: float = 0.1) -> None:
        super().__init__()
        self.share = within("share", share, 0, 1)
        self.low, self.high = domain.low, domain.high

    def forward(self, x: Tensor) -> Tensor:
        draw = torch.rand_like(x)
        salted = torch.where(draw < self.share / 2, self.high, x)
        return torch.where(draw >= 1 - self.share / 2, self.low, salted)


CORRUPTIONS: dict[str, type[Corruption]] = {
    "none": Clean,
    "gaussian": Gaussian,
    "mask": Mask,
    "salt-pepper": SaltPepper,
}
