"""Deck S: the linear autoencoder, deep ones, two ways to enlarge, the weighted VAE."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.clusters import S5
from narrows.reproduce.drawings import strip, wall
from narrows.reproduce.lab import (
    Entry,
    Figure,
    Finding,
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
"""Fewer images need larger steps."""


def linear(lab: Lab) -> Finding:
    x = held_out_images(lab.digits)
    rows, numbers = [], dict[str, float]()
    for name, recipe, sizes in (
        ("linear", "linear", lab.pick((2, 8, 32), (2,))),
        ("SGD, as in the deck", "s1", (2,)),
    ):
        for d in sizes:
            changes = FEWER if lab.quick and recipe == "linear" else None
            run = lab.fit(recipe, latent_dim=d, overrides=changes)
            ratio = mse(x, reconstruct_images(run, x)) / lab.pca(lab.digits, d)[1]
            angle = largest_angle(lab, run, d)
            rows.append([name, str(d), number(ratio, 5), f"{angle:.2f}°"])
            numbers |= {f"ratio {recipe} {d}": ratio, f"angle {recipe} {d}": angle}
    last = len(run.history)
    found = [(numbers[f"ratio linear {d}"], numbers[f"angle linear {d}"]) for d in lab.pick((2, 8, 32), (2,))]
    worst, angle = max(abs(ratio - 1) for ratio, _ in found), max(angle for _, angle in found)
    return Finding(
        numbers,
        {"ratio": 1.0, "angle": 0.0},
        worst <= 0.01 and angle <= 1,
        f"Trained by gradients, the linear autoencoder comes within {100 * worst:.2f} % of PCA's test error "
        "and "
        f"{angle:.2f}° of its subspace. The deck's plain SGD (learning rate 0.01, mean squared error) has "
        "come to "
        f"{numbers['ratio s1 2']:.3f} times PCA's error after {last} "
        "epochs.",
        (
            table(
                ["training", "numbers", "error in units of PCA's", "largest angle"],
                rows,
                "The linear autoencoder and PCA.",
            ),
            directions(lab, lab.fit("linear", latent_dim=lab.pick(8, 2), overrides=lab.pick(None, FEWER))),
        ),
    )


def basis(run: Run) -> Array:
    """Orthonormal columns `(784, d)` that span what the decoder can say."""
    weights = run.model.decoder.project.weight.detach().double().numpy()  # type: ignore[union-attr, operator]
    return np.linalg.qr(weights)[0]


def largest_angle(lab: Lab, run: Run, d: int) -> float:
    """Degrees between the decoder's subspace and that of the principal components."""
    theirs = lab.pca(lab.digits, d)[0].directions.T.astype(np.float64)
    shared = np.linalg.svd(basis(run).T @ theirs, compute_uv=False)
    return float(np.degrees(np.arccos(min(1.0, shared.min()))))


def directions(lab: Lab, run: Run) -> Figure:
    """The decoder's columns beside the components: another basis of the same subspace."""
    theirs = lab.pca(lab.digits, run.model.code_size)[0].directions
    ours = run.model.decoder.project.weight.detach().numpy().T  # type: ignore[union-attr, operator]
    rows = {"Decoder": ours, "PCA": theirs, "Decoder, turned": (basis(run) @ basis(run).T @ theirs.T).T}
    return strip(
        {name: contrasted(images) for name, images in rows.items()},
        "The decoder's weights, the principal components, and those components as the decoder can say them.",
    )


def contrasted(rows: Array) -> Array:
    """Rows of 784 numbers as images in [0, 1], 0 in the middle."""
    scale = np.abs(rows).max(axis=1, keepdims=True)
    return (0.5 + 0.5 * rows / scale).reshape(-1, 28, 28)


