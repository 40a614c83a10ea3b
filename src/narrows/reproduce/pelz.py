"""Deck P: the convolutional autoencoder, its denoising and variational kin, sparsity."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.report.figures import principal_plane
from narrows.reproduce.drawings import architecture, lines, scatters, strip, wall
from narrows.reproduce.lab import (
    Entry,
    Figure,
    Finding,
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
    found, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, run.model.code_size)[1]
    limit = lab.pick(0.0027, 0.5 * mean_image_error(lab.digits))
    return Finding(
        {"test_mse": found, "weights": count_weights(run)},
        {"pca_mse": pca, "wanted": limit},
        found <= limit,
        f"Test error {found:.4f} per pixel with 64 numbers; PCA's is {pca:.4f}.",
        (
            architecture(run),
            originals(run, x, "Test images and what is left of them after 64 numbers."),
            epochs_of(run),
        ),
    )


def denoising(lab: Lab) -> Finding:
    run, x = lab.fit("p2", epochs=lab.pick(None, 12)), held_out_images(lab.digits)
    seen = add_noise(x)
    found, clean = mse(x, reconstruct_images(run, seen)), mse(x, reconstruct_images(run, x))
    limit = lab.pick(0.0065, 0.5 * mean_image_error(lab.digits))
    return Finding(
        {"mse_from_noisy": found, "mse_from_clean": clean},
        {"noisy_mse": mse(x, seen), "wanted": limit},
        found <= limit,
        f"From noisy images the error is {found:.4f}, from clean ones {clean:.4f}; the noise itself is "
        f"{mse(x, seen):.4f}, so {100 * (1 - found / mse(x, seen)):.0f} % of it is gone.",
        (
            triple(
                run, x, seen, "Deck P's example: noise of standard deviation 0.3, and what P2 makes of it."
            ),
        ),
    )


def variational(lab: Lab) -> Finding:
    run = lab.fit("p3", epochs=lab.pick(None, 8))
    last = run.history[-1]["validation"]
    limit = lab.pick(105.0, 0.95 * mean_image_cross_entropy(lab.digits))
    ends = np.stack([lab.digits.held_out.array[i] for i in (0, 3)])
    walk = interpolate(run, ends, 10)["linear"].values
    return Finding(
        {"test_nats": last["total"], "reconstruction": last["reconstruction"], "kl": last["kl"]},
        {"wanted": limit},
        last["total"] <= limit,
        f"After {len(run.history)} epochs the bound is {last['total']:.1f} nats on the test images: "
        f"{last['reconstruction']:.1f} for the reconstruction (cross-entropy of grey values) and "
        f"{last['kl']:.1f} for the code.",
        (
            architecture(run),
            wall(sample(run, 40, lab.seed)[0] / 255, 10, "New digits: codes drawn from N(0, I), decoded."),
            wall(walk / 255, 10, "From one test image to another through the code."),
            latent_spaces(lab),
        ),
    )


def latent_spaces(lab: Lab) -> Figure:
    """Deck P's pair of pictures: the codes of a plain and of a variational autoencoder."""
    test = lab.digits.held_out
    assert test.labels is not None
    n = min(2000, len(test))
    runs = {"autoencoder (P1)": lab.fit("p1", epochs=lab.pick(None, 12))}
    runs["VAE (P3)"] = lab.fit("p3", epochs=lab.pick(None, 8))
    panels = {
        name: (principal_plane(run.encode(test.array[:n]))[0], test.labels[:n]) for name, run in runs.items()
    }
    return scatters(panels, "Codes of test images by digit, in the plane in which they vary most.")


