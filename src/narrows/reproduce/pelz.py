"""Lecture P: the convolutional, denoising, variational and sparse autoencoders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.report.figures import principal_plane
from narrows.reproduce.code_spaces import throughout
from narrows.reproduce.drawings import architecture, lines, scatters, strip, wall
from narrows.reproduce.findings import Estimate, Figure, Finding, at_least, at_most, median_of
from narrows.reproduce.lab import (
    Entry,
    Lab,
    add_noise,
    class_mean_cross_entropy,
    count_weights,
    flat,
    held_out_images,
    mse,
    reconstruct_drawn,
    reconstruct_images,
)
from narrows.reproduce.latent_models import fitted_normal
from narrows.reproduce.sample_quality import Features
from narrows.reproduce.tables import number
from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample
from narrows.training.history import Epoch

SHOWN = 8
"""Images in a strip."""

SLIDES = "the code on the slides, run as written"
"""A source of bounds. The errors that it reached are given with each bound."""

ERROR, NOISY_ERROR = "test error per pixel", "test error per pixel from noisy images"
LABEL = "the mean image of the digit, with the digit as the code"
NATS = "negative ELBO in nats per test image"


def convolutional(lab: Lab) -> Finding:
    runs, x = lab.fit_seeds("p1"), held_out_images(lab.digits)
    run, pca = runs[0], lab.pca(lab.digits, runs[0].model.code_size)[1]
    error = median_of([mse(x, reconstruct_images(run, x)) for run in runs])
    return Finding(
        {"test_mse": error.value, "weights": count_weights(run)},
        {"pca_mse": pca},
        (
            *lab.pick((at_most(ERROR, error, 0.0027, f"{SLIDES}: 0.0025, and 8 % for other seeds"),), ()),
            at_most(ERROR, error, pca, "PCA with 64 components"),
        ),
        f"With 64 latent dimensions the test error is {error.value:.4f} per pixel; PCA's is {pca:.4f}.",
        (
            architecture(run),
            reconstruction_strip(run, x, "Test images and their reconstructions from 64 latent dimensions."),
            error_curve(run),
        ),
    )


def median_error(runs: Sequence[Run], x: Array) -> Estimate:
    """The median over `runs` of the error per pixel of their reconstructions of `x`."""
    return median_of([mse(x, reconstruct_images(run, x)) for run in runs])


def denoising(lab: Lab) -> Finding:
    runs, x = lab.fit_seeds("p2"), held_out_images(lab.digits)
    run, noisy = runs[0], add_noise(x)
    from_noisy = median_of([mse(x, reconstruct_images(run, noisy)) for run in runs])
    from_clean, before = mse(x, reconstruct_images(run, x)), mse(x, noisy)
    pca = mse(
        flat(lab.digits.held_out.array), lab.pca(lab.digits, 64)[0].reconstruct(noisy.reshape(len(x), -1))
    )
    return Finding(
        {"mse_from_noisy": from_noisy.value, "mse_from_clean": from_clean},
        {"noisy_mse": before, "pca_mse_from_noisy": pca},
        (
            *lab.pick(
                (at_most(NOISY_ERROR, from_noisy, 0.0065, f"{SLIDES}: 0.0061, and 7 % for other seeds"),), ()
            ),
            at_most(NOISY_ERROR, from_noisy, pca, "PCA with 64 components, given the same noisy images"),
        ),
        f"The test error is {from_noisy.value:.4f} from noisy images and {from_clean:.4f} from clean ones. "
        f"The noisy images have {before:.4f}; denoising reduces this by "
        f"{100 * (1 - from_noisy.value / before):.0f} %. PCA with 64 components reduces it to {pca:.4f}.",
        (
            denoising_strip(
                run, x, noisy, "The lecture's example: noise of standard deviation 0.3, removed by P2."
            ),
        ),
    )


def variational(lab: Lab) -> Finding:
    runs = lab.fit_seeds("p3")
    last = [run.history[-1]["validation"] for run in runs]
    total = median_of([epoch["total"] for epoch in last])
    run, mean, quality = runs[0], class_mean_cross_entropy(lab.digits), sample_quality(lab, runs)
    ends = np.stack([lab.digits.held_out.array[i] for i in (0, 3)])
    interpolated = interpolate(run, ends, 10)["linear"].values
    return Finding(
        {"test_nats": total.value, "reconstruction": last[0]["reconstruction"], "kl": last[0]["kl"]},
        {"class_mean_nats": mean, "f1_of_pca": quality.pca},
        (
            *lab.pick((at_most(NATS, total, 105.0, f"{SLIDES}: 104.3, and 1 % for other seeds"),), ()),
            at_most(NATS, total, mean, LABEL),
            at_least("F1 of new digits", quality.vae, quality.pca, "normal samples of 32 components of PCA"),
        ),
        f"After {len(run.history)} epochs the negative ELBO is {total.value:.1f} nats per test image: "
        f"{last[0]['reconstruction']:.1f} for the reconstruction (cross-entropy of grey values) and "
        f"{last[0]['kl']:.1f} for the KL term.\nOf new digits the harmonic mean of precision (realism) "
        f"and coverage (variety) is {number(quality.vae.value)}; samples of PCA have {number(quality.pca)}.",
        (
            architecture(run),
            wall(sample(run, 40, lab.seed)[0] / 255, 10, "New digits: codes drawn from N(0, I) and decoded."),
            wall(interpolated / 255, 10, "Linear interpolation between the codes of two test images."),
            latent_spaces(lab),
            throughout(lab, run),
        ),
    )


class SampleQuality(NamedTuple):
    """F1 of realism and variety of samples of P3 over seeds, and that of normal samples of PCA."""

    vae: Estimate
    pca: float


def sample_quality(lab: Lab, runs: Sequence[Run]) -> SampleQuality:
    """The quality of 2,000 new digits of each run, and of as many samples of PCA of as many dimensions."""
    features, rng = lab.once(Features), np.random.default_rng(lab.seed)
    pca, _ = lab.pca(lab.digits, 32)
    scores = (flat(lab.digits.array) - pca.mean) @ pca.directions.T
    drawn = np.clip(fitted_normal(scores, 2000, rng) @ pca.directions + pca.mean, 0, 1)
    images = [sample(run, 2000, lab.seed)[0].reshape(2000, -1) / np.float32(255) for run in runs]
    return SampleQuality(
        median_of([features.quality(rows).f1 for rows in images]), features.quality(drawn).f1
    )


def latent_spaces(lab: Lab) -> Figure:
    """The lecture's two scatter plots: codes of a plain and of a variational autoencoder."""
    test = lab.digits.held_out
    assert test.labels is not None
    n = min(2000, len(test))
    runs = {"autoencoder (P1)": lab.fit("p1")}
    runs["VAE (P3)"] = lab.fit("p3")
    panels = {
        name: (principal_plane(run.encode(test.array[:n]))[0], test.labels[:n]) for name, run in runs.items()
    }
    return scatters(panels, "Codes of test images by digit, on their first two principal components.")


