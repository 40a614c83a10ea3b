"""Lecture Y: the probability of an image as the sum over codes, estimated by sampling (K15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor

from narrows.core.records import Batch
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.model.build import Model
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least, mean_of
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number, table
from narrows.runs.inference import inference
from narrows.runs.run import Run

SMALL, LARGE = 2, 20
"""Latent dimensions: two, where the sum over codes can be computed, and those of Y5."""

DRAWS = 10_000
"""Codes that are drawn from the prior, and by the encoder for each image."""

REACH = 6.0
"""The grid of codes covers [-REACH, REACH] in both dimensions."""


class Estimates(NamedTuple):
    """Logarithms of p(x) in nats for each image, `(images,)`, and what they rest on.

    Attributes:
        prior: the mean of p(x | z) over codes drawn from N(0, I).
        encoder: the mean of p(x | z) p(z) / q(z | x) over codes drawn by the encoder.
        elbo: the mean of log p(x | z) p(z) / q(z | x) over the same codes.
        prior_ess: the effective number of codes, (Σ w)² / Σ w², of the first.
        encoder_ess: of the second.
        heaviest: the share of the first sum that one code has.
        by_draws: the mean over images of both estimates, by the number of codes.
    """

    prior: Array
    encoder: Array
    elbo: Array
    prior_ess: Array
    encoder_ess: Array
    heaviest: Array
    by_draws: Mapping[str, Mapping[int, float]]


def marginal(lab: Lab) -> Finding:
    """Both estimates of p(x) for black-and-white test images, beside a grid over codes of 2 dimensions."""
    data = black_and_white(lab.first(lab.digits, lab.pick(10_000, 2000)))
    x = flat(data.held_out.array)[: lab.pick(50, 40)]
    runs = {d: lab.fit("y5", data, latent_dim=d, epochs=lab.pick(20, 10)) for d in (SMALL, LARGE)}
    found = {d: estimates(run, x, lab.pick(DRAWS, 2000), lab.seed) for d, run in runs.items()}
    exact = by_grid(runs[SMALL], x, lab.pick(401, 241))
    small, large = found[SMALL], found[LARGE]
    return Finding(
        {
            f"{name}_{d}_dimensions": float(np.mean(getattr(each, name)))
            for d, each in found.items()
            for name in ("prior", "encoder", "elbo", "prior_ess", "encoder_ess")
        },
        {f"grid_{SMALL}_dimensions": float(exact.mean())},
        checks(small, large, exact),
        sentence(found, exact, lab.pick(DRAWS, 2000)),
        (by_draws(large), ess_table(found)),
    )


def checks(small: Estimates, large: Estimates, exact: Array) -> tuple[Check, ...]:
    """The encoder comes nearer to the sum than the prior, whose estimate is too low in many dimensions."""
    missing = mean_of((large.encoder - large.prior).tolist())
    return (
        at_least(
            f"nats that the encoder's estimate is nearer to the sum over a grid, {SMALL} dimensions",
            mean_of((np.abs(small.prior - exact) - np.abs(small.encoder - exact)).tolist()),
            0,
            "the estimate by the prior",
        ),
        at_least(
            f"nats of the estimate by the encoder above the ELBO, {LARGE} dimensions",
            mean_of((large.encoder - large.elbo).tolist()),
            0,
            "the ELBO of the same codes",
        ),
        at_least(
            f"nats by which sampling the prior is too low, {LARGE} dimensions",
            missing,
            1,
            "a factor of e",
        ),
        at_least(
            f"share of the sum that one code of the prior has, {LARGE} dimensions",
            mean_of(large.heaviest.tolist()),
            0.5,
            "half",
        ),
    )


def sentence(found: Mapping[int, Estimates], exact: Array, draws: int) -> str:
    small, large = found[SMALL], found[LARGE]
    return (
        f"With {SMALL} latent dimensions the sum over a grid of codes gives log p(x) = {nats(exact)} nats in "
        f"the mean; {draws:,} codes of the encoder give {nats(small.encoder)}, and as many of the prior "
        f"{nats(small.prior)}.\nWith {LARGE} dimensions they give {nats(large.encoder)} and "
        f"{nats(large.prior)}: the weight is that of {number(float(np.median(large.encoder_ess)))} codes of "
        f"the encoder, and of {number(float(np.median(large.prior_ess)))} of the prior. Without the encoder "
        f"hardly a code is drawn that the image could come from. The ELBO is {nats(large.elbo)}."
    )


def nats(values: Array) -> str:
    return number(float(values.mean()), 4)


def black_and_white(data: Data) -> Data:
    """`data` with pixels of 0 and 255 only, of which p(x | z) is a probability."""

    def of(part: Data) -> Data:
        values = np.where(part.array > 127, 255, 0).astype(np.uint8)
        return replace(part, source=InMemory(values), name=f"{part.name}, black and white")

    return replace(of(data), test=of(data.held_out))


def estimates(run: Run, x: Array, draws: int, seed: int) -> Estimates:
    """Both estimates for images `x (n, values)` of 0 and 1."""
    rng = np.random.default_rng(seed)
    prior = log_likelihoods(run, x, rng.standard_normal((draws, run.model.code_size)))
    mean, std = posterior(run, x)
    noise = rng.standard_normal((len(x), draws, run.model.code_size))
    z = mean[:, None] + std[:, None] * noise
    ratio = 0.5 * (noise**2 - z**2).sum(axis=2) + np.log(std).sum(axis=1)[:, None]  # log p(z) / q(z | x)
    encoder = ratio + np.stack([log_likelihoods(run, x[i : i + 1], z[i])[0] for i in range(len(x))])
    steps = [draws // 4**k for k in range(5)][::-1]
    by = {
        name: {n: float(log_mean(weights[:, :n]).mean()) for n in steps}
        for name, weights in (("prior", prior), ("encoder", encoder))
    }
    counts, heaviest = (ess(prior), ess(encoder)), np.exp(prior.max(axis=1) - logsumexp(prior, axis=1))
    return Estimates(log_mean(prior), log_mean(encoder), encoder.mean(axis=1), *counts, heaviest, by)


def log_mean(weights: Array) -> Array:
    """The logarithm of the mean of weights `(n, draws)`, given as logarithms."""
    return np.asarray(logsumexp(weights, axis=1) - np.log(weights.shape[1]))


def ess(weights: Array) -> Array:
    """The effective number of draws, (Σ w)² / Σ w², of weights `(n, draws)`, given as logarithms."""
    return np.asarray(np.exp(2 * logsumexp(weights, axis=1) - logsumexp(2 * weights, axis=1)))


def log_likelihoods(run: Run, x: Array, z: Array) -> Array:
    """Log p(x | z) of images `x (n, values)` of 0 and 1 for codes `z (draws, d)`, `(n, draws)`."""
    images, codes = (torch.as_tensor(each, dtype=torch.float32) for each in (x, z))
    with inference(run.model) as model:
        pieces = [of_logits(images, logits(model, piece)) for piece in torch.split(codes, 5000)]
        return np.asarray(torch.cat(pieces, 1).double().numpy())


def logits(model: Model, z: Tensor) -> Tensor:
    """The logits of the pixels `(draws, values)` that are decoded from `z (draws, d)`."""
    decoded: Tensor = model.decoder(torch.unflatten(z, 1, model.bottleneck.code_shape), (), {})
    return decoded.flatten(1)


def of_logits(images: Tensor, o: Tensor) -> Tensor:
    """Σ x log p + (1 − x) log(1 − p) with p = sigmoid(o), `(n, draws)`."""
    return images @ o.T - torch.nn.functional.softplus(o).sum(1)


def posterior(run: Run, x: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of q(z | x), `(n, d)` each, float64."""
    batch = Batch(torch.unflatten(torch.as_tensor(x, dtype=torch.float32), 1, run.schema.model_shape))
    with inference(run.model) as model:
        features = model.encoder(batch.x, batch.context)
        variance = model.bottleneck.uncertainty(features)
        mean = model.bottleneck.encode(features, batch.context)
    return mean.double().numpy(), variance.sqrt().double().numpy()


