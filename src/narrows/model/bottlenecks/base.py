"""The interface of a bottleneck: from features to a code and its costs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Code, Context, Features
from narrows.model.distributions import Integers, Stack


class Bottleneck(nn.Module):
    """Built from the shape of the features and the number of latent dimensions.

    Attributes:
        code_shape: of one example's code.
        project: from the features to the code, or to the parameters of its distribution, the mean first.
        unit_interval: whether the values of a code lie between 0 and 1.
        probabilistic: whether a code is a distribution.
        precise: whether codes are finer than bfloat16, with which an objective is larger from the start.
        choices: the number of entries or units that `Code.index` counts; 0 without `Code.index`.
        pretrain: the share of the epochs in a first stage, after which `settle` is called.
        progress: the share of the training that is done, for weights with a warm-up; set by the training
            loop, and 1 afterwards.
    """

    reference = ""
    code_shape: tuple[int, ...]
    project: nn.Module
    unit_interval = False
    probabilistic = False
    precise = False
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
        """The code of a batch, with its costs.

        Args:
            features: the output of the encoder.
            context: of the batch.
            sample: whether a probabilistic code is sampled, as in training; else its mean is taken.
        """
        raise NotImplementedError

    def encode(self, features: Features, context: Context) -> Tensor:
        """The code `(batch, *code_shape)`, without sampling."""
        return self(features, context, sample=False).z[0]

    def uncertainty(self, features: Features) -> Tensor:
        """The posterior variance `(batch, latent_dim)` of a probabilistic code."""
        raise NotImplementedError

    def settle(self, codes: Tensor) -> None:
        """Initialise the prior from codes `(n, *code_shape)` of the training part, after the first stage."""

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor | None:
        """`n` codes `(n, *code_shape)` sampled from the prior; None where there is no prior.

        They are on the device of `generator`; without one, which takes torch's own, on the bottleneck's.
        """
        return None

    def prior_device(self, generator: torch.Generator | None) -> torch.device:
        """Where `prior` puts its codes."""
        return self.progress.device if generator is None else generator.device

    @property
    def drawn_bits(self) -> int:
        """About how many bits `draw` pops for an example; 0 where it pops nothing.

        Raises:
            InputError: for a bottleneck whose codes are not stored.
        """
        raise InputError(
            f"The codes of the bottleneck {type(self).__name__.lower()!r} have no distribution under which "
            f"they are stored, so this model compresses nothing without loss; fit one with --recipe lossless."
        )

    def draw(self, features: Features, stack: Stack) -> Integers:
        """Codes as whole numbers `(batch, k)`, popped from `stack` under the posterior (bits-back coding)."""
        raise NotImplementedError

    def give_back(self, features: Features, numbers: Integers, stack: Stack) -> None:
        """The inverse of `draw`: `numbers` are pushed on `stack`."""
        raise NotImplementedError

    def store(self, numbers: Integers, stack: Stack) -> None:
        """Push `numbers (batch, k)`, which `draw` gave, under the prior."""
        raise NotImplementedError

    def fetch(self, n: int, stack: Stack) -> Integers:
        """The inverse of `store`: the whole numbers `(n, k)` of the codes of `n` examples."""
        raise NotImplementedError

    def placed(self, numbers: Integers) -> Tensor:
        """The codes `(batch, *code_shape)` float64 of whole `numbers (batch, k)`."""
        raise NotImplementedError

    def reduce(self, total: Tensor) -> Tensor:
        """The objective `()` from total costs `(samples, batch)`: their mean unless overridden."""
        return total.mean()
