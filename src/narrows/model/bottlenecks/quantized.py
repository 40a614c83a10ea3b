"""Vector quantisation: a code consists of vectors of a codebook."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Code, Context, Cost, Features, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.distributions import MOST_WEIGHT, Integers, Listed, Stack, shares

MIN_USE = 0.02
"""An entry of the codebook is replaced when it is chosen less often than this share of the average."""

USE_DECAY = 0.99
"""The decay per step of the running mean of the use of entries."""


class Quantized(Bottleneck):
    """z_i = the entry e_k nearest to (W h + b)_i, at the cost ‖z_i - sg e_k‖²·commitment + ‖sg z_i - e_k‖².

    Here sg stops the gradient; the gradient of the decoder is that of z_i = (W h + b)_i. An entry that is
    hardly ever chosen is replaced by a vector of the encoder. `Code.index (batch, vectors)` are the numbers
    of the chosen entries.

    Args:
        entries: the number of vectors in the codebook, which all vectors of a code share.
        width: the dimension of a vector; None takes the largest divisor of latent_dim up to 4.
        commitment: weight of the term that moves the encoder's vectors towards the entries.
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
            raise InputError(
                f"A code of {latent_dim} dimensions cannot be divided into vectors of {self.width}; leave "
                f"bottleneck.width out."
            )
        self.commitment = within("commitment", commitment, 0)
        self.project = nn.Linear(prod(in_shape), latent_dim)
        self.codebook = nn.Parameter(torch.randn(int(within("entries", entries, 2, 1e6)), self.width))
        self.choices = len(self.codebook)
        self.register_buffer("used", torch.ones(entries))

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        vectors = self.project(features.h.flatten(1)).unflatten(1, (-1, self.width))
        if self.training and sample:
            self.replace_idle(vectors.detach().flatten(0, 1))
        index = nearest(vectors.detach(), self.codebook.detach())
        if self.training and sample:
            self.count(index)
        chosen = self.codebook[index]
        to_entries, to_vectors = (vectors.detach() - chosen).square(), (vectors - chosen.detach()).square()
        distances = to_entries + self.commitment * to_vectors
        z = vectors + (chosen - vectors).detach()
        cost = per_example(distances.flatten(1)[None], context)
        return Code(z.flatten(1)[None], {"quantization": Cost(cost)}, index)

    drawn_bits = 0

    def draw(self, features: Features, stack: Stack) -> Integers:
        """The entries, `(batch, vectors)`; they are certain, so nothing is popped."""
        vectors = self.project(features.h.flatten(1)).unflatten(1, (-1, self.width))
        return nearest(vectors, self.codebook).numpy()

    def give_back(self, features: Features, numbers: Integers, stack: Stack) -> None:
        """Nothing: see `draw`."""

    def store(self, numbers: Integers, stack: Stack) -> None:
        stack.push(numbers.flatten(), self.learned(numbers.size))

    def fetch(self, n: int, stack: Stack) -> Integers:
        return stack.pop(self.learned(n * (self.latent_dim // self.width))).reshape(n, -1)

    def placed(self, numbers: Integers) -> Tensor:
        return self.codebook[torch.as_tensor(numbers)].flatten(1)

    def learned(self, n: int) -> Listed:
        """The frequencies of the entries, for `n` vectors; as often as training chose them."""
        used = self.used.double()
        total = max(MOST_WEIGHT, 16 * self.choices)
        return Listed(shares((used / used.sum())[None].numpy(), total)[0], n)

    @torch.no_grad()
    def count(self, index: Tensor) -> None:
        """Update the running mean of how often each entry is chosen, relative to the average."""
        counts = torch.bincount(index.flatten(), minlength=len(self.used))
        share = counts * (len(self.used) / index.numel())
        self.used.mul_(USE_DECAY).add_(share, alpha=1 - USE_DECAY)

    @torch.no_grad()
    def replace_idle(self, vectors: Tensor) -> None:
        """Replace entries that are hardly used by random ones of `vectors (n, width)`."""
        idle = (self.used < MIN_USE).nonzero().flatten()
        if len(idle):
            self.codebook[idle] = vectors[torch.randint(len(vectors), (len(idle),), device=vectors.device)]
            self.used[idle] = 1.0


def nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
    """The index `(batch, n)` of the entry of `codebook (entries, width)` nearest to each vector.

    `vectors` are `(batch, n, width)`.
    """
    # ‖v - e‖² without ‖v‖², which is the same for all entries.
    return (codebook.square().sum(dim=1) - 2 * vectors @ codebook.T).argmin(dim=2)
