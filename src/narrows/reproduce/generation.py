"""Samples: does a VAE generate (K7), and where are its codes to be drawn (K10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.data.schema import Array
from narrows.reproduce.drawings import lines, strip, wall
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, decode, flat
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.variational import PLAIN, SMALL_STEPS, posterior, vae
from narrows.runs.run import Run

SHOWN = 48
"""Samples on a wall."""


def ae(lab: Lab) -> Run:
    """The network of Y5 with the code as such: as many numbers, no noise, no similarity loss."""
    if not lab.quick:
        return lab.fit("y5", overrides=PLAIN)
    return lab.fit("y5", overrides={**PLAIN, **SMALL_STEPS}, epochs=25)


def like(codes: Array, n: int, rng: np.random.Generator) -> Array:
    """`n` draws of the normal distribution with the mean and covariance of `codes`."""
    return rng.multivariate_normal(codes.mean(axis=0), np.cov(codes, rowvar=False), n, method="eigh")


def frechet(a: Array, b: Array) -> float:
    """Of normal distributions with the moments of `a` and `b (n, features)`.

    ‖m₁ - m₂‖² + tr(C₁ + C₂ - 2 (C₁C₂)^½), as for the FID (Heusel et al. 2017, NeurIPS).
    """
    first, second = (np.atleast_2d(np.cov(part, rowvar=False)) for part in (a, b))
    root = square_root(first)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    apart = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(apart + np.trace(first) + np.trace(second) - 2 * shared)


def square_root(covariance: Array) -> Array:
    """The symmetric matrix whose square is `covariance`."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


class Judgement(NamedTuple):
    """What samples are worth.

    `distance` is the Fréchet distance of their features from those of the training images, relative to
    the variance of the latter, summed over features; `realism` the share of samples among real
    images, `variety` the share of real images among the samples.
    """

    distance: float
    realism: float
    variety: float


class Judge:
    """How far images are from the training images, by the features of a classifier of the digits.

    The features are the 64 numbers of its penultimate layer; with them the Fréchet distance counts
    what tells digits apart, and not every pixel.
    """

    def __init__(self, lab: Lab) -> None:
        data = lab.first(lab.digits, 20_000)
        assert data.labels is not None
        with torch.random.fork_rng():
            torch.manual_seed(lab.seed)
            self.features = nn.Sequential(
                *(nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU()),
                *(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()),
                *(nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU()),
            )
            head = nn.Linear(64, 10)
            images = shaped(flat(data.array))
            learn_classes(nn.Sequential(self.features, head), images, data.labels, lab.pick(4, 12))
        self.reference = self.seen(flat(data.array))
        self.variance = float(self.reference.var(axis=0).sum())
        said = head(torch.from_numpy(self.seen(flat(data.held_out.array)))).argmax(dim=1).numpy()
        self.accuracy = float(np.mean(said == data.held_out.labels))

    @torch.no_grad()
    def seen(self, images: Array) -> Array:
        """Features `(n, 64)` of images `(n, 784)` in [0, 1]."""
        pieces = torch.split(shaped(images), 1000)
        return torch.cat([self.features(piece) for piece in pieces]).numpy()

    def judged(self, images: Array) -> Judgement:
        """What it makes of images `(n, 784)` in [0, 1]; realism and variety of at most 3000 of them."""
        found, n = self.seen(images), min(3000, len(images))
        distance = frechet(found, self.reference) / self.variance
        some, real = found[:n], self.reference[:n]
        return Judgement(distance, within_reach(some, real), within_reach(real, some))


def within_reach(points: Array, others: Array) -> float:
    """The share of `points` nearer to one of `others (n, features)` than its third neighbour among them.

    Precision and recall of Kynkäänniemi et al. 2019, NeurIPS.
    """
    a, b = torch.from_numpy(points), torch.from_numpy(others)
    radius = torch.cdist(b, b).kthvalue(4, dim=1).values  # the first is the point itself
    return float((torch.cdist(a, b) <= radius).any(dim=1).float().mean())


def shaped(images: Array) -> Tensor:
    """Images `(n, 1, 28, 28)` from their rows."""
    return torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, 28, 28)


