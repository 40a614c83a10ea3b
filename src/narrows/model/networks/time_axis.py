"""What networks for sequences share: the axis of time, cosines along it, and where a sequence ends."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Batch, Context


def check_time(name: str, shape: tuple[int, ...]) -> None:
    """Refuse data without an axis of time, for the network called `name`."""
    if len(shape) != 2:
        raise InputError(f"The network {name!r} is for sequences, not for data of shape {shape}; use 'mlp'.")


def cosines(k: int, steps: int) -> Tensor:
    """cos(π i (t + ½) / steps) for i < k and t < steps, `(k, steps)`: the basis of the cosine transform.

    Ahmed, Natarajan & Rao 1974, "Discrete cosine transform", IEEE Trans. Computers C-23.
    """
    t = torch.arange(steps, dtype=torch.float64) + 0.5
    return torch.cos(math.pi * torch.arange(k, dtype=torch.float64)[:, None] * t / steps).float()


def inside(x: Tensor, context: Context) -> Tensor | None:
    """1 up to the end of each sequence of `x (batch, channels, time)` and 0 beyond, `(batch, 1, time)`.

    None for sequences that all fill the axis of time; `context["lengths"]` says where others end.
    """
    if "lengths" not in context:
        return None
    steps = torch.arange(x.shape[-1], device=x.device)
    return (steps < context["lengths"][:, None])[:, None].to(x.dtype)


class Centre(nn.Module):
    """The values of a sequence without their mean, flattened, 0 beyond its end: `(batch, channels · time)`.

    The mean, one number for each channel and step, is learned. A batch that is cropped to its longest
    sequence gives the same as one that is not.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor, there: Tensor | None) -> Tensor:
        steps = x.shape[-1]
        x = x - self.mean[:, :steps]
        x = x if there is None else x * there
        return functional.pad(x, (0, self.mean.shape[1] - steps)).flatten(1)

    def begin(self, batch: Batch) -> Tensor:
        """Take the mean of the observed values of `batch`; what `forward` gives for it then."""
        observed = batch.observed()
        steps = observed.shape[-1]
        self.mean[:, :steps] = batch.x.sum(0) / observed.sum(0).clamp(min=1)
        centred: Tensor = self(batch.x, inside(batch.x, batch.context))
        return centred
