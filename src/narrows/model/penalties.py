"""Regularisation terms: penalties that give codes a property, such as sparsity."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Literal

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Pass, per_example
from narrows.core.registry import within
from narrows.model.bottlenecks import Bottleneck
from narrows.model.networks import Encoder


class Penalty(nn.Module):
    """A cost of a forward pass; the objective multiplies it by `weight`."""

    reference = ""
    weight: float

    def bind(self, encoder: Encoder, bottleneck: Bottleneck) -> None:
        """Prepare for the parts of a model.

        Raises:
            InputError: for parts that the penalty is not defined for.
        """

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        """The unweighted cost, per example or of the batch as `Cost` allows.

        Args:
            p: the forward pass.
            encode: the function from the encoder's input `(batch, *shape)` to codes `(batch, latent_dim)`,
                for penalties of its derivative.
        """
        raise NotImplementedError


class L1(Penalty):
    """Σ |z|, in units of the code: most dimensions of a code become small (Tibshirani 1996).

    Args:
        weight: factor in the objective.
    """

    reference = "Tibshirani 1996. Regression shrinkage and selection via the lasso. JRSS B 58."

    def __init__(self, *, weight: float = 0.01) -> None:
        super().__init__()
        self.weight = within("weight", weight, 0)

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        return per_example(p.code.z.abs(), p.context)


class SparseKl(Penalty):
    """Σ KL(ρ ‖ ρ̂) = Σ ρ log(ρ/ρ̂) + (1 - ρ) log((1 - ρ)/(1 - ρ̂)), in nats, ρ̂ a mean activation.

    For activations between 0 and 1: those of the encoder's hidden layers and of the code, where they
    are sigmoids.

    Args:
        weight: factor in the objective.
        rho: the target ρ of the mean activation.
        form: "unit", ρ̂ is the mean of each unit over the batch, summed over units (Ng 2011);
            "example", ρ̂ is the mean of a layer's units for one example, summed over layers.
    """

    reference = "Ng 2011. Sparse autoencoder. CS294A lecture notes, Stanford."

    def __init__(
        self, *, weight: float = 1.0, rho: float = 0.05, form: Literal["unit", "example"] = "unit"
    ) -> None:
        super().__init__()
        self.weight = within("weight", weight, 0)
        self.rho = within("rho", rho, 1e-4, 1 - 1e-4)
        self.form = form
        self.hidden = self.code = False

    def bind(self, encoder: Encoder, bottleneck: Bottleneck) -> None:
        self.hidden, self.code = encoder.unit_interval, bottleneck.unit_interval
        if not (self.hidden or self.code):
            raise InputError(
                "The penalty 'sparse-kl' is for activations between 0 and 1; set "
                "bottleneck.activation=sigmoid, or encoder.activation=sigmoid."
            )

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        layers = [h[None] for h in p.features.hidden] if self.hidden else []
        layers += [p.code.z] if self.code else []
        if self.form == "unit":
            costs = [bernoulli_kl(self.rho, a.flatten(0, 1).flatten(1).mean(dim=0)).sum() for a in layers]
        else:
            costs = [bernoulli_kl(self.rho, a.flatten(2).mean(dim=2)) for a in layers]
        return reduce(torch.add, costs)


def bernoulli_kl(rho: float, mean: Tensor) -> Tensor:
    """KL(Bernoulli(rho) ‖ Bernoulli(mean)) in nats, in the shape of `mean`."""
    mean = mean.clamp(1e-6, 1 - 1e-6)
    return rho * (math.log(rho) - mean.log()) + (1 - rho) * (math.log(1 - rho) - (-mean).log1p())


EXACT_DIMENSIONS = 8
"""The contractive penalty is exact for codes of at most this many dimensions."""


class Contractive(Penalty):
    """‖∂E(x)/∂x‖²_F: the code changes little with small changes of the data.

    In squared units of the code per squared unit of the data. Exact for codes of up to 8 dimensions. For
    larger ones the estimate is ‖vᵀJ‖² for random normal v, whose expectation is the squared norm.

    Args:
        weight: factor in the objective.
        probes: the number of random v; None takes 1, or is exact for small codes.
    """

    reference = (
        "Rifai, Vincent, Muller, Glorot & Bengio 2011. Contractive auto-encoders: explicit invariance "
        "during feature extraction. ICML."
    )

    def __init__(self, *, weight: float = 0.1, probes: int | None = None) -> None:
        super().__init__()
        self.weight = within("weight", weight, 0)
        self.probes = probes if probes is None else int(within("probes", probes, 1, 1000))

    def bind(self, encoder: Encoder, bottleneck: Bottleneck) -> None:
        if encoder.mixes:
            raise InputError(
                "The penalty 'contractive' is the derivative of one example's code by that example, but in a "
                "graph codes depend on other nodes; choose another penalty."
            )
        if any(isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)) for layer in encoder.modules()):
            raise InputError(
                "The penalty 'contractive' is the derivative of one example's code by that example, but the "
                "encoder's batch normalisation mixes examples; remove it."
            )

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        z, pull_back, *_ = torch.func.vjp(encode, p.seen)
        n, d = z.shape
        if self.probes is None and d <= EXACT_DIMENSIONS:
            along = torch.eye(d, device=z.device, dtype=z.dtype)[:, None].expand(d, n, d)
            share = 1.0
        else:
            along = torch.randn(self.probes or 1, n, d, device=z.device, dtype=z.dtype)
            share = 1 / len(along)
        (rows,) = torch.vmap(pull_back)(along)
        return share * (rows**2).flatten(2).sum(dim=(0, 2))


class Mmd(Penalty):
    """The maximum mean discrepancy between the codes of a batch and the prior of the bottleneck.

    Without a prior, as for plain codes, it is the normal distribution N(0, I). E k(z, z') + E k(n, n') -
    2 E k(z, n) for codes z and samples n of the prior, each over pairs of different rows, with the sum of
    inverse multiquadratic kernels s·2d / (s·2d + ‖a - b‖²): 0 on average where the codes follow the prior.

    Args:
        weight: factor in the objective.
    """

    reference = "Tolstikhin, Bousquet, Gelly & Schölkopf 2018. Wasserstein auto-encoders. ICLR."

    def __init__(self, *, weight: float = 10.0) -> None:
        super().__init__()
        self.weight = within("weight", weight, 0)

    def bind(self, encoder: Encoder, bottleneck: Bottleneck) -> None:
        self.prior = bottleneck.prior
        if bottleneck.unit_interval and bottleneck.prior(1) is None:
            raise InputError(
                "The penalty 'mmd' compares codes with a normal distribution, but these are between 0 and 1; "
                "leave bottleneck.activation out."
            )

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        z = p.code.z.flatten(0, 1).flatten(1)
        drawn = self.prior(len(z))
        drawn = torch.randn_like(z) if drawn is None else drawn.to(z)
        n = max(2, len(z))
        within_each = sum((kernel(a, a).sum() - kernel(a, a).diagonal().sum()) for a in (z, drawn))
        return within_each / (n * (n - 1)) - 2 * kernel(z, drawn).mean()


def kernel(a: Tensor, b: Tensor) -> Tensor:
    """The sum of seven inverse multiquadratic kernels `(n, m)` between rows `a (n, d)` and `b (m, d)`."""
    squares = (a[:, None] - b[None]).square().sum(dim=2)
    scales = 2 * a.shape[1] * a.new_tensor([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
    return (scales / (scales + squares[..., None])).sum(dim=2)


PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
    "sparse-kl": SparseKl,
    "contractive": Contractive,
    "mmd": Mmd,
}
