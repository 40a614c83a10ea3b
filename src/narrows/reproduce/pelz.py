"""Lecture P: the convolutional, denoising, variational and sparse autoencoders."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.report.figures import principal_plane
from narrows.reproduce.drawings import architecture, lines, scatters, strip, wall
from narrows.reproduce.findings import Figure, Finding, at_most
from narrows.reproduce.lab import (
    Entry,
    Lab,
    add_noise,
    count_weights,
    held_out_images,
    mean_image_cross_entropy,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample
from narrows.training.history import Epoch

SHOWN = 8
"""Images in a strip."""


def convolutional(lab: Lab) -> Finding:
    run, x = lab.fit("p1", epochs=lab.pick(None, 12)), held_out_images(lab.digits)
    test_error, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, run.model.code_size)[1]
    threshold = lab.pick(0.0027, 0.5 * mean_image_error(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 0.0025", "half the mean image's error")
    return Finding(
        {"test_mse": test_error, "weights": count_weights(run)},
        {"pca_mse": pca, "threshold": threshold},
        (at_most("test error per pixel", test_error, threshold, source),),
        f"With 64 latent dimensions the test error is {test_error:.4f} per pixel; PCA's is {pca:.4f}.",
        (
            architecture(run),
            reconstruction_strip(run, x, "Test images and their reconstructions from 64 latent dimensions."),
            error_curve(run),
        ),
    )


def denoising(lab: Lab) -> Finding:
    run, x = lab.fit("p2", epochs=lab.pick(None, 12)), held_out_images(lab.digits)
    noisy = add_noise(x)
    from_noisy, from_clean = mse(x, reconstruct_images(run, noisy)), mse(x, reconstruct_images(run, x))
    before = mse(x, noisy)
    threshold = lab.pick(0.0065, 0.5 * mean_image_error(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 0.0061", "half the mean image's error")
    return Finding(
        {"mse_from_noisy": from_noisy, "mse_from_clean": from_clean},
        {"noisy_mse": before, "threshold": threshold},
        (at_most("test error from noisy images", from_noisy, threshold, source),),
        f"The test error is {from_noisy:.4f} from noisy images and {from_clean:.4f} from clean ones. The "
        f"noisy images have {before:.4f}; denoising reduces this by {100 * (1 - from_noisy / before):.0f} %.",
        (
            denoising_strip(
                run, x, noisy, "The lecture's example: noise of standard deviation 0.3, removed by P2."
            ),
        ),
    )


def variational(lab: Lab) -> Finding:
    run = lab.fit("p3", epochs=lab.pick(None, 8))
    last = run.history[-1]["validation"]
    threshold = lab.pick(105.0, 0.95 * mean_image_cross_entropy(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 104.3", "95 % of the mean image's")
    ends = np.stack([lab.digits.held_out.array[i] for i in (0, 3)])
    interpolated = interpolate(run, ends, 10)["linear"].values
    return Finding(
        {"test_nats": last["total"], "reconstruction": last["reconstruction"], "kl": last["kl"]},
        {"threshold": threshold},
        (at_most("negative ELBO in nats per image", last["total"], threshold, source),),
        f"After {len(run.history)} epochs the negative ELBO is {last['total']:.1f} nats per test image: "
        f"{last['reconstruction']:.1f} for the reconstruction (cross-entropy of grey values) and "
        f"{last['kl']:.1f} for the KL term.",
        (
            architecture(run),
            wall(sample(run, 40, lab.seed)[0] / 255, 10, "New digits: codes drawn from N(0, I) and decoded."),
            wall(interpolated / 255, 10, "Linear interpolation between the codes of two test images."),
            latent_spaces(lab),
        ),
    )


def latent_spaces(lab: Lab) -> Figure:
    """The lecture's two scatter plots: codes of a plain and of a variational autoencoder."""
    test = lab.digits.held_out
    assert test.labels is not None
    n = min(2000, len(test))
    runs = {"autoencoder (P1)": lab.fit("p1", epochs=lab.pick(None, 12))}
    runs["VAE (P3)"] = lab.fit("p3", epochs=lab.pick(None, 8))
    panels = {
        name: (principal_plane(run.encode(test.array[:n]))[0], test.labels[:n]) for name, run in runs.items()
    }
    return scatters(panels, "Codes of test images by digit, on their first two principal components.")


def denoising_variational(lab: Lab) -> Finding:
    x = held_out_images(lab.digits)
    noisy = add_noise(x)
    strips: list[Figure] = []

    def every_second(run: Run, epoch: Epoch) -> None:
        step = lab.pick(2, 4)
        if epoch.number % step == 0:
            strips.append(denoising_strip(run, x, noisy, f"After epoch {epoch.number}."))

    run = lab.fit("p4", epochs=lab.pick(None, 8), watch=every_second)
    before, after = mse(x, noisy), mse(x, reconstruct_images(run, noisy))
    last = run.history[-1]
    return Finding(
        {
            "mse_from_noisy": after,
            "train_loss": last["train"]["total"],
            "test_nats": last["validation"]["total"],
        },
        {"noisy_mse": before},
        (at_most("test error from noisy images", after, 0.5 * before, "half the noisy images' error"),),
        f"The slides set epochs = 0. After {len(run.history)} epochs the mean training loss is "
        f"{last['train']['total']:.1f} nats, and denoising reduces the error from {before:.4f} to "
        f"{after:.4f}. `narrows fit mnist --recipe p4` also saves the model.",
        tuple(strips),
    )


def sparse(lab: Lab) -> Finding:
    epochs = lab.pick(None, 30)
    run = lab.fit("p5", epochs=epochs)
    plain = lab.fit("p5", epochs=epochs, overrides={"penalties": []})
    x = held_out_images(lab.digits)
    rho = run.config["spec"]["penalties"][0]["rho"]
    activation, plain_activation = (float(codes(lab, r).mean()) for r in (run, plain))
    error, plain_error = mse(x, reconstruct_images(run, x)), mse(x, reconstruct_images(plain, x))
    return Finding(
        {"mean_activation": activation, "test_mse": error, "latent_dim": run.model.code_size},
        {"rho": rho, "mean_activation_without": plain_activation, "mse_without": plain_error},
        (
            at_most("|mean activation / ρ - 1|", abs(activation / rho - 1), 0.2, "set here"),
            at_most("test error / without penalty", error / plain_error, 1.5, "set here"),
        ),
        f"The code has {run.model.code_size} dimensions, more than the image has pixels. The penalty reduces "
        f"the mean activation from {plain_activation:.3f} to {activation:.3f} (target: {rho}). The test "
        f"error is {error:.4f} with the penalty and {plain_error:.4f} without.",
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
    weights = run.model.bottleneck.project.weight.detach().numpy()[:40]  # type: ignore[union-attr, operator]
    low, high = weights.min(axis=1, keepdims=True), weights.max(axis=1, keepdims=True)
    return wall(((weights - low) / (high - low)).reshape(-1, 28, 28), 10, caption)


def reconstruction_strip(run: Run, x: Array, caption: str) -> Figure:
    return strip({"Original": x[:SHOWN], "Reconstructed": reconstruct_images(run, x[:SHOWN])}, caption)


def denoising_strip(run: Run, x: Array, noisy: Array, caption: str) -> Figure:
    """The lecture's figure with three rows: original, noisy, reconstructed."""
    rows = {"Original": x, "Noisy": noisy, "Reconstructed": reconstruct_images(run, noisy[:SHOWN])}
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