def denoising_variational(lab: Lab) -> Finding:
    x = held_out_images(lab.digits)
    noisy = add_noise(x)
    strips: list[Figure] = []

    def every_second(run: Run, epoch: Epoch) -> None:
        step = lab.pick(2, 1)
        if epoch.number % step == 0:
            strips.append(drawn_strip(run, x, noisy, f"After epoch {epoch.number}, from codes drawn."))

    runs = lab.fit_seeds("p4", watch=every_second)
    before, after = mse(x, noisy), median_of([mse(x, reconstruct_images(run, noisy)) for run in runs])
    drawn = mse(x, reconstruct_drawn(runs[0], noisy))
    filtered, last = median_filter_error(x, noisy), runs[0].history[-1]
    return Finding(
        {
            "mse_from_noisy": after.value,
            "mse_from_noisy_drawn": drawn,
            "train_loss": last["train"]["total"],
            "test_nats": last["validation"]["total"],
        },
        {"noisy_mse": before, "median_filter_mse": filtered},
        (at_most(NOISY_ERROR, after, filtered, "a 3×3 median filter"),),
        f"The slides set epochs = 0. After {len(runs[0].history)} epochs the mean training loss is "
        f"{last['train']['total']:.1f} nats, and denoising reduces the error from {before:.4f} to "
        f"{after.value:.4f}; a 3×3 median filter reduces it to {filtered:.4f}. "
        "`narrows fit mnist --recipe p4` also saves the model.",
        tuple(strips),
    )


def median_filter_error(x: Array, noisy: Array) -> float:
    """The error of noisy images `(n, height, width)` after a 3×3 median filter."""
    from scipy.ndimage import median_filter

    return mse(x, median_filter(noisy, (1, 3, 3)))


