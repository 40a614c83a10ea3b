"""Gradients through a sampled code: the reparameterisation trick (K2)."""

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
from narrows.reproduce.findings import Figure, Finding, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.latent_models import vae
from narrows.reproduce.tables import number, table

STEP = 1e-5
"""The step h of the central finite differences."""

LARGEST_DIFFERENCE = 1e-5
"""The largest difference of gradient and finite difference, relative to the gradient's root mean square."""

Loss = Callable[[Tensor, Tensor], Tensor]
"""Of μ and log σ² `(batch, latent_dim)`; the loss of each example `(batch,)`."""

Pair = tuple[Tensor, Tensor]
"""Derivatives by μ and by log σ², each `(batch, latent_dim)`."""


class Setting(NamedTuple):
    """A VAE in float64, test images `(batch, …)`, and μ and log σ² of their posteriors."""

    model: Model
    x: Tensor
    mean: Tensor
    log_var: Tensor


class Derivatives(NamedTuple):
    """Derivatives of the loss in three ways.

    Attributes:
        exact: by autograd, with z = μ + σ·ε and a fixed ε.
        numeric: by finite differences of the same loss.
        blocked: of the reconstruction by autograd, with z drawn by torch.normal.
    """

    exact: Pair
    numeric: Pair
    blocked: Pair

    def differences(self) -> list[float]:
        """For μ and log σ²: the largest |exact - numeric|, relative to the root mean square of exact."""
        pairs = zip(self.exact, self.numeric, strict=True)
        return [float((a - b).abs().max() / a.square().mean().sqrt()) for a, b in pairs]

    def largest_blocked(self) -> float:
        return max(float(gradient.abs().max()) for gradient in self.blocked)


class Estimates(NamedTuple):
    """Estimates `(draws, 2 · latent_dim)` of one gradient, one for each draw of ε."""

    reparameterised: Tensor
    score: Tensor
    baseline: Tensor


def reparameterisation(lab: Lab) -> Finding:
    """Gradients by μ and log σ² compared with finite differences and with other estimators."""
    generator, draws = torch.Generator().manual_seed(lab.seed), lab.pick(4096, 1024)
    setting = prepare(lab)
    derivatives = derive(setting, generator)
    estimates = [estimate(setting.model, image, draws, generator) for image in torch.split(setting.x, 1)]
    errors = {name: relative_error(estimates, name) for name in Estimates._fields}
    differences, blocked = derivatives.differences(), derivatives.largest_blocked()
    return Finding(
        {
            "largest_difference_mean": differences[0],
            "largest_difference_log_var": differences[1],
            "threshold_difference": LARGEST_DIFFERENCE,
            "relative_error_reparameterised": errors["reparameterised"],
            "draws": draws,
        },
        {
            "gradient_without_reparameterisation": blocked,
            "relative_error_score_function": errors["score"],
            "relative_error_score_function_with_baseline": errors["baseline"],
        },
        (
            at_most(
                "largest difference from finite differences, relative",
                max(differences),
                LARGEST_DIFFERENCE,
                "rounding in float64",
            ),
            at_most("largest gradient without reparameterisation", blocked, 0, "no gradient passes"),
        ),
        sentence(max(differences), blocked, errors),
        (errors_by_draws(estimates), gradient_table(derivatives)),
    )


def prepare(lab: Lab) -> Setting:
    """Y5 in float64 on four test images."""
    run = vae(lab)
    model = copy.deepcopy(run.model).double()
    images = torch.from_numpy(flat(lab.digits.held_out.array[:4])).double()
    x = images.reshape(-1, *run.schema.model_shape)
    return Setting(model, x, *parameters(model, x))


def derive(setting: Setting, generator: torch.Generator) -> Derivatives:
    """The derivatives of the loss in three ways."""
    model, x, mean, log_var = setting
    noise = torch.randn(mean.shape, generator=generator, dtype=torch.float64)

    def loss(mean: Tensor, log_var: Tensor) -> Tensor:
        return reconstruction(model, x, reparameterise(mean, log_var, noise)) + kl(mean, log_var)

    def sampled(mean: Tensor, log_var: Tensor) -> Tensor:
        return reconstruction(model, x, torch.normal(mean, torch.exp(log_var / 2), generator=generator))

    return Derivatives(
        gradients(loss, mean, log_var),
        finite_differences(loss, mean, log_var),
        gradients(sampled, mean, log_var),
    )


def parameters(model: Model, x: Tensor) -> Pair:
    """μ and log σ² `(batch, latent_dim)` of `x`, without gradients."""
    assert isinstance(model.bottleneck, Gaussian)
    with torch.no_grad():
        mean, log_var, _ = model.bottleneck.posterior(model.encoder(x, {}))
    return mean, log_var