def denoising_variational(lab: Lab) -> Finding:
    x = held_out_images(lab.digits)
    seen = add_noise(x)
    strips: list[Figure] = []

    def every_second(run: Run, epoch: Epoch) -> None:
        step = lab.pick(2, 4)
        if epoch.number % step == 0:
            strips.append(triple(run, x, seen, f"After epoch {epoch.number}."))

    run = lab.fit("p4", epochs=lab.pick(None, 8), watch=every_second)
    found = mse(x, reconstruct_images(run, seen))
    last = run.history[-1]
    return Finding(
        {
            "mse_from_noisy": found,
            "train_loss": last["train"]["total"],
            "test_nats": last["validation"]["total"],
        },
        {"noisy_mse": mse(x, seen)},
        found < 0.5 * mse(x, seen),
        f"The deck prints epochs = 0. Trained for {len(run.history)}, the average loss is "
        f"{last['train']['total']:.1f} nats, and the noise falls from {mse(x, seen):.4f} to {found:.4f}. "
        f"`narrows fit mnist --recipe p4` keeps the model as well.",
        tuple(strips),
    )


def sparse(lab: Lab) -> Finding:
    epochs = lab.pick(None, 30)
    run = lab.fit("p5", epochs=epochs)
    plain = lab.fit("p5", epochs=epochs, overrides={"penalties": []})
    x = held_out_images(lab.digits)
    rho = run.config["spec"]["penalties"][0]["rho"]
    active, before = (float(codes(lab, r).mean()) for r in (run, plain))
    ours, theirs = mse(x, reconstruct_images(run, x)), mse(x, reconstruct_images(plain, x))
    return Finding(
        {"mean_activation": active, "test_mse": ours, "code": run.model.code_size},
        {"rho": rho, "mean_activation_without": before, "mse_without": theirs},
        abs(active / rho - 1) <= 0.2 and ours <= 1.5 * theirs,
        f"A code of {run.model.code_size} numbers, more than the image has pixels. The penalty brings their "
        "mean "
        f"from {before:.3f} to {active:.3f} (wanted: {rho}); the error is {ours:.4f}, without it "
        f"{theirs:.4f}.",
        (
            originals(run, x, f"{run.model.code_size} numbers, of which few are active at a time."),
            filters(run, "What some of the numbers of the code look for: their weights."),
        ),
    )


def codes(lab: Lab, run: Run) -> Array:
    """Codes of the test images."""
    return run.encode(lab.digits.held_out.array)


def filters(run: Run, caption: str) -> Figure:
    """The rows of the projection as images, each on its own scale."""
    weights = run.model.bottleneck.project.weight.detach().numpy()[:40]  # type: ignore[union-attr, operator]
    low, high = weights.min(axis=1, keepdims=True), weights.max(axis=1, keepdims=True)
    return wall(((weights - low) / (high - low)).reshape(-1, 28, 28), 10, caption)


def originals(run: Run, x: Array, caption: str) -> Figure:
    return strip({"Original": x[:SHOWN], "Reconstructed": reconstruct_images(run, x[:SHOWN])}, caption)


def triple(run: Run, x: Array, seen: Array, caption: str) -> Figure:
    """The deck's figure of three rows."""
    rows = {"Original": x, "Noisy": seen, "Reconstructed": reconstruct_images(run, seen[:SHOWN])}
    return strip({name: images[:SHOWN] for name, images in rows.items()}, caption)


def epochs_of(run: Run, values: int = 784) -> Figure:
    """Reconstruction error per value by epoch, on the training and the test images."""
    numbers = [epoch["number"] for epoch in run.history]
    curves: dict[str, Any] = {
        name: [epoch[part]["reconstruction"] / values for epoch in run.history]
        for name, part in (("test", "validation"), ("training", "train"))
    }
    return lines(
        numbers, curves, "Error per pixel by epoch.", across="epoch", up="mean squared error", log_y=True
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "P1",
        "convolutional autoencoder",
        "A network of strided convolutions compresses an image to 64 numbers and comes back; 10 epochs.",
        convolutional,
    ),
    Entry(
        "P2",
        "denoising autoencoder",
        "Fed noisy images, compared with the clean ones, it learns to denoise.",
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
        "The VAE on noisy input, a figure every second epoch, the model saved.",
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
