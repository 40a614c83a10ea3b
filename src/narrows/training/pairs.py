"""Pairs of a clean and a noisy example, which travel as one, with twice the channels; clean ones first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.records import Batch
from narrows.data.schema import Array

Collate = Callable[..., Batch]
"""Makes a batch of examples on the model's scale, as a `Schema` does."""


def joined(clean: Array, noisy: Array) -> Array:
    """Pairs `(n, 2 · channels, …)` of `clean (n, channels, …)` and as many `noisy` ones, not scaled."""
    return np.concatenate([clean, noisy], axis=1)


class PairScaling(nn.Module):
    """Scales both examples of a pair alike.

    Args:
        scaling: of one example.
    """

    def __init__(self, scaling: nn.Module) -> None:
        super().__init__()
        self.scaling = scaling

    def forward(self, pairs: Tensor) -> Tensor:
        return torch.cat([self.scaling(half) for half in pairs.chunk(2, dim=1)], dim=1)


def paired(collate: Collate, *, exchanged: bool = False) -> Collate:
    """Makes a batch of pairs, of which the noisy examples are `given`.

    If they are to be `exchanged`, which of a pair is given is drawn from torch's global generator.
    """

    def both(pairs: Tensor, *, complete: bool) -> Batch:
        halves = pairs.chunk(2, dim=1)
        clean, noisy = (
            collate(half, complete=complete) for half in (swapped(*halves) if exchanged else halves)
        )
        return replace(clean, given=noisy.x)

    return both


def swapped(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Half of the pairs of examples `(batch, …)`, drawn at random, the other way round."""
    chosen = (torch.rand(len(first)) < 0.5).to(first.device).reshape(-1, *(1 for _ in first.shape[1:]))
    return torch.where(chosen, second, first), torch.where(chosen, first, second)
