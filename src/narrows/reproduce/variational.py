"""Inside a VAE: what β does to the noise in the code (K1), and how gradients pass it (K2)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.bottlenecks import Gaussian
from narrows.data.kinds import Array, Data
from narrows.data.scaling import choose
from narrows.fitting import Overrides, resolve
from narrows.model import Model
from narrows.registry import check_options
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat
from narrows.reproduce.tables import number, table
from narrows.rows import Rows
from narrows.run import Run, inference
from narrows.train import Training, train

BETAS = (0.0, 0.25, 1.0, 4.0)

PLAIN: Overrides = {"bottleneck": {"name": "plain", "latent_dim": 20}}
"""What makes Y5 an AE: the code as such, of as many numbers, without noise and similarity loss."""

SMALL_STEPS: Overrides = {"training": {"batch_size": 32}}

NOISE_OF_AN_AE = 0.01
"""The share of noise in the variance of the codes below which a VAE counts as an AE."""


class Moment(NamedTuple):
    """What a VAE is after an epoch.

    `sigma` is the mean σ over test images and code dimensions, `noise` the share of the variance of
    drawn codes that is noise; `reconstruction` and `kl` are nats per test image.
    """

    sigma: float
    noise: float
    reconstruction: float
    kl: float


def without_similarity_loss(lab: Lab) -> Finding:
    """σ, reconstruction and KL by epoch, for several β; and the AE of the same network."""
    data, epochs = lab.some(lab.digits, lab.pick(10_000, 500)), lab.pick(10, 20)
    story = {beta: watched(lab, data, beta, epochs) for beta in BETAS}
    ae = lab.fit("y5", data, overrides=PLAIN, epochs=epochs)
    far_below = lab.pick(0.1, 0.2)
    theirs = ae.history[-1]["validation"]["reconstruction"]
    ends = {beta: moments[-1] for beta, moments in story.items()}
    sigmas = [end.sigma for end in ends.values()]
    falls = sigmas == sorted(sigmas)
    measured = {
        "images": len(data),
        "epochs": epochs,
        **{
            f"{name}_at_beta_{beta:g}": getattr(end, name)
            for name in Moment._fields
            for beta, end in ends.items()
        },
        "sigma_falls_with_beta": falls,
        "wanted_share_of_sigma": far_below,
        "wanted_noise_at_beta_0": NOISE_OF_AN_AE,
    }
    none, whole = ends[0.0], ends[1.0]
    return Finding(
        measured,
        {"autoencoder_reconstruction": theirs},
        falls and none.sigma < far_below * whole.sigma and none.noise < NOISE_OF_AN_AE,
        f"After {epochs} epochs on {len(data):,} images the mean σ is "
        + ", ".join(f"{number(end.sigma)} at β = {beta:g}" for beta, end in ends.items())
        + f". Without the similarity loss noise makes up {number(100 * none.noise, 2)} % of the variance of the "
        f"codes (at β = 1: {number(100 * whole.noise, 2)} %), and the reconstruction costs "
        f"{number(none.reconstruction)} nats, that of an AE with the same network {number(theirs)}. "
        f"{'The' if falls else 'σ does not always fall with β; the'} reconstruction loss alone still lowers σ at "
        f"the end, slowly: what counts is σ beside the distances between codes, which it makes larger.",
        by_epoch(story),
    )


def watched(lab: Lab, data: Data, beta: float, epochs: int) -> list[Moment]:
    """Y5 with this β on all of `data`, seen before the training and after each epoch."""
    assert data.test is not None
    choice = choose(data.schema.arrange(data.array), data.schema)
    spec, training = resolve("y5", data, choice, None, {"bottleneck": {"beta": beta}})
    how = Training(**check_options("training", Training, {**training, "epochs": epochs}))
    config = {
        "spec": spec,
        "schema": data.schema.to_json(),
        "scaling": choice.scaling.to_json(),
        "density": {"components": 1},
    }
    with torch.random.fork_rng():
        torch.manual_seed(lab.seed)
        run = Run.from_config(config)
        rows, judged = (Rows(data.schema.arrange(part.array), run.scaling) for part in (data, data.test))
        return [
            Moment(*noise_of(run, data.test.array[:2000]), costs["reconstruction"], costs["kl"])
            for costs in (epoch.validation for epoch in train(run.objective, rows, judged, how))
        ]


def noise_of(run: Run, images: Array) -> tuple[float, float]:
    """The mean σ, and the share of the variance of drawn codes that is noise."""
    mean, sigma = posterior(run, images)
    noise = (sigma**2).mean(axis=0)
    return float(sigma.mean()), float(noise.sum() / (noise + mean.var(axis=0)).sum())


def posterior(run: Run, images: Array) -> tuple[Array, Array]:
    """μ and σ `(n, latent_dim)` of images of bytes."""
    bottleneck = run.model.bottleneck
    assert isinstance(bottleneck, Gaussian)
    with inference(run.model):
        x = torch.from_numpy(flat(images)).reshape(-1, *run.schema.model_shape)
        mean, log_var, _ = bottleneck.posterior(run.model.encoder(x, {}))
    return mean.numpy(), torch.exp(log_var / 2).numpy()


def by_epoch(story: Mapping[float, list[Moment]]) -> tuple[Figure, ...]:
    """σ, reconstruction and KL against epochs, a curve for each β."""

    def drawn(name: str, up: str, caption: str, log_y: bool) -> Figure:
        epochs = range(1, len(next(iter(story.values()))) + 1)
        curves = {
            f"β = {beta:g}": [getattr(moment, name) for moment in moments] for beta, moments in story.items()
        }
        return lines(list(epochs), curves, caption, across="epoch", up=up, log_y=log_y)

    return (
        drawn(
            "sigma",
            "mean σ",
            "The similarity loss wants noise: the larger β, the larger σ stays. Mean over test images and the "
            "20 code dimensions.",
            True,
        ),
        drawn(
            "reconstruction",
            "reconstruction in nats",
            "The reconstruction loss hates noise: the smaller β, the smaller it gets. Test images, codes drawn.",
            False,
        ),
        drawn(
            "kl",
            "KL in nats",
            "The similarity loss itself, unweighted: without it (β = 0) nothing keeps the codes near N(0, I).",
            True,
        ),
    )


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
    images = torch.from_numpy(flat(lab.digits.test.array[:8])).double()  # type: ignore[union-attr]
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
        lambda m, v: reconstruction(model, x, torch.normal(m, torch.exp(v / 2))), mean, log_var
    )
    passes = max(float(gradient.abs().max()) for gradient in blocked)
    draws = lab.pick(8192, 2048)
    estimates = [estimated(model, image, draws, generator) for image in x.split(1)]
    spreads = {name: spread([getattr(e, name) for e in estimates], estimates) for name in Estimates._fields}
    wanted = f"{CLOSE:g} of the gradients' root mean square"
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
        f"With z = μ + σ·ε and a fixed ε the gradients by μ and log σ² exist; the largest difference from finite "
        f"differences is {number(max(differences), 2)} of their root mean square, in float64 (wanted: below "
        f"{wanted}). Where z is drawn by torch.normal(μ, σ), the gradient of the reconstruction is "
        f"{number(passes)}: nothing passes. The score function needs no gradient through z, but one draw is off by "
        f"{number(spreads['score'], 2)} times the length of the gradient ({number(spreads['centred'], 2)} with a "
        f"baseline), a reparameterised one by {number(spreads['reparameterised'], 2)}.",
        (scatter_by_draws(estimates), gradient_table(lab, loss, mean, log_var, blocked)),
    )


def vae(lab: Lab) -> Run:
    """Y5 on all digits; in the quick table more and smaller steps, because there are few images."""
    if not lab.quick:
        return lab.fit("y5")
    return lab.fit("y5", overrides=SMALL_STEPS, epochs=30)


def parameters(model: Model, x: Tensor) -> tuple[Tensor, Tensor]:
    """μ and log σ² `(batch, latent_dim)` of `x`, as numbers to derive by."""
    assert isinstance(model.bottleneck, Gaussian)
    with torch.no_grad():
        mean, log_var, _ = model.bottleneck.posterior(model.encoder(x, {}))
    return mean, log_var


def drawn(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """z = μ + σ ε."""
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
    means = found[: len(found) // n * n].unflatten(0, (-1, n)).mean(dim=1)
    return float(((means - reference).square().sum(dim=1).mean() / reference.square().sum()).sqrt())


def spread(found: list[Tensor], estimates: list[Estimates], n: int = 1) -> float:
    """`off_by` of the median image, the reparameterised mean of all draws being the reference."""
    references = (e.reparameterised.mean(dim=0) for e in estimates)
    return float(np.median([off_by(f, r, n) for f, r in zip(found, references, strict=True)]))


def scatter_by_draws(estimates: list[Estimates]) -> Figure:
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
        "Error of the gradient by μ and log σ², relative to its length, by the number of draws averaged; median "
        "of eight test images. Training takes one draw: the trick is what makes that enough.",
        across="draws of ε",
        up="relative error of the gradient",
        log_x=True,
        log_y=True,
    )


def gradient_table(
    lab: Lab, loss: Loss, mean: Tensor, log_var: Tensor, blocked: tuple[Tensor, Tensor]
) -> Figure:
    """The first code dimensions of one image: gradient and finite difference side by side."""
    exact, found = gradients(loss, mean, log_var), finite_differences(loss, mean, log_var)
    rows = [
        (f"{name}, dimension {j + 1}", *(f"{float(part[i][0, j]):.6f}" for part in (exact, found)))
        + (number(float(blocked[i][0, j])),)
        for i, name in enumerate(("μ", "log σ²"))
        for j in range(3)
    ]
    return table(
        ("by", "autograd, z = μ + σ·ε", "finite differences", "autograd, z by torch.normal"),
        rows,
        "The gradient of the whole loss for the first test image, with ε held fixed; in the last column that of "
        "the reconstruction when z is drawn as such.",
    )


K1 = Entry(
    "K1",
    "a VAE without the similarity loss",
    "Trained only with the reconstruction loss the encoder becomes deterministic by setting std to zero: just an "
    "AE. The reconstruction loss hates noise; the similarity loss wants noise.",
    without_similarity_loss,
)

K2 = Entry(
    "K2",
    "reparameterisation trick",
    "Sampling blocks backpropagation; with z = μ + σ·ε, ε from N(0, I), gradients reach μ and σ.",
    reparameterisation,
)
