"""The likelihood of whole numbers: a mixture of logistic distributions, cut into bins."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Domain, Grid
from narrows.core.registry import within
from narrows.model.distributions import Alphabet, Distribution, binned, logistic, shares
from narrows.model.log_variance import bounded
from narrows.model.losses.base import Loss
from narrows.model.losses.causal import Causal


class DiscretisedLogistic(Loss):
    """-Σ log P(x), P(x) = Σ_k w_k (σ(r_k (x + ½ - m_k)) - σ(r_k (x - ½ - m_k))) in nats, for whole numbers.

    A unit is the distance of neighbouring numbers. The lowest and the highest number take the rest of the
    line, so that values that are cut off there are likely. With `radius`, w, m and r of a pixel depend on
    pixels before it, too: in rows above, and to its left. Reconstructions do without them, which is learned
    from examples that are taken without them in training.

    Args:
        components: K, of the mixture.
        radius: how many rows above and columns to the sides of a pixel are seen; 0 for none; None takes 3 for
            images, and 0 for other data.
        features: numbers that the decoder gives for each pixel, if neighbours are seen, too.
        hidden: units of the layers between neighbours and the distribution.
        blocks: residual blocks of two such layers.
        without: the share of examples that are taken without neighbours in training.
    """

    reference = (
        "Salimans, Karpathy, Chen & Kingma 2017. PixelCNN++. ICLR; with neighbours as Gulrajani et al. 2017. "
        "PixelVAE. ICLR."
    )
    bounded = True

    def __init__(
        self,
        domain: Domain,
        *,
        components: int = 5,
        radius: int | None = None,
        features: int = 4,
        hidden: int = 32,
        blocks: int = 2,
        without: float = 0.1,
    ) -> None:
        super().__init__()
        if domain.grid is None:
            raise InputError(
                "The loss 'discretised-logistic' is for values on one grid of up to 65,536 steps, as whole "
                "numbers of 16 bits are in any type, but these are others; round them."
            )
        self.grid: Grid = domain.grid
        self.span = (self.grid.levels - 1) * self.grid.step
        self.components = int(within("components", components, 1, 100))
        self.without = within("without", without, 0, 1)
        numbers = 3 * self.components
        radius = (3 if len(domain.shape) == 3 else 0) if radius is None else radius
        self.per_value = int(within("features", features, 1, 1000)) if radius else numbers
        self.causal = self._causal(domain, radius, hidden, blocks, numbers) if radius else None
        self.start = nn.Parameter(
            torch.cat([torch.zeros(components), spaced(components), torch.ones(components)])
        )

    def _causal(self, domain: Domain, radius: int, hidden: int, blocks: int, numbers: int) -> Causal:
        if len(domain.shape) != 3:
            raise InputError("Neighbours are seen in images only; leave loss.radius out.")
        within("radius", radius, 1, 32)
        within("hidden", hidden, 1, 4096)
        within("blocks", blocks, 0, 64)
        return Causal(
            channels=domain.shape[0],
            radius=radius,
            features=self.per_value,
            hidden=hidden,
            blocks=blocks,
            outputs=numbers,
        )

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        log_w, m, log_r = self.mixture(y, self.shown(x))
        r = log_r.exp()
        lower, upper = x <= self.grid.low, x >= self.grid.low + self.span
        half, centre = self.grid.step / 2, x[..., None] - m
        below, above = r * (centre - half), r * (centre + half)
        # log(σ(a) - σ(b)) = log σ(a) + log σ(-b) + log(1 - exp(b - a)), without the parts beyond the ends.
        log_p = torch.where(upper[..., None], 0.0, functional.logsigmoid(above))
        log_p = log_p + torch.where(lower[..., None], 0.0, functional.logsigmoid(-below))
        inside = torch.log(-torch.expm1(-r * self.grid.step))
        log_p = log_p + torch.where((lower | upper)[..., None], 0.0, inside)
        return -torch.logsumexp(log_w + log_p, dim=-1)

    def shown(self, x: Tensor) -> Tensor:
        """`x` as neighbours are seen of it: in training a share of the examples is NaN."""
        if not (self.training and self.causal is not None and self.without):
            return x
        left = torch.rand(len(x), 1, 1, 1, device=x.device) < self.without
        return torch.where(left, torch.nan, x)

    def mixture(self, y: Tensor, x: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Log w, m and log r on the model's scale, each `(samples, batch, *shape, components)`.

        `x (batch, *shape)` are the values that neighbours are seen of; None for none.
        """
        if self.causal is None:
            return self.parts(torch.unflatten(y, 2, (self.per_value, -1)).movedim(2, -1))
        return self.parts(self.causal(y, x))

    def parts(self, numbers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log w, m and log r of `numbers (…, 3 · components)`."""
        logits, m, rate = (numbers + self.start).chunk(3, dim=-1)
        log_r = bounded(rate) + FAST_RATE
        return logits.log_softmax(-1), self.grid.low + self.span * m, log_r - log(self.span)

    def groups(self, shape: tuple[int, ...]) -> Iterator[Tensor]:
        return super().groups(shape) if self.causal is None else self.causal.groups(shape)

    def distribution(self, y: Tensor, x: Tensor, places: Tensor, alphabet: Alphabet) -> Distribution:
        if self.causal is None:
            numbers = torch.unflatten(y, 1, (self.per_value, -1)).flatten(2)[:, :, places].movedim(1, 2)
        else:
            numbers = self.causal.at(y, x, places)
        log_w, m, log_r = (each.flatten(0, 1).numpy() for each in self.parts(numbers))
        return binned(alphabet, logistic(), m, log_r, shares(np.exp(log_w)))

    def mean(self, y: Tensor) -> Tensor:
        log_w, m, _ = self.mixture(y, None)
        return (log_w.exp() * m.clamp(self.grid.low, self.grid.low + self.span)).sum(-1)


FAST_RATE = 2.0
"""log r of a component begins at 3, in units of the whole range: about a twentieth of it."""


def spaced(n: int) -> Tensor:
    """The means of `n` components that a training begins with, from 0 to 1."""
    return (torch.arange(n) + 0.5) / n
