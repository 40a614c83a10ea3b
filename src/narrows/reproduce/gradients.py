"""How gradients pass a code that is drawn: the reparameterisation trick (K2)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.build import Model
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat
from narrows.reproduce.tables import number, table
from narrows.reproduce.variational import vae

STEP = 1e-5
"""Of the finite differences, to either side."""

CLOSE = 1e-5
"""How far gradient and finite difference may be apart, relative to the gradients' root mean square."""


class Estimates(NamedTuple):
    """Estimates `(draws, 2 · latent_dim)` of one gradient, one for each noise drawn."""

    reparameterised: Tensor
    score: Tensor
    centred: Tensor


def reparameterisation(lab: Lab) -> Finding:
    """Gradients by μ and log σ² against finite differences, and against other ways to have them."""
    run = vae(lab)
    model = copy.deepcopy(run.model).double()
    images = torch.from_numpy(flat(lab.digits.held_out.array[:4])).double()
    x = images.reshape(-1, *run.schema.model_shape)
    generator = torch.Generator().manual_seed(lab.seed)
    mean, log_var = parameters(model, x)
    noise = torch.randn(mean.shape, generator=generator, dtype=torch.float64)

    def loss(mean: Tensor, log_var: Tensor) -> Tensor:
        return reconstruction(model, x, drawn(mean, log_var, noise)) + kl(mean, log_var)

    differences = [
        float((exact - found).abs().max() / exact.square().mean().sqrt())
        for exact, found in zip(
            gradients(loss, mean, log_var), finite_differences(loss, mean, log_var), strict=True
        )
    ]
    blocked = gradients(
        lambda m, v: reconstruction(model, x, torch.normal(m, torch.exp(v / 2), generator=generator)),
        mean,
        log_var,
    )
    passes = max(float(gradient.abs().max()) for gradient in blocked)
    draws = lab.pick(4096, 1024)
    estimates = [estimated(model, image, draws, generator) for image in torch.split(x, 1)]
    spreads = {name: spread([getattr(e, name) for e in estimates], estimates) for name in Estimates._fields}
    return Finding(
        {
            "largest_difference_mean": differences[0],
            "largest_difference_log_var": differences[1],
            "wanted_difference": CLOSE,
            "spread_reparameterised": spreads["reparameterised"],
            "draws": draws,
        },
        {
            "gradient_without_reparameterisation": passes,
            "spread_score_function": spreads["score"],
            "spread_score_function_with_baseline": spreads["centred"],
        },
        max(differences) < CLOSE and passes == 0,
        "With z = μ + σ·ε and a fixed ε the gradients by μ and log σ² exist; the largest difference from "
        f"finite differences is {number(max(differences), 2)} of their root mean square, in float64 (wanted: "
        f"below {CLOSE:g}). Where z is drawn by torch.normal(μ, σ), the gradient of the reconstruction is "
        f"{number(passes)}: nothing passes. The score function needs no gradient through z, but one draw is "
        f"off by {number(spreads['score'])} times the length of the gradient "
        f"({number(spreads['centred'], 2)} with a baseline), a reparameterised one by "
        f"{number(spreads['reparameterised'], 2)}.",
        (errors_by_draws(estimates), gradient_table(loss, mean, log_var, blocked)),
    )


def parameters(model: Model, x: Tensor) -> tuple[Tensor, Tensor]:
    """μ and log σ² `(batch, latent_dim)` of `x`, as numbers to derive by."""
    assert isinstance(model.bottleneck, Gaussian)
    with torch.no_grad():
        mean, log_var, _ = model.bottleneck.posterior(model.encoder(x, {}))
    return mean, log_var


def drawn(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """A code z = μ + σ ε."""
    return mean + torch.exp(log_var / 2) * noise


def reconstruction(model: Model, x: Tensor, z: Tensor) -> Tensor:
    """The loss `(batch,)` of `x` decoded from `z`, in nats."""
    return model.loss.each(model.decoder(z, (), {})[None], x).flatten(2).sum(2)[0]


def kl(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, I)) `(batch,)`, in nats."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(dim=1)


Loss = Callable[[Tensor, Tensor], Tensor]
"""Of μ and log σ² `(batch, latent_dim)`, each example by itself `(batch,)`."""


