"""A sparse code: only the k values of largest magnitude are kept."""

from __future__ import annotations

from math import prod

import torch
from torch import nn

from narrows.core.records import Code, Context, Features
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck


class TopK(Bottleneck):
    """z = W h + b, where the k values of largest magnitude are kept and all others become 0.

    Args:
        k: the number of values that are kept; None takes a quarter of latent_dim, at least 1.
    """

    reference = "Makhzani & Frey 2014. k-sparse autoencoders. ICLR."

    def __init__(self, in_shape: tuple[int, ...], latent_dim: int, *, k: int | None = None) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape, self.choices = (latent_dim,), latent_dim
        self.k = int(within("k", max(1, latent_dim // 4) if k is None else k, 1, latent_dim))
        self.project = nn.Linear(prod(in_shape), latent_dim)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        z = self.project(features.h.flatten(1))
        index = z.abs().topk(self.k, dim=1).indices
        kept = torch.zeros_like(z).scatter(1, index, z.gather(1, index))
        return Code(kept[None], index=index)