def sparse(lab: Lab) -> Finding:
    runs = lab.fit_seeds("p5")
    plain = lab.fit("p5", overrides={"penalties": []})
    x, run, rho = held_out_images(lab.digits), runs[0], runs[0].config["spec"]["penalties"][0]["rho"]
    activation = median_of([float(codes(lab, run).mean()) for run in runs])
    off_target = median_of([abs(float(codes(lab, run).mean()) / rho - 1) for run in runs])
    error = median_of([mse(x, reconstruct_images(run, x)) for run in runs])
    plain_activation, plain_error = float(codes(lab, plain).mean()), mse(x, reconstruct_images(plain, x))
    return Finding(
        {"mean_activation": activation.value, "test_mse": error.value, "latent_dim": run.model.code_size},
        {"rho": rho, "mean_activation_without": plain_activation, "mse_without": plain_error},
        (
            at_most("|mean activation / ρ − 1|", off_target, 0.2, f"ρ = {rho}, to 20 %"),
            at_least("mean activation without penalty", plain_activation, 1.2 * rho, "ρ, and 20 %"),
            at_most(ERROR, error, 1.5 * plain_error, "1.5 times that without penalty"),
        ),
        f"The code has {run.model.code_size} dimensions, more than the image has pixels. The penalty "
        f"reduces the mean activation from {plain_activation:.3f} to {activation.value:.3f} (target: {rho}). "
        f"The test error is {error.value:.4f} with the penalty and {plain_error:.4f} without.",
        (
            reconstruction_strip(
                run, x, f"{run.model.code_size} latent dimensions, of which few are active at a time."
            ),
            weight_images(run, "The encoder's weights of 40 latent dimensions, each as an image."),
        ),
    )


def codes(lab: Lab, run: Run) -> Array:
    """Codes of the test images."""
    return run.encode(lab.digits.held_out.array)


def weight_images(run: Run, caption: str) -> Figure:
    """The first 40 rows of the projection as images, each scaled to black and white."""
    weights = run.model.bottleneck.project.weight.detach().numpy()[:40]  # type: ignore[operator]
    low, high = weights.min(axis=1, keepdims=True), weights.max(axis=1, keepdims=True)
    return wall(((weights - low) / (high - low)).reshape(-1, 28, 28), 10, caption)


def reconstruction_strip(run: Run, x: Array, caption: str) -> Figure:
    return strip({"Original": x[:SHOWN], "Reconstructed": reconstruct_images(run, x[:SHOWN])}, caption)


def denoising_strip(run: Run, x: Array, noisy: Array, caption: str) -> Figure:
    """The lecture's figure with three rows: original, noisy, reconstructed."""
    rows = {"Original": x, "Noisy": noisy, "Reconstructed": reconstruct_images(run, noisy[:SHOWN])}
    return strip({name: images[:SHOWN] for name, images in rows.items()}, caption)


def drawn_strip(run: Run, x: Array, noisy: Array, caption: str) -> Figure:
    """The same with codes that are drawn, as the lecture's VAE reconstructs."""
    rows = {"Original": x, "Noisy": noisy, "Reconstructed": reconstruct_drawn(run, noisy[:SHOWN])}
    return strip({name: images[:SHOWN] for name, images in rows.items()}, caption)


def error_curve(run: Run, values: int = 784) -> Figure:
    """Reconstruction error per value by epoch, on training and test images."""
    epochs = [epoch["number"] for epoch in run.history]
    curves: dict[str, Any] = {
        name: [epoch[part]["reconstruction"] / values for epoch in run.history]
        for name, part in (("test", "validation"), ("training", "train"))
    }
    return lines(
        epochs, curves, "Error per pixel by epoch.", across="epoch", up="mean squared error", log_y=True
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "P1",
        "convolutional autoencoder",
        "Strided convolutions compress an image to 64 latent dimensions and reconstruct it; 10 epochs.",
        convolutional,
    ),
    Entry(
        "P2",
        "denoising autoencoder",
        "Given noisy images as input and clean images as target, it learns to denoise.",
        denoising,
    ),
    Entry(
        "P3",
        "convolutional VAE",
        "Encoding to a distribution makes the latent space continuous, so that new samples can be drawn.",
        variational,
    ),
    Entry(
        "P4",
        "denoising VAE, the worked example",
        "The VAE with noisy input; a figure every second epoch; the model is saved.",
        denoising_variational,
        {"epochs": 0, "batch_size": 128, "latent_dim": 32},
    ),
    Entry(
        "P5",
        "sparse autoencoder",
        "A sparsity constraint on the code teaches more efficient encodings.",
        sparse,
    ),
)
