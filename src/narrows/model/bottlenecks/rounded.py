"""Codes for compression: coefficients that are rounded, with a learned distribution of what they round to."""

from __future__ import annotations

from math import exp, log, prod
from typing import Literal

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Code, Context, Cost, Features
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.bottlenecks.passes import Mixture, Pass, Passes

ERROR = 12.0
"""What an error of one step counts, in nats. It is 12 s² / 2s² = 6 nats, twice because later coefficients are
predicted from it: 12 was best of 3, 5, 7 and 12 on photographs that were left out of the training."""


class Rounded(Bottleneck):
    """z = g y, y = a·round((W h + b) / a), at the cost of its bits: E ‖x - x̂‖² / 2s² - log p(y), in nats.

    In training y is rounded for the decoder and as what later coefficients are predicted from, with the
    gradient of noise of the same size. Its own bits are those of uniform noise of the same width, whose
    probability has a gradient. The step a of a coefficient grows with the error s that is asked for: the
    noise of rounding has the standard deviation s in the data, where coefficients are orthonormal. One model
    serves all s: in training each example of a batch has another one. Steps a and gains g are learned, as
    powers of s. `encode` does not round.

    Args:
        project: "linear", a dense layer to the coefficients; "none", the features are the coefficients.
        fine: the smallest s in training, on the model's scale.
        coarse: the largest s in training.
        levels: of the distribution: how often the grid of places is halved.
        groups: of the distribution: of coefficients at one place, each given those before.
        hidden: of the distribution: units of its layers.
        components: of the distribution: of a mixture.
    """

    reference = (
        "Ballé, Laparra & Simoncelli 2017. End-to-end optimized image compression. ICLR; rounded for the "
        "decoder as Minnen & Singh 2020. Channel-wise autoregressive entropy models for learned image "
        "compression. ICIP; with gains for all rates as Cui et al. 2021. Asymmetric gained deep image "
        "compression with continuous rate adaptation. CVPR."
    )
    precise = True

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        project: Literal["linear", "none"] = "linear",
        fine: float = 0.008,
        coarse: float = 0.08,
        levels: int = 3,
        groups: int = 3,
        hidden: int = 96,
        components: int = 2,
    ) -> None:
        super().__init__(in_shape, latent_dim)
        if project == "none" and latent_dim != prod(in_shape):
            raise InputError(
                f"The code is the encoder's {prod(in_shape)} features, so latent_dim cannot be "
                f"{latent_dim}; leave it out, or set bottleneck.project=linear."
            )
        self.code_shape: tuple[int, ...] = in_shape if project == "none" else (latent_dim,)
        self.project: nn.Module = (
            nn.Identity() if project == "none" else nn.Linear(prod(in_shape), latent_dim)
        )
        self.fine, self.coarse = within("fine", fine, 1e-6, 1e6), within("coarse", coarse, fine, 1e6)
        self.grid = grid_of(self.code_shape)
        self.steps, self.gains = PowerLaw(self.grid[0]), PowerLaw(self.grid[0])
        self.distribution = Passes(
            self.grid,
            levels=int(within("levels", levels, 0, 12)),
            groups=int(within("groups", groups, 1, 1000)),
            hidden=int(within("hidden", hidden, 1, 1e5)),
            components=int(within("components", components, 1, 100)),
        )

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        y = self.coefficients(features)
        s = self.errors(len(y)).to(y)
        if not sample:
            cost = Cost(self.cost(y, s)[None], 2 * s**2)
            return Code(self.code(y, torch.full_like(s, self.fine))[None], {"rate": cost})
        step = self.step(s)
        rounded = y + step * (torch.round(y / step) - y / step).detach()
        noisy = y + step * (torch.rand_like(y) - 0.5)
        return Code(self.code(rounded, s)[None], {"rate": Cost(self.cost(noisy, s, rounded)[None], 2 * s**2)})

    def reduce(self, total: Tensor) -> Tensor:
        return (total / (2 * self.errors(total.shape[1]).to(total) ** 2)).mean()

    def errors(self, n: int) -> Tensor:
        """The s of each of the `n` examples of a batch, evenly spaced on a logarithmic scale, `(n,)`."""
        share = (torch.arange(n) + 0.5) / n
        return self.fine * (self.coarse / self.fine) ** share

    def coefficients(self, features: Features) -> Tensor:
        """The coefficients before rounding, `(n, *grid)`; those of larger images are at more places."""
        h = features.h.flatten(1) if len(self.code_shape) == 1 else features.h
        found = self.project(h)
        return found if len(self.code_shape) == 3 else found.reshape(-1, *self.grid)

    def relative(self, s: Tensor) -> Tensor:
        """The logarithm of s relative to the middle of the range of the training, `(n,)`."""
        return torch.log(s) - 0.5 * log(self.fine * self.coarse)

    def step(self, s: Tensor) -> Tensor:
        """The step of each coefficient, `(n, channels, 1, 1)`; 12 ** 0.5 is that of a noise of variance 1."""
        return 12**0.5 * s[:, None, None, None] * self.steps(self.relative(s))

    def code(self, y: Tensor, s: Tensor) -> Tensor:
        """The code `(n, *code_shape)` of coefficients `y (n, *grid)`."""
        scaled = y * self.gains(self.relative(s))
        return scaled if len(self.code_shape) == 3 else scaled.reshape(-1, *self.code_shape)

    def cost(self, y: Tensor, s: Tensor, known: Tensor | None = None) -> Tensor:
        """-log p of the intervals that round to `y (n, *grid)`, in nats, `(n,)`.

        Later coefficients are predicted from those of `known`, by default `y`.
        """
        before = y if known is None else known
        step = self.step(s) / self.unit
        return self.distribution.cost(y / self.unit, before / self.unit, step, self.relative(s)).sum(1)

    def numbers(self, y: Tensor, s: Tensor) -> Tensor:
        """The whole numbers, in steps, that stand for coefficients `y (n, *grid)`, in the type of `y`.

        Of the two beside each coefficient it is the one with fewer nats of error and rate, pass by pass.
        """
        step = self.step(s)
        found, exact = torch.zeros_like(y), y / step
        for which in self.passes:
            region = self.region(which)
            if not found[region].numel():  # an image of fewer blocks than those of the training
                continue
            found[region] = cheaper(exact[region], self.frequencies(which, found * step, s))
        return found

    @property
    def drawn_bits(self) -> int:
        raise InputError(
            "This model rounds its codes, so what it compresses comes back with a loss; say how much may be "
            "lost, as psnr=32 (--psnr 32), or fit one with --recipe lossless."
        )

    @property
    def unit(self) -> float:
        """The step of a coefficient in the middle of the range: the unit of the distribution."""
        return 12**0.5 * exp(0.5 * log(self.fine * self.coarse))

    @property
    def passes(self) -> list[Pass]:
        """The steps of coding, in order."""
        return self.distribution.passes

    def region(self, which: Pass) -> tuple[slice, ...]:
        """The index of the coefficients of a pass in an array `(n, *grid)`."""
        return self.distribution.region(which)

    def frequencies(self, which: Pass, y: Tensor, s: Tensor) -> Mixture:
        """The distributions of the rounded coefficients of a pass, in steps, given those of earlier passes.

        Args:
            which: the pass.
            y: rounded coefficients `(n, *grid)`; those of later passes do not count.
            s: the error of each example, `(n,)`.
        """
        step = (self.step(s) / self.unit)[:, self.region(which)[1]][..., None]
        found = self.distribution.mixture(which, y / self.unit, self.relative(s))
        return Mixture(found.log_weight, found.mean / step, found.log_rate + step.log())


def cheaper(x: Tensor, mixture: Mixture) -> Tensor:
    """Of both whole numbers beside each of `x (…)` the one with fewer nats of error and rate."""
    low = x.floor()
    below, above = (
        ERROR * (x - each) ** 2 + mixture.cost(each, torch.ones_like(x)) for each in (low, low + 1)
    )
    return torch.where(above < below, low + 1, low)


class PowerLaw(nn.Module):
    """A factor of each coefficient, exp(a + b·log s), `(n, channels, 1, 1)` for log s `(n,)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.zeros(channels))
        self.slope = nn.Parameter(torch.zeros(channels))

    def forward(self, log_s: Tensor) -> Tensor:
        return torch.exp(self.level + self.slope * log_s[:, None])[:, :, None, None]


def grid_of(code_shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Channels, height and width of a code; of a code without places all are channels of one place.

    >>> grid_of((16, 7, 7)), grid_of((8,)), grid_of((4, 50))
    ((16, 7, 7), (8, 1, 1), (4, 50, 1))
    """
    channels, height, width = (*code_shape, 1, 1)[:3]
    return channels, height, width
