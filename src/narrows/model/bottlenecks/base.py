"""What every bottleneck is: features in, a code and its costs out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Code, Context, Features


class Bottleneck(nn.Module):
    """Built from the shape of the features and the number of code dimensions.

    `code_shape` is the shape of one example's code; `unit_interval` says that its numbers lie between
    0 and 1, `probabilistic` that it is a distribution; `choices` is how many things `Code.index` chooses
    among, 0 where it names none. `progress`, the share of the training that is done, is for weights that
    warm up; the training loop sets it and it is 1 ever after. `pretrain` is the share of the epochs of a
    first stage, before the bottleneck is told what codes there are: see `settle`.
    """

    reference = ""
    code_shape: tuple[int, ...]
    unit_interval = False
    probabilistic = False
    choices = 0
    pretrain: float = 0.0
    progress: Tensor

    def __init__(self, in_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        if latent_dim < 1:
            raise InputError(f"latent_dim is {latent_dim}, but a code has at least 1 dimension.")
        self.in_shape, self.latent_dim = in_shape, latent_dim
        self.register_buffer("progress", torch.ones(()), persistent=False)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        """Narrow the features to a code.

        Args:
            features: of one batch.
            context: what else is known of it.
            sample: whether a probabilistic code is drawn, as in training, or its mean is taken.
        """
        raise NotImplementedError

    def encode(self, features: Features, context: Context) -> Tensor:
        """The code `(batch, *code_shape)` without chance and without its costs."""
        return self(features, context, sample=False).z[0]

    def uncertainty(self, features: Features) -> Tensor:
        """The variance `(batch, latent_dim)` of each number of a code that is a distribution."""
        raise NotImplementedError

    def settle(self, codes: Tensor) -> None:
        """Called once after the first stage, with codes `(n, *code_shape)` of the training part."""

    def prior(self, n: int, generator: torch.Generator) -> Tensor | None:
        """`n` codes `(n, *code_shape)` from the prior, on the CPU; None where there is no prior."""
        return None

    def reduce(self, total: Tensor) -> Tensor:
        """The objective from total costs `(samples, batch)`: their mean unless overridden."""
        return total.mean()
