"""The loss of counts with read-out noise, such as the values of a camera or an electron detector."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.core.registry import within
from narrows.model.log_variance import bounded
from narrows.model.losses.base import Loss, Per, factor_of_sum


class PoissonGaussian(Loss):
    """½ Σ log 2πv + (x - x̂)²/v in nats, v = read² + gain·(x̂ - offset), for targets with the noise of counts.

    v is a constant for the gradient of x̂, as in weighted least squares: the mean of what was counted is
    learned, and bright pixels, whose noise is larger, weigh less. With the gradient of v, x̂ would be too
    large where the signal is uncertain.

    Args:
        gain: the variance per unit of signal, in the unit of the data; learned if not given.
        read: the standard deviation where there is no signal, in the unit of the data; learned if not given.
        offset: the value of the data where there is no signal.
        weight: factor of the loss in the objective.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean.
    """

    reference = (
        "Foi, Trimeche, Katkovnik & Egiazarian 2008. Practical Poissonian-Gaussian noise modeling and "
        "fitting for single-image raw-data. IEEE Trans. Image Process. 17."
    )
    plain = True

    def __init__(
        self,
        domain: Domain,
        *,
        gain: float | None = None,
        read: float | None = None,
        offset: float = 0.0,
        weight: float = 1.0,
        per: Per = "example",
    ) -> None:
        super().__init__()
        if domain.intensity is None:
            raise InputError(
                "The loss 'poisson-gaussian' is for values on one scale, such as images, but these have "
                "several; set loss.name=gaussian."
            )
        if gain == read == 0:
            raise InputError(
                "A gain of 0 and a read of 0 are no noise; give one of them, or set loss.name=squared."
            )
        self.weight = factor_of_sum(weight, per, domain)
        unit = domain.intensity.unit
        self.offset = domain.intensity.zero + unit * offset
        self.gain = Amount(None if gain is None else unit * within("gain", gain, 0))
        self.read_variance = Amount(None if read is None else (unit * within("read", read, 0)) ** 2)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        variance = self.variance(y.detach())
        return 0.5 * (math.log(2 * math.pi) + variance.log() + (x - y) ** 2 / variance)

    def variance(self, mean: Tensor) -> Tensor:
        """The variance of the noise where the signal is `mean`, of any shape, on the model's scale."""
        gain = self.gain()
        return self.read_variance() + gain * (mean - self.offset).clamp(min=0) + (FEWEST * gain) ** 2

    def mean(self, y: Tensor) -> Tensor:
        return y


class Amount(nn.Module):
    """A number that is given, or a positive one that is learned."""

    def __init__(self, given: float | None) -> None:
        super().__init__()
        self.given = given
        if given is None:
            self.logarithm = nn.Parameter(torch.tensor(START / FAST))

    def forward(self) -> Tensor | float:
        return bounded(FAST * self.logarithm).exp() if self.given is None else self.given


FAST = 10.0
"""How many times as fast as other weights the noise is learned."""

START = -5.0
"""The logarithms of gain and variance that learning begins with, on the model's scale."""

FEWEST = 0.3
"""The least standard deviation in counts; without it, a count where none is expected would weigh too much."""
