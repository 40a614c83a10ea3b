"""Lecture S: linear and deep autoencoders, two convolutional decoders, and the weighted VAE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.clusters import S5
from narrows.reproduce.drawings import strip, wall
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_least, at_most, median_of
from narrows.reproduce.gradient_descent import RATES, descend, error
from narrows.reproduce.lab import (
    Entry,
    Lab,
    flat,
    held_out_images,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import ERROR, SHOWN, median_error
from narrows.reproduce.stacked import S2
from narrows.reproduce.tables import number, table
from narrows.reproduce.trials import subset
from narrows.reproduce.variational import SMALL_BATCHES
from narrows.runs.run import Run
from narrows.tasks.generation.sample import sample

FEWER: dict[str, Any] = {"training": {"learning_rate": 0.02, "epochs": 40}}
"""Overrides of the quick table: with fewer images per epoch the learning rate is larger."""


class BesidePca(NamedTuple):
    """A linear autoencoder compared with PCA of as many dimensions.

    Attributes:
        ratio: its test error divided by PCA's.
        angle: the largest angle between the two subspaces, in degrees.
    """

    ratio: float
    angle: float


def linear(lab: Lab) -> Finding:
    sizes, overrides = lab.pick((2, 8, 32), (2,)), lab.pick(None, FEWER)
    trained = {d: lab.fit_seeds("linear", latent_dim=d, overrides=overrides) for d in sizes}
    compared = {d: [beside_pca(lab, run, d) for run in runs] for d, runs in trained.items()}
    recipe, epochs = beside_pca(lab, lab.fit("s1", latent_dim=2), 2), lab.pick(20, 15)
    rates = lab.pick(RATES, (RATES[0], RATES[-1]))
    by_rate = {rate: median_of(descent(lab, rate, epochs)) for rate in rates}
    slides, best = by_rate[RATES[0]], by_rate[RATES[-1]]
    return Finding(
        named("linear", {d: of[0] for d, of in compared.items()})
        | {f"ratio sgd at {rate:g}": found.value for rate, found in by_rate.items()}
        | {"ratio s1": recipe.ratio},
        {"ratio": 1.0, "angle": 0.0},
        (
            *(check for d, of in compared.items() for check in pca_checks(d, of)),
            at_most(f"test error / PCA's by SGD at {RATES[-1]}, 2 dimensions", best, 1.01, "PCA, to 1 %"),
        ),
        "Trained with Adam, the linear autoencoder reaches PCA's test error and subspace.\n"
        f"With the slides' plain SGD at Keras' learning rate of {RATES[0]} and its initial weights, the "
        f"error after {epochs} epochs is {slides.value:.2f} times PCA's: the mean over {x_size(lab)} pixels "
        f"makes the gradient small. At {RATES[-1]} it is {best.value:.3f} times PCA's.\n"
        "The recipe s1 begins with PyTorch's initial weights, which are large in the decoder; at "
        f"{RATES[0]} its error is {recipe.ratio:.1f} times PCA's.",
        (
            pca_table({d: of[0] for d, of in compared.items()}, by_rate),
            directions(lab, trained[lab.pick(8, 2)][0]),
        ),
    )


def descent(lab: Lab, rate: float, epochs: int) -> list[float]:
    """The test error of plain gradient descent with 2 latent dimensions divided by PCA's, over seeds."""
    x, test, pca = flat(lab.digits.array), flat(lab.digits.held_out.array), lab.pca(lab.digits, 2)[1]
    return [error(descend(x, 2, rate, epochs, seed), test) / pca for seed in lab.seeds[: lab.pick(3, 1)]]


def x_size(lab: Lab) -> int:
    """Values of an image."""
    return int(np.prod(lab.digits.schema.shape))


def pca_checks(d: int, compared: Sequence[BesidePca]) -> tuple[Check, Check]:
    """The error is PCA's, and so is the subspace."""
    ratio, angle = (median_of([getattr(one, name) for one in compared]) for name in BesidePca._fields)
    return (
        at_most(f"test error / PCA's, {d} dimensions", ratio, 1.01, "PCA, to 1 %"),
        at_most(f"angle from PCA's subspace in degrees, {d} dimensions", angle, 1, "PCA, to 1°"),
    )


