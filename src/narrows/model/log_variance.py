"""Log-variances that a network predicts, kept where their exponential is a useful number."""

from __future__ import annotations

import torch
from torch import Tensor

LIMIT = 14.0
"""exp(-14) is the variance of rounding to 8 bits; beyond either end float32 sums lose digits."""


def bounded(raw: Tensor) -> Tensor:
    """`raw` bent into (-14, 14), nearly unchanged around 0, with a gradient everywhere.

    A hard clamp would stop the gradient, so that a variance which once left the range never
    came back.

    >>> bounded(torch.tensor([-1e9, 0.0, 1.0, 1e9]))
    tensor([-14.0000,   0.0000,   0.9983,  14.0000])
    """
    return LIMIT * torch.tanh(raw / LIMIT)


def unbounded(log_var: Tensor) -> Tensor:
    """The `raw` of which `bounded` makes `log_var`, or the nearest to the ends that keeps a gradient.

    >>> bounded(unbounded(torch.tensor([-5.0, 2.0])))
    tensor([-5.,  2.])
    """
    return LIMIT * torch.atanh((log_var / LIMIT).clamp(-0.99, 0.99))


def divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mean, exp log_var) ‖ N(0, 1)) of each dimension, in nats."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
