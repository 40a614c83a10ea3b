"""Noise of values."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Intensity, Seen
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption


class Noise(Corruption):
    """Changes values at random, most of them a little or a few of them much; filters undo it."""

    adjective = "noisy"


class Gaussian(Noise):
    """Adds normal noise: x + std · ε, ε ~ N(0, 1), optionally clamped to the data's range.

    Args:
        std: standard deviation of the noise, on the model's scale: [0, 1] for images, standard
            deviations for columns of a table.
        std_low: if given, the standard deviation is drawn from [std_low, std] for each example.
        clamp: whether noisy values are clamped to the range of the training part.
        target: what the output is compared with: "clean", or "noisy", which is no denoising, but occurs
            in teaching material.
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
            std = self.std_low + (self.std - self.std_low) * one_for_each(x)
        noisy = x + std * torch.randn_like(x)
        return noisy.clamp(*self.bounds) if self.bounds else noisy


class Poisson(Noise):
    """Counts particles: x becomes n / g, where n is Poisson distributed with the mean g·x.

    g is the dose over the mean of the training part, so that brightness stays the same at any dose. The
    values are taken for proportional to the expected counts, and 0 for none.

    Args:
        dose: the mean number of counts in a pixel of the training part.
        dose_low: if given, the dose is drawn from [dose_low, dose] for each example, its logarithm uniformly.
        read: the standard deviation of normal noise that is added by the read-out, in counts.
    """

    reference = (
        "Foi, Trimeche, Katkovnik & Egiazarian 2008. Practical Poissonian-Gaussian noise modeling and "
        "fitting for single-image raw-data. IEEE Trans. Image Process. 17."
    )

    def __init__(
        self, domain: Domain, *, dose: float = 30.0, dose_low: float | None = None, read: float = 0.0
    ) -> None:
        super().__init__()
        self.dose = within("dose", dose, LEAST_DOSE, MOST_DOSE)
        self.dose_low = dose if dose_low is None else within("dose_low", dose_low, LEAST_DOSE, dose)
        self.read = within("read", read, 0)
        self.zero, _, mean = counted(domain, "poisson", "gaussian")
        self.bright = mean - self.zero

    def corrupt(self, x: Tensor) -> Tensor:
        gain: Tensor | float = self.dose / self.bright
        if self.dose_low < self.dose:
            gain = gain * (self.dose_low / self.dose) ** one_for_each(x)
        counts = torch.poisson(gain * (x - self.zero).clamp(min=0))
        if self.read:
            counts = counts + self.read * torch.randn_like(x)
        return self.zero + counts / gain


LEAST_DOSE, MOST_DOSE = 1e-3, 1e6
"""Counts in a pixel; float32 has all integers up to some more than the latter."""

ROUNDING = 1e-5
"""A minimum is taken for 0 if it is below by so small a share of the mean."""


def counted(domain: Domain, name: str, other: str) -> Intensity:
    """The intensity of the data, for a corruption of counts of that `name`.

    Raises:
        InputError: for data without one scale, and for values below 0 or of mean 0; it names the `other`.
    """
    found = domain.intensity
    if found is None:
        raise InputError(
            f"The corruption {name!r} is for values on one scale from 0 up, such as images, but these have "
            f"several scales; set corruption.name={other}."
        )
    low, mean = ((value - found.zero) / found.unit for value in (domain.low, found.mean))
    if low < -ROUNDING * mean or mean <= 0:
        raise InputError(
            f"The corruption {name!r} is for counts or intensities, with a minimum of at least 0 and a mean "
            f"above it, but these have a minimum of {low:.4g} and a mean of {mean:.4g}; set "
            f"corruption.name={other}."
        )
    return found


def one_for_each(x: Tensor) -> Tensor:
    """A uniform random number from 0 to 1 for each example, in a shape that broadcasts over `x`."""
    return torch.rand((len(x), *(1 for _ in x.shape[1:])), dtype=x.dtype, device=x.device)


class SaltPepper(Noise):
    """Sets a random share of the values to the minimum or maximum of the data, with equal probability.

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
