"""What networks for sequences share: the axis of time, cosines along it, and where a sequence ends."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Context


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