def beside_pca(lab: Lab, run: Run, d: int) -> BesidePca:
    x = held_out_images(lab.digits)
    return BesidePca(
        mse(x, reconstruct_images(run, x)) / lab.pca(lab.digits, d)[1], largest_angle(lab, run, d)
    )


def named(recipe: str, compared: Mapping[int, BesidePca]) -> dict[str, float]:
    """Ratio and angle of each size, with names for the page."""
    return {f"{key} {recipe} {d}": value for d, f in compared.items() for key, value in f._asdict().items()}


def pca_table(adam: Mapping[int, BesidePca], sgd: Mapping[float, Estimate]) -> Figure:
    rows = [("Adam", str(d), number(f.ratio, 5), f"{f.angle:.2f}°") for d, f in adam.items()]
    rows += [(f"SGD, learning rate {rate:g}", "2", number(f.value, 5), "") for rate, f in sgd.items()]
    return table(
        ("training", "latent dimensions", "test error / PCA's", "largest angle"),
        rows,
        "The linear autoencoder compared with PCA: test error, and angle between the subspaces. The first "
        "learning rate of SGD is that of the slides.",
    )


def basis(run: Run) -> Array:
    """An orthonormal basis `(784, d)` of the column space of the decoder."""
    weights = run.model.decoder.project.weight.detach().double().numpy()  # type: ignore[union-attr, operator]
    return np.linalg.qr(weights)[0]


def largest_angle(lab: Lab, run: Run, d: int) -> float:
    """The largest principal angle between the decoder's subspace and that of PCA, in degrees."""
    components = lab.pca(lab.digits, d)[0].directions.T.astype(np.float64)
    cosines = np.linalg.svd(basis(run).T @ components, compute_uv=False)
    return float(np.degrees(np.arccos(min(1.0, cosines.min()))))


def directions(lab: Lab, run: Run) -> Figure:
    """The decoder's columns, the principal components, and their projection on the decoder's subspace."""
    components = lab.pca(lab.digits, run.model.code_size)[0].directions
    columns = run.model.decoder.project.weight.detach().numpy().T  # type: ignore[union-attr, operator]
    projected = (basis(run) @ basis(run).T @ components.T).T
    rows = {"Decoder": columns, "PCA": components, "PCA, projected": projected}
    return strip(
        {name: contrasted(images) for name, images in rows.items()},
        "The decoder's weights, the principal components, and the projection of the components on the "
        "decoder's subspace. The last two rows agree: the decoder has another basis of the same subspace.",
    )


def contrasted(rows: Array) -> Array:
    """Rows of 784 values as images in [0, 1], each scaled so that 0 becomes ½."""
    scale = np.abs(rows).max(axis=1, keepdims=True)
    return (0.5 + 0.5 * rows / scale).reshape(-1, 28, 28)


def beside_originals(x: Array, runs: Mapping[str, Run], caption: str) -> Figure:
    """The first images of `x`, and their reconstructions by each run."""
    return strip(
        {"Original": x[:SHOWN], **{name: reconstruct_images(run, x[:SHOWN]) for name, run in runs.items()}},
        caption,
    )


DECODERS = {"Upsampling and convolution": "nearest", "Transposed convolution": "transposed"}


def two_ways(lab: Lab) -> Finding:
    epochs = lab.pick(3, 5)
    data = subset(lab.digits, lab.pick(20_000, 2000), lab.pick(10_000, 500))
    small = lab.pick({}, {"training": {"batch_size": 16}})  # as many steps with fewer images
    x = held_out_images(data)
    trained = {
        name: lab.fit_seeds("s3", data, epochs=epochs, overrides={"decoder": {"upsample": upsample}, **small})
        for name, upsample in DECODERS.items()
    }
    runs = {name: of[0] for name, of in trained.items()}
    errors = {name: median_error(of, x) for name, of in trained.items()}
    patterns = {name: checkerboard(reconstruct_images(run, x[:500])) for name, run in runs.items()}
    upsampling, transposed = (error.value for error in errors.values())
    smooth, strided = patterns.values()
    original, pca = checkerboard(x[:500]), lab.pca(data, 16)[1]
    return Finding(
        {
            **{f"mse, {name}": error.value for name, error in errors.items()},
            **{f"checkerboard, {name}": share for name, share in patterns.items()},
        },
        {"checkerboard, originals": original, "pca_mse": pca},
        tuple(
            at_most(f"{ERROR}, {name.lower()}", error, pca, "PCA with 16 components")
            for name, error in errors.items()
        ),
        f"The test error is {upsampling:.4f} with upsampling and {transposed:.4f} with transposed "
        f"convolution, after {epochs} epochs on {len(data):,} images (PCA: {pca:.4f}).\nA checkerboard, a "
        f"pattern that alternates from pixel to pixel, has {number(smooth, 2)} and {number(strided, 2)} of "
        f"the variance; in the originals it has {number(original, 2)}.",
        (beside_originals(x, runs, "Test images and their reconstructions by the two decoders."),),
    )