def deep(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(None, 15)
    kinds: dict[str, dict[str, Any]] = {
        "no hidden layer": {"encoder": {"widths": []}, "decoder": {"tied": False}},
        "one, 512": {"encoder": {"widths": [512]}, "decoder": {"tied": False}},
        "three, 512-256-128": {"decoder": {"tied": False}},
        "three, tied weights": {},
    }
    faster = lab.pick({}, {"training": {"learning_rate": 5e-3}})
    runs = {
        name: lab.fit("s2", overrides={**changes, **faster}, epochs=epochs) for name, changes in kinds.items()
    }
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    pca = lab.pca(lab.digits, 30)[1]
    rows = [[name, f"{count_weights(runs[name]):,}", number(error)] for name, error in errors.items()]
    deepest = min(errors["three, 512-256-128"], errors["three, tied weights"])
    return Finding(
        errors,
        {"pca_mse": pca},
        deepest < errors["no hidden layer"],
        "The test error with 30 numbers: "
        + ", ".join(f"{error:.4f} with {name}" for name, error in errors.items())
        + f"; PCA's is {pca:.4f}. What too many layers do on few rows is claim K11.",
        (
            table(["hidden layers each way", "weights", "test error"], rows, "Stacked autoencoders."),
            strip(
                {
                    "Original": x[:SHOWN],
                    **{name: reconstruct_images(run, x[:SHOWN]) for name, run in runs.items()},
                },
                "Test images.",
            ),
        ),
    )


def two_ways(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(3, 8)
    data = lab.first(lab.digits, 20_000)
    runs = {
        name: lab.fit("s3", data, epochs=epochs, overrides={"decoder": {"upsample": kind}})
        for name, kind in (
            ("Upsampling and convolution", "nearest"),
            ("Transposed convolution", "transposed"),
        )
    }
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    boards = {name: checkerboard(reconstruct_images(run, x[:500])) for name, run in runs.items()}
    smooth, strided = boards.values()
    return Finding(
        {
            **{f"mse, {name}": e for name, e in errors.items()},
            **{f"checkerboard, {n}": b for n, b in boards.items()},
        },
        {"checkerboard, originals": checkerboard(x[:500])},
        max(errors.values()) < lab.pick(lab.pca(lab.digits, 16)[1], 0.8 * mean_image_error(lab.digits)),
        f"Both work: test error {errors['Upsampling and convolution']:.4f} by upsampling, "
        f"{errors['Transposed convolution']:.4f} by transposed convolution (20,000 images at most, {epochs} "
        "epochs). Of "
        f"the pattern that alternates from pixel to pixel they leave {smooth:.2e} and {strided:.2e} of the "
        "variance; "
        f"the originals have {checkerboard(x[:500]):.2e}.",
        (
            strip(
                {
                    "Original": x[:SHOWN],
                    **{name: reconstruct_images(run, x[:SHOWN]) for name, run in runs.items()},
                },
                "Two decoders.",
            ),
        ),
    )


def checkerboard(images: Array) -> float:
    """Share of the variance of `images (n, height, width)` at the highest frequency both ways."""
    spectrum = np.abs(np.fft.fft2(images - images.mean(axis=(1, 2), keepdims=True))) ** 2
    n = images.shape[1] // 2
    return float(spectrum[:, n - 1 : n + 2, n - 1 : n + 2].sum() / spectrum.sum())


def weighted(lab: Lab) -> Finding:
    x, epochs, data = held_out_images(lab.digits), lab.pick(5, 8), lab.first(lab.digits, 20_000)
    rows, numbers, walls = [], dict[str, float](), []
    for covariance in ("diagonal", "full"):
        for c in (1.0, 4.0, 20.0):
            changes = {"loss": {"weight": c}, "bottleneck": {"covariance": covariance}}
            run = lab.fit("s4", data, epochs=epochs, overrides=changes)
            kl, error = run.history[-1]["validation"]["kl"], mse(x, reconstruct_images(run, x))
            rows.append([covariance, number(c), number(error), number(kl)])
            numbers |= {f"mse {covariance} C={c:g}": error, f"kl {covariance} C={c:g}": kl}
            if covariance == "full" and c != 4.0:
                walls.append(
                    wall(sample(run, 20, lab.seed)[0] / 255, 10, f"Samples with C = {c:g}, full covariance.")
                )
    falls = all(numbers[f"mse {k} C=20"] < numbers[f"mse {k} C=1"] for k in ("diagonal", "full"))
    costs = all(numbers[f"kl {k} C=20"] > numbers[f"kl {k} C=1"] for k in ("diagonal", "full"))
    return Finding(
        numbers,
        {},
        falls and costs,
        f"A larger C buys a smaller error for a longer code: from {numbers['mse diagonal C=1']:.4f} at "
        f"{numbers['kl diagonal C=1']:.1f} nats to {numbers['mse diagonal C=20']:.4f} at "
        f"{numbers['kl diagonal C=20']:.1f} "
        f"(20,000 images at most, {epochs} epochs). With a full covariance it is "
        f"{numbers['mse full C=1']:.4f} and "
        f"{numbers['mse full C=20']:.4f}.",
        (
            table(["covariance", "C", "test error", "KL in nats"], rows, "The weight C and the covariance."),
            *walls,
        ),
    )


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