def learn_classes(net: nn.Module, x: Tensor, labels: Array, epochs: int) -> None:
    """Teach `net` the labels of `x` by cross-entropy: Adam, 1e-3, batches of 64."""
    y, optimizer = torch.from_numpy(labels.astype(np.int64)), torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(epochs):
        for index in torch.split(torch.randperm(len(x)), 64):
            optimizer.zero_grad()
            functional.cross_entropy(net(x[index]), y[index]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()


FITTED = "AE, normal fitted to its codes"

FEWER = 0.5
"""The VAE's distance has to be below this share of the AE's."""


def generates(lab: Lab) -> Finding:
    """Samples from N(0, I) through the decoders of Y5 and of an AE with the same network."""
    judge, data, rng = Judge(lab), lab.digits, np.random.default_rng(lab.seed)
    n, variational, plain = len(data.held_out), vae(lab), ae(lab)
    normal = rng.standard_normal((n, variational.model.code_size))
    pca, _ = lab.pca(data, variational.model.code_size)
    scores = (flat(data.array) - pca.mean) @ pca.directions.T
    samples = {
        "real test images": flat(data.held_out.array),
        "VAE, N(0, I)": decode(variational, normal),
        "AE, N(0, I)": decode(plain, normal),
        FITTED: decode(plain, like(plain.encode(data.array), n, rng)),
        "PCA, normal fitted to its codes": np.clip(like(scores, n, rng) @ pca.directions + pca.mean, 0, 1),
    }
    found = {name: judge.judged(images) for name, images in samples.items()}
    real, ours, theirs, fitted, linear = (judgement.distance for judgement in found.values())
    first = "less" if fitted < ours else "more"
    return Finding(
        {
            "vae": ours,
            "vae_realism": found["VAE, N(0, I)"].realism,
            "vae_variety": found["VAE, N(0, I)"].variety,
            "wanted_share": FEWER,
            "samples": n,
        },
        {
            "autoencoder": theirs,
            "autoencoder_realism": found["AE, N(0, I)"].realism,
            "autoencoder_variety": found["AE, N(0, I)"].variety,
            "real_test_images": real,
            "autoencoder_fitted_normal": fitted,
            "autoencoder_fitted_normal_realism": found[FITTED].realism,
            "pca_fitted_normal": linear,
            "classifier_accuracy": judge.accuracy,
        },
        ours < FEWER * theirs,
        f"Decoded from N(0, I), {n:,} samples of the VAE are at a Fréchet distance of {number(ours)} from "
        f"the training images, those of the AE with the same network at {number(theirs)}; as many real test "
        f"images at {number(real)}. The AE's codes lie elsewhere: drawn from a normal distribution with "
        f"their mean and covariance, its samples are at {number(fitted)}, {first} than the VAE's; "
        f"{percent(found[FITTED].realism)} of them are as near to a real image as real ones are to each "
        f"other, of the VAE's {percent(found['VAE, N(0, I)'].realism)}. PCA's, drawn so, are at "
        f"{number(linear)}.",
        (
            *(
                wall(
                    images_of(samples[f"{name}, N(0, I)"]),
                    12,
                    f"{SHOWN} samples of the {name}, from N(0, I).",
                )
                for name in ("VAE", "AE")
            ),
            strip(
                {name: images_of(samples[name])[:10] for name in samples},
                "The first ten of each kind, and real test images.",
            ),
            judgements(found, judge),
        ),
    )


def images_of(rows: Array, n: int = SHOWN) -> Array:
    """The first `n` of `rows` as images."""
    return rows[:n].reshape(-1, 28, 28)


def judgements(found: Mapping[str, Judgement], judge: Judge) -> Figure:
    """A row for each kind of samples."""
    return table(
        ("samples", "Fréchet distance", "realism", "variety"),
        ((name, number(v.distance), percent(v.realism), percent(v.variety)) for name, v in found.items()),
        "Samples beside training images, in the 64 features of a small classifier trained for this on at "
        f"most 20,000 images ({percent(judge.accuracy)} right on the test images). The Fréchet distance "
        "compares mean and covariance, relative to the variance of the training images' features; realism is "
        "the share of samples as near to a real image as its third neighbour, variety the share of real "
        "images as near to a sample. There are as many samples as test images, and real test images show "
        "what can be reached.",
    )


EIGENVALUES = (0.8, 1.25)
"""Where the eigenvalues of the aggregate posterior's covariance have to lie."""

NEAR = 0.1
"""How large a Wasserstein distance from N(0, 1) may be, along the axes of the code, in its deviations."""


class Aggregate(NamedTuple):
    """How far codes `z` are from N(0, I).

    `eigenvalues` are of their covariance; the others are Wasserstein-1 distances: over random
    directions and over the code's axes the means, and of the lengths |z|.
    """

    eigenvalues: Array
    sliced: float
    axes: float
    length: float


def aggregate_posterior(lab: Lab) -> Finding:
    """Codes drawn for the test images beside N(0, I), and samples under several priors."""
    judge, run, rng = Judge(lab), vae(lab), np.random.default_rng(lab.seed)
    mean, sigma = posterior(run, lab.digits.held_out.array)
    z = mean + sigma * rng.standard_normal(mean.shape)
    ours, exact = against_normal(z, rng), against_normal(rng.standard_normal(z.shape), rng)
    codes = {
        "N(0, I)": rng.standard_normal(z.shape),
        "uniform, variance 1": rng.uniform(-(3**0.5), 3**0.5, z.shape),
        "uniform on [−3, 3]": rng.uniform(-3, 3, z.shape),
        "normal fitted to the drawn codes": like(z, len(z), rng),
        "the drawn codes themselves": z,
    }
    found = {name: judge.judged(decode(run, drawn)) for name, drawn in codes.items()}
    prior, broad = found["N(0, I)"], found["uniform on [−3, 3]"]
    real = {"real test images": judge.judged(flat(lab.digits.held_out.array))}
    normal, same, wide, fitted, own = (judgement.distance for judgement in found.values())
    low, high = ours.eigenvalues.min(), ours.eigenvalues.max()
    is_normal = bool(EIGENVALUES[0] < low and high < EIGENVALUES[1] and ours.axes < NEAR)
    is_best = normal < min(same, wide)
    kl = float(0.5 * (mean**2 + sigma**2 - 1 - 2 * np.log(sigma)).sum(axis=1).mean())
    return Finding(
        {
            "smallest_eigenvalue": float(low),
            "largest_eigenvalue": float(high),
            "largest_mean": float(np.abs(z.mean(axis=0)).max()),
            "sliced_wasserstein": ours.sliced,
            "axes_wasserstein": ours.axes,
            "length_wasserstein": ours.length,
            "kl_of_each_posterior": kl,
            "frechet_normal_prior": normal,
            "frechet_uniform_same_variance": same,
            "frechet_uniform_3": wide,
            "realism_normal_prior": prior.realism,
            "realism_uniform_3": broad.realism,
            "wanted_eigenvalues": list(EIGENVALUES),
            "wanted_axes_wasserstein": NEAR,
        },
        {
            "normal_sample_sliced_wasserstein": exact.sliced,
            "normal_sample_axes_wasserstein": exact.axes,
            "normal_sample_length_wasserstein": exact.length,
            "frechet_fitted_normal": fitted,
            "frechet_own_codes": own,
        },
        is_normal and is_best,
        f"By the bounds set, the aggregate posterior is {'near' if is_normal else 'not'} N(0, I). The codes "
        f"drawn for {len(z):,} test images have a covariance with eigenvalues from {number(low)} to "
        f"{number(high)} (wanted: {EIGENVALUES[0]} to {EIGENVALUES[1]}); along the axes they are "
        f"{number(ours.axes)} deviations from N(0, 1) on average (wanted: below {NEAR}; a true normal sample "
        f"of this size: {number(exact.axes)}). Each posterior alone is {number(kl)} nats away from N(0, I), "
        "where the deck's argument has 0: then a code would say nothing of its image. N(0, I) is "
        f"{'the best' if is_best else 'not the best'} of three priors to sample from by the Fréchet "
        f"distance, {number(normal)}; under a uniform prior with the same variance it is {number(same)}, on "
        f"[−3, 3] {number(wide)}, where {percent(broad.realism)} of the samples are as near to a real image "
        f"as real ones are to each other, under N(0, I) {percent(prior.realism)}. The drawn codes themselves "
        f"decode to {number(own)}, as N(0, I) would if it were the aggregate posterior.",
        (
            spectra(ours, exact),
            strip(
                {name: images_of(decode(run, drawn[:10])) for name, drawn in codes.items()},
                "Decoded codes: ten from each distribution.",
            ),
            judgements({**found, **real}, judge),
        ),
    )


def against_normal(z: Array, rng: np.random.Generator) -> Aggregate:
    """Of codes `z (n, latent_dim)`."""
    n, d = z.shape
    directions = rng.standard_normal((d, 200))
    quantiles = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n).numpy()[:, None]
    lengths = np.sort(np.linalg.norm(rng.standard_normal((n, d)), axis=1))

    def distance(projected: Array) -> float:
        return float(np.abs(np.sort(projected, axis=0) - quantiles).mean())

    return Aggregate(
        np.linalg.eigvalsh(np.cov(z, rowvar=False))[::-1],
        distance(z @ (directions / np.linalg.norm(directions, axis=0))),
        distance(z),
        float(np.abs(np.sort(np.linalg.norm(z, axis=1)) - lengths).mean()),
    )


def spectra(ours: Aggregate, exact: Aggregate) -> Figure:
    return lines(
        list(range(1, len(ours.eigenvalues) + 1)),
        {"drawn codes": ours.eigenvalues.tolist(), "true normal sample": exact.eigenvalues.tolist()},
        "Eigenvalues of the covariance of the codes drawn for the test images, and of as many draws from "
        "N(0, I). All would be 1 if the aggregate posterior were N(0, I).",
        across="eigenvalue",
        up="variance",
    )


K7 = Entry(
    "K7",
    "a VAE generates, an AE does not",
    "A VAE allows principled generation of new samples from N(0, I); that of a vanilla autoencoder is "
    "limited and unreliable, because empty regions of its latent space cannot be used.",
    generates,
)

K10 = Entry(
    "K10",
    "the aggregate posterior is the prior",
    "p(Z) = Σ p(Z|X) p(X) = N(0, I), which is indeed what we plan to sample Z from; a Gaussian is a simple "
    "choice, a uniform distribution probably won't work.",
    aggregate_posterior,
)