def checkerboard(images: Array) -> float:
    """The share of the variance of `images (n, height, width)` at the highest frequency both ways."""
    spectrum = np.abs(np.fft.fft2(images - images.mean(axis=(1, 2), keepdims=True))) ** 2
    n = images.shape[1] // 2
    return float(spectrum[:, n - 1 : n + 2, n - 1 : n + 2].sum() / spectrum.sum())


COVARIANCES = ("diagonal", "full")
CS = (1.0, 4.0, 20.0)
"""Weights C of the squared error."""


class Weighted(NamedTuple):
    """A VAE of S4: its mean squared test error per value, its KL term in nats, and samples."""

    mse: float
    kl: float
    samples: Array


def weighted(lab: Lab) -> Finding:
    epochs = lab.pick(5, 3)
    vaes = {(k, c): weighted_vae(lab, k, c, epochs) for k in COVARIANCES for c in CS}
    low, high = vaes["diagonal", 1.0], vaes["diagonal", 20.0]
    return Finding(
        {
            f"{key} {covariance} C={c:g}": value
            for (covariance, c), f in vaes.items()
            for key, value in (("mse", f.mse), ("kl", f.kl))
        },
        {},
        tuple(
            check
            for k in COVARIANCES
            for check in (
                at_most(f"test error at C = 20, {k}", vaes[k, 20.0].mse, vaes[k, 1.0].mse, "C = 1"),
                at_least(f"KL term at C = 20, {k}", vaes[k, 20.0].kl, vaes[k, 1.0].kl, "C = 1"),
            )
        ),
        f"From C = 1 to C = 20 the test error changes from {low.mse:.4f} to {high.mse:.4f} and the KL term "
        f"from {low.kl:.1f} to {high.kl:.1f} nats, after {epochs} epochs. With a "
        f"full covariance the test error is {vaes['full', 1.0].mse:.4f} and {vaes['full', 20.0].mse:.4f}.",
        (weighted_table(vaes), *(sample_wall(vaes["full", c], c) for c in (1.0, 20.0))),
    )


def weighted_vae(lab: Lab, covariance: str, c: float, epochs: int) -> Weighted:
    data = subset(lab.digits, lab.pick(20_000, 2000), lab.pick(10_000, 500))
    x, small = held_out_images(data), lab.pick({}, SMALL_BATCHES)
    overrides = {"loss": {"weight": c}, "bottleneck": {"covariance": covariance}, **small}
    run = lab.fit("s4", data, epochs=epochs, overrides=overrides)
    kl = run.history[-1]["validation"]["kl"]
    return Weighted(mse(x, reconstruct_images(run, x)), kl, sample(run, 20, lab.seed)[0] / 255)


def weighted_table(vaes: Mapping[tuple[str, float], Weighted]) -> Figure:
    return table(
        ("covariance", "C", "test error", "KL in nats"),
        ((covariance, number(c), number(f.mse), number(f.kl)) for (covariance, c), f in vaes.items()),
        "Test error and KL term by the weight C and the covariance.",
    )


def sample_wall(vae: Weighted, c: float) -> Figure:
    return wall(vae.samples, 10, f"Samples with C = {c:g} and full covariance.")


ENTRIES: tuple[Entry, ...] = (
    S5,
    Entry(
        "S1", "linear autoencoder = PCA", "With linear activations and squared error it performs PCA.", linear
    ),
    S2,
    Entry(
        "S3",
        "convolutional decoder, two ways",
        "Transposed convolutions, or upsampling followed by convolutions.",
        two_ways,
    ),
    Entry(
        "S4",
        "VAE with weight C, diagonal and full covariance",
        "The reconstruction term has a weight C; the encoder gives the mean and the variance matrix.",
        weighted,
    ),
)