def reparameterise(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Z = μ + σ ε."""
    return mean + torch.exp(log_var / 2) * noise


def reconstruction(model: Model, x: Tensor, z: Tensor) -> Tensor:
    """The reconstruction loss `(batch,)` of `x` decoded from `z`, in nats."""
    return model.loss.each(model.decoder(z, (), {})[None], x).flatten(2).sum(2)[0]


def kl(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, I)) `(batch,)`, in nats."""
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(dim=1)


def gradients(loss: Loss, mean: Tensor, log_var: Tensor) -> Pair:
    """∂loss/∂μ and ∂loss/∂log σ² of each example, by autograd."""
    mean, log_var = (part.clone().requires_grad_() for part in (mean, log_var))
    by_mean, by_log_var = torch.autograd.grad(loss(mean, log_var).sum(), (mean, log_var))
    return by_mean, by_log_var


@torch.no_grad()
def finite_differences(loss: Loss, mean: Tensor, log_var: Tensor) -> Pair:
    """The same by (loss(p + h) - loss(p - h)) / 2h, one dimension at a time."""
    steps = STEP * torch.eye(mean.shape[1], dtype=mean.dtype)
    by_mean = [loss(mean + h, log_var) - loss(mean - h, log_var) for h in steps]
    by_log_var = [loss(mean, log_var + h) - loss(mean, log_var - h) for h in steps]
    return torch.stack(by_mean, 1) / (2 * STEP), torch.stack(by_log_var, 1) / (2 * STEP)


def estimate(model: Model, x: Tensor, draws: int, generator: torch.Generator) -> Estimates:
    """∂E[reconstruction]/∂(μ, log σ²) of one image, estimated from single draws.

    Reparameterised: ∂R/∂z · ∂z/∂(μ, log σ²). By the score function: R · ∂log q(z)/∂(μ, log σ²)
    (Williams 1992, REINFORCE), also with the mean of R as a baseline.
    """
    mean, log_var = parameters(model, x)
    noise = torch.randn(draws, mean.shape[1], generator=generator, dtype=mean.dtype)
    z = reparameterise(mean, log_var, noise).requires_grad_()
    cost = reconstruction(model, x, z)
    (slope,) = torch.autograd.grad(cost.sum(), z)
    cost, sigma = cost.detach()[:, None], torch.exp(log_var / 2)
    score = torch.cat([noise / sigma, (noise**2 - 1) / 2], dim=1)
    path = torch.cat([slope, slope * sigma * noise / 2], dim=1)
    return Estimates(path, cost * score, (cost - cost.mean()) * score)


def relative_error(estimates: list[Estimates], name: str, n: int = 1) -> float:
    """The relative error of the mean of `n` estimates called `name`, the median over images.

    The reference is the mean of all reparameterised estimates.
    """
    references = (e.reparameterised.mean(dim=0) for e in estimates)
    pairs = zip((getattr(e, name) for e in estimates), references, strict=True)
    return float(np.median([relative_rms(single, reference, n) for single, reference in pairs]))


def relative_rms(single: Tensor, reference: Tensor, n: int) -> float:
    """Root mean square error of the mean of `n` draws, relative to the length of the gradient."""
    means = single[: len(single) // n * n].reshape(-1, n, single.shape[1]).mean(dim=1)
    return float(((means - reference).square().sum(dim=1).mean() / reference.square().sum()).sqrt())


def sentence(difference: float, blocked: float, errors: dict[str, float]) -> str:
    return (
        "With z = μ + σ·ε and a fixed ε the gradients by μ and log σ² exist. Their largest difference from "
        f"finite differences is {number(difference, 2)} of their root mean square, in float64 (threshold: "
        f"{LARGEST_DIFFERENCE:g}). If z is drawn by torch.normal(μ, σ), the gradient of the reconstruction "
        f"is {number(blocked)}. The score function estimates the gradient without a gradient through z. The "
        f"relative error of an estimate from one draw is {number(errors['score'])} with the score function, "
        f"{number(errors['baseline'], 2)} with the score function and a baseline, and "
        f"{number(errors['reparameterised'], 2)} with reparameterisation."
    )


ESTIMATORS = {
    "reparameterised": "reparameterised",
    "baseline": "score, with baseline",
    "score": "score function",
}
"""The estimators, and their names in the figure."""


def errors_by_draws(estimates: list[Estimates]) -> Figure:
    """The relative error of the mean of n draws, for each estimator."""
    draws = [4**k for k in range(5)]
    curves = {
        label: [relative_error(estimates, name, n) for n in draws] for name, label in ESTIMATORS.items()
    }
    return lines(
        draws,
        curves,
        "Error of the gradient by μ and log σ², relative to its length, when the estimates of several draws "
        "are averaged; median over four test images. Training uses one draw per example.",
        across="draws of ε",
        up="relative error of the gradient",
        log_x=True,
        log_y=True,
    )


def gradient_table(derivatives: Derivatives) -> Figure:
    """The first three latent dimensions of one image, by the three ways."""
    rows = [
        (f"{name}, dimension {j + 1}", *(number(float(pair[i][0, j]), 6) for pair in derivatives))
        for i, name in enumerate(("μ", "log σ²"))
        for j in range(3)
    ]
    return table(
        ("by", "autograd, z = μ + σ·ε", "finite differences", "autograd, z by torch.normal"),
        rows,
        "The gradient of the loss for the first test image, with a fixed ε. The last column is the gradient "
        "of the reconstruction when z is drawn by torch.normal.",
    )


K2 = Entry(
    "K2",
    "reparameterisation trick",
    "Sampling blocks backpropagation; with z = μ + σ·ε, ε from N(0, I), gradients reach μ and σ.",
    reparameterisation,
)