def gradients(loss: Loss, mean: Tensor, log_var: Tensor) -> tuple[Tensor, Tensor]:
    """∂loss/∂μ and ∂loss/∂log σ² of each example, by autograd."""
    mean, log_var = (part.clone().requires_grad_() for part in (mean, log_var))
    by_mean, by_log_var = torch.autograd.grad(loss(mean, log_var).sum(), (mean, log_var))
    return by_mean, by_log_var


@torch.no_grad()
def finite_differences(loss: Loss, mean: Tensor, log_var: Tensor) -> tuple[Tensor, Tensor]:
    """The same by (loss(p + h) - loss(p - h)) / 2h, one dimension after the other."""
    steps = STEP * torch.eye(mean.shape[1], dtype=mean.dtype)
    by_mean = [loss(mean + h, log_var) - loss(mean - h, log_var) for h in steps]
    by_log_var = [loss(mean, log_var + h) - loss(mean, log_var - h) for h in steps]
    return torch.stack(by_mean, 1) / (2 * STEP), torch.stack(by_log_var, 1) / (2 * STEP)


def estimated(model: Model, x: Tensor, draws: int, generator: torch.Generator) -> Estimates:
    """Of one image: ∂E[reconstruction]/∂(μ, log σ²) from single draws.

    Reparameterised ∂R/∂z · ∂z/∂(μ, log σ²); by the score function R · ∂log q(z)/∂(μ, log σ²)
    (Williams 1992, REINFORCE), also with the mean R taken off.
    """
    mean, log_var = parameters(model, x)
    noise = torch.randn(draws, mean.shape[1], generator=generator, dtype=mean.dtype)
    z = drawn(mean, log_var, noise).requires_grad_()
    cost = reconstruction(model, x, z)
    (slope,) = torch.autograd.grad(cost.sum(), z)
    cost, sigma = cost.detach()[:, None], torch.exp(log_var / 2)
    score = torch.cat([noise / sigma, (noise**2 - 1) / 2], dim=1)
    path = torch.cat([slope, slope * sigma * noise / 2], dim=1)
    return Estimates(path, cost * score, (cost - cost.mean()) * score)


def off_by(found: Tensor, reference: Tensor, n: int) -> float:
    """Root mean square error of the mean of `n` draws, relative to the length of the gradient."""
    means = found[: len(found) // n * n].reshape(-1, n, found.shape[1]).mean(dim=1)
    return float(((means - reference).square().sum(dim=1).mean() / reference.square().sum()).sqrt())


def spread(found: list[Tensor], estimates: list[Estimates], n: int = 1) -> float:
    """`off_by` of the median image, the reparameterised mean of all draws being the reference."""
    references = (e.reparameterised.mean(dim=0) for e in estimates)
    return float(np.median([off_by(f, r, n) for f, r in zip(found, references, strict=True)]))


def errors_by_draws(estimates: list[Estimates]) -> Figure:
    """How far the mean of so many draws is off, for each way to estimate."""
    draws = [4**k for k in range(5)]
    names = {
        "reparameterised": "reparameterised",
        "centred": "score, with baseline",
        "score": "score function",
    }
    curves = {
        said: [spread([getattr(e, name) for e in estimates], estimates, n) for n in draws]
        for name, said in names.items()
    }
    return lines(
        draws,
        curves,
        "Error of the gradient by μ and log σ², relative to its length, by the number of draws averaged; "
        "median of four test images. Training takes one draw: the trick is what makes that enough.",
        across="draws of ε",
        up="relative error of the gradient",
        log_x=True,
        log_y=True,
    )


def gradient_table(loss: Loss, mean: Tensor, log_var: Tensor, blocked: tuple[Tensor, Tensor]) -> Figure:
    """The first code dimensions of one image: gradient and finite difference side by side."""
    exact, found = gradients(loss, mean, log_var), finite_differences(loss, mean, log_var)
    rows = [
        (f"{name}, dimension {j + 1}", *(number(float(p[i][0, j]), 6) for p in (exact, found, blocked)))
        for i, name in enumerate(("μ", "log σ²"))
        for j in range(3)
    ]
    return table(
        ("by", "autograd, z = μ + σ·ε", "finite differences", "autograd, z by torch.normal"),
        rows,
        "The gradient of the whole loss for the first test image, with ε held fixed; in the last column that "
        "of the reconstruction when z is drawn as such.",
    )


K2 = Entry(
    "K2",
    "reparameterisation trick",
    "Sampling blocks backpropagation; with z = μ + σ·ε, ε from N(0, I), gradients reach μ and σ.",
    reparameterisation,
)
