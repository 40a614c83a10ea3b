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


def paired(collate: Collate) -> Collate:
    """Makes a batch of pairs, of which the noisy examples are `given`."""

    def both(pairs: Tensor, *, complete: bool) -> Batch:
        clean, noisy = (collate(half, complete=complete) for half in pairs.chunk(2, dim=1))
        return replace(clean, given=noisy.x)

    return both
