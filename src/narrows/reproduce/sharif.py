"""Lecture S: linear and deep autoencoders, two convolutional decoders, and the weighted VAE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.clusters import S5
from narrows.reproduce.drawings import strip, wall
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import (
    Entry,
    Lab,
    count_weights,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import SHOWN
from narrows.reproduce.tables import number, table
from narrows.runs.run import Run
from narrows.tasks.generation.sample import sample

FEWER: dict[str, Any] = {"training": {"learning_rate": 0.02}}
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
    runs = {d: lab.fit("linear", latent_dim=d, overrides=overrides) for d in sizes}
    sgd = lab.fit("s1", latent_dim=2)
    compared = {d: beside_pca(lab, run, d) for d, run in runs.items()}
    compared_sgd = beside_pca(lab, sgd, 2)
    worst = max(abs(ratio - 1) for ratio, _ in compared.values())
    angle = max(angle for _, angle in compared.values())
    return Finding(
        named("linear", compared) | named("s1", {2: compared_sgd}),
        {"ratio": 1.0, "angle": 0.0},
        (
            at_most("largest |test error / PCA's - 1|", worst, 0.01, "PCA in the same run, to 1 %"),
            at_most("largest angle from PCA's subspace in degrees", angle, 1, "PCA, to 1°"),
        ),
        f"The test error of the linear autoencoder differs from PCA's by at most {100 * worst:.2f} %, and "
        f"its subspace from PCA's by at most {angle:.2f}°. With the slides' plain SGD (learning rate 0.01, "
        f"mean squared error) the error is {compared_sgd.ratio:.3f} times PCA's after {len(sgd.history)} "
        "epochs.",
        (pca_table(compared, compared_sgd), directions(lab, runs[lab.pick(8, 2)])),
    )


def beside_pca(lab: Lab, run: Run, d: int) -> BesidePca:
    x = held_out_images(lab.digits)
    return BesidePca(
        mse(x, reconstruct_images(run, x)) / lab.pca(lab.digits, d)[1], largest_angle(lab, run, d)
    )


def named(recipe: str, compared: Mapping[int, BesidePca]) -> dict[str, float]:
    """Ratio and angle of each size, with names for the page."""
    return {f"{key} {recipe} {d}": value for d, f in compared.items() for key, value in f._asdict().items()}


def pca_table(adam: Mapping[int, BesidePca], sgd: BesidePca) -> Figure:
    rows = [("Narrows' recipe", str(d), f) for d, f in adam.items()] + [("SGD, as on the slides", "2", sgd)]
    return table(
        ("training", "latent dimensions", "test error / PCA's", "largest angle"),
        ((name, d, number(f.ratio, 5), f"{f.angle:.2f}°") for name, d, f in rows),
        "The linear autoencoder compared with PCA: test error, and angle between the subspaces.",
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


LAYERS: dict[str, dict[str, Any]] = {
    "no hidden layer": {"encoder": {"widths": []}, "decoder": {"tied": False}},
    "one of 512 units": {"encoder": {"widths": [512]}, "decoder": {"tied": False}},
    "three of 512, 256 and 128 units": {"decoder": {"tied": False}},
    "three with tied weights": {},
}
"""Hidden layers of the encoder, which the decoder mirrors, and what is overridden for them."""


def deep(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(None, 15)
    faster = lab.pick({}, {"training": {"learning_rate": 5e-3}})
    runs = {
        name: lab.fit("s2", overrides={**overrides, **faster}, epochs=epochs)
        for name, overrides in LAYERS.items()
    }
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    pca = lab.pca(lab.digits, 30)[1]
    deepest = min(errors["three of 512, 256 and 128 units"], errors["three with tied weights"])
    listed = ", ".join(f"{error:.4f} with {name}" for name, error in errors.items())
    return Finding(
        errors,
        {"pca_mse": pca},
        (at_most("test error of the deepest", deepest, errors["no hidden layer"], "no hidden layer"),),
        "The test error with 30 latent dimensions, by the hidden layers in encoder and decoder each: "
        f"{listed}; PCA's is {pca:.4f}. Claim K11 shows what too many layers do on few images.",
        (depth_table(runs, errors), beside_originals(x, runs, "Test images and their reconstructions.")),
    )


def depth_table(runs: Mapping[str, Run], errors: Mapping[str, float]) -> Figure:
    return table(
        ("hidden layers in encoder and decoder each", "weights", "test error"),
        ((name, f"{count_weights(run):,}", number(errors[name])) for name, run in runs.items()),
        "Stacked autoencoders with 30 latent dimensions.",
    )


def beside_originals(x: Array, runs: Mapping[str, Run], caption: str) -> Figure:
    """The first images of `x`, and their reconstructions by each run."""
    return strip(
        {"Original": x[:SHOWN], **{name: reconstruct_images(run, x[:SHOWN]) for name, run in runs.items()}},
        caption,
    )


DECODERS = {"Upsampling and convolution": "nearest", "Transposed convolution": "transposed"}


def two_ways(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(3, 8)
    data = lab.first(lab.digits, 20_000)
    runs = {
        name: lab.fit("s3", data, epochs=epochs, overrides={"decoder": {"upsample": upsample}})
        for name, upsample in DECODERS.items()
    }
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    patterns = {name: checkerboard(reconstruct_images(run, x[:500])) for name, run in runs.items()}
    upsampling, transposed = errors.values()
    smooth, strided = patterns.values()
    original = checkerboard(x[:500])
    threshold = lab.pick(lab.pca(lab.digits, 16)[1], 0.8 * mean_image_error(lab.digits))
    return Finding(
        {
            **{f"mse, {name}": error for name, error in errors.items()},
            **{f"checkerboard, {name}": share for name, share in patterns.items()},
        },
        {"checkerboard, originals": original},
        (
            at_most(
                "larger test error of the two",
                max(errors.values()),
                threshold,
                lab.pick("PCA, 16 components", "80 % of the mean image's error"),
            ),
        ),
        f"The test error is {upsampling:.4f} with upsampling and {transposed:.4f} with transposed "
        f"convolution, after {epochs} epochs on at most 20,000 images. The checkerboard pattern, which "
        f"alternates from pixel to pixel, has {smooth:.2e} and {strided:.2e} of the variance; in the "
        f"originals it has {original:.2e}.",
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
    epochs = lab.pick(5, 8)
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
        f"from {low.kl:.1f} to {high.kl:.1f} nats, after {epochs} epochs on at most 20,000 images. With a "
        f"full covariance the test error is {vaes['full', 1.0].mse:.4f} and {vaes['full', 20.0].mse:.4f}.",
        (weighted_table(vaes), *(sample_wall(vaes["full", c], c) for c in (1.0, 20.0))),
    )


def weighted_vae(lab: Lab, covariance: str, c: float, epochs: int) -> Weighted:
    x, data = held_out_images(lab.digits), lab.first(lab.digits, 20_000)
    overrides = {"loss": {"weight": c}, "bottleneck": {"covariance": covariance}}
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
    Entry("S2", "stacked autoencoders", "Several hidden layers learn more complex codes.", deep),
    Entry(
        "S3",
        "convolutional decoder, two ways",
        "Transposed convolutions, or upsampling followed by convolutions.",
        two_ways,
    ),
    Entry(
        "S4",
        "VAE with weight C, diagonal and full covariance",
        "loss = C‖x - x̂‖² + KL(N(μ, Σ) ‖ N(0, I)); the encoder gives the mean and the variance matrix.",
        weighted,
    ),
)