def by_grid(run: Run, x: Array, side: int) -> Array:
    """Log p(x), `(n,)`, as the sum of p(x | z) p(z) over `side` times `side` codes of 2 dimensions."""
    axis = np.linspace(-REACH, REACH, side)
    parts = []
    for first in axis:
        z = np.column_stack([np.full(side, first), axis])
        parts.append(logsumexp(log_likelihoods(run, x, z) - 0.5 * (z**2).sum(axis=1), axis=1))
    step = axis[1] - axis[0]
    return np.asarray(logsumexp(np.stack(parts), axis=0) + 2 * np.log(step) - np.log(2 * np.pi))


def by_draws(found: Estimates) -> Figure:
    """Both estimates by the number of codes."""
    n = list(found.by_draws["prior"])
    curves = {name: list(of.values()) for name, of in found.by_draws.items()}
    return lines(
        n,
        curves,
        f"log p(x), the mean over test images, by the number of codes, with {LARGE} latent dimensions: "
        "codes drawn from the prior, and by the encoder, weighted by p(z) / q(z | x).",
        across="codes",
        up="log p(x) in nats",
        log_x=True,
    )


def ess_table(found: Mapping[int, Estimates]) -> Figure:
    rows = (
        (
            f"{d} dimensions",
            number(each.elbo.mean(), 4),
            number(each.encoder.mean(), 4),
            number(each.prior.mean(), 4),
            number(float(np.median(each.encoder_ess))),
            number(float(np.median(each.prior_ess))),
        )
        for d, each in found.items()
    )
    return table(
        (
            "",
            "ELBO",
            "by the encoder",
            "by the prior",
            "codes that count, encoder",
            "codes that count, prior",
        ),
        rows,
        "log p(x) in nats, the mean over test images, and the effective number of codes, (Σ w)² / Σ w², "
        "the median.",
    )


K15 = Entry(
    "K15",
    "the probability of an image as a sum over codes",
    "The probability of an image is decoder times latent distribution, summed; the encoder gives "
    "p(Z | X), the codes that an image can come from.",
    marginal,
)

ENTRIES: tuple[Entry, ...] = (K15,)
