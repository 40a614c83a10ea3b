"""A code made of words: each few numbers of it are one of the vectors of a codebook."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck

RARE = 0.02
"""Of its fair share of the words: an entry of the codebook that is chosen less often is replaced."""

MEMORY = 0.99
"""How much of the running count of the entries' use is kept in each step."""


class Quantized(Bottleneck):
    """z_i = the entry e_k nearest to (W h + b)_i, at the cost ‖z_i - sg e_k‖²·commitment + ‖sg z_i - e_k‖².

    Here sg stops the gradient; the decoder's gradient passes the choice as if nothing had been chosen.
    An entry that is hardly ever chosen is replaced by what the encoder says of some example. The code
    is the chosen vectors, `Code.index (batch, words)` their numbers.

    Args:
        entries: vectors in the codebook, which all words share.
        width: numbers in a word; None takes the largest divisor of latent_dim up to 4.
        commitment: how strongly the encoder is drawn to the entries.
    """

    reference = "van den Oord, Vinyals & Kavukcuoglu 2017. Neural discrete representation learning. NeurIPS."
    used: Tensor

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        entries: int = 256,
        width: int | None = None,
        commitment: float = 0.25,
    ) -> None:
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.width = next(w for w in (4, 3, 2, 1) if latent_dim % w == 0) if width is None else width
        if self.width < 1 or latent_dim % self.width:
            raise InputError(f"A code of {latent_dim} numbers has no words of {self.width} numbers each.")
        self.commitment = within("commitment", commitment, 0)
        self.project = nn.Linear(prod(in_shape), latent_dim)
        self.codebook = nn.Parameter(torch.randn(int(within("entries", entries, 2, 1e6)), self.width))
        self.choices = len(self.codebook)
        self.register_buffer("used", torch.ones(entries))

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        said = self.project(features.h.flatten(1)).unflatten(1, (-1, self.width))
        if self.training and sample:
            self.replace_idle(said.detach().flatten(0, 1))
        index = nearest(said.detach(), self.codebook.detach())
        if self.training and sample:
            self.count(index)
        chosen = self.codebook[index]
        drawn = (said.detach() - chosen).square() + self.commitment * (said - chosen.detach()).square()
        z = said + (chosen - said).detach()
        cost = per_example(drawn.flatten(1)[None], context)
        return Code(z.flatten(1)[None], {"quantization": Cost(cost)}, index)

    @torch.no_grad()
    def count(self, index: Tensor) -> None:
        """Keep a running mean of how often each entry is chosen, 1 being its fair share."""
        found = torch.bincount(index.flatten(), minlength=len(self.used))
        share = found * (len(self.used) / index.numel())
        self.used.mul_(MEMORY).add_(share, alpha=1 - MEMORY)

    @torch.no_grad()
    def replace_idle(self, said: Tensor) -> None:
        """Put words of this batch, `(n, width)`, in the place of entries that are hardly used."""
        idle = (self.used < RARE).nonzero().flatten()
        if len(idle):
            self.codebook[idle] = said[torch.randint(len(said), (len(idle),), device=said.device)]
            self.used[idle] = 1.0


def nearest(words: Tensor, codebook: Tensor) -> Tensor:
    """The number of the entry `(entries, width)` nearest to each of `words (batch, n, width)`."""
    # ‖w - e‖² without ‖w‖², which is the same for all entries.
    return (codebook.square().sum(dim=1) - 2 * words @ codebook.T).argmin(dim=2)
