"""Lecture C: the convolutional autoencoder with batch normalisation, and two reconstruction losses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import architecture, lines
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import (
    Entry,
    Lab,
    add_noise,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import denoising_strip, reconstruction_strip
from narrows.runs.run import Run


def as_written_and_corrected(lab: Lab) -> Finding:
    epochs = lab.pick(None, 14)
    written, corrected = (lab.fit(recipe, epochs=epochs) for recipe in ("c1", "c1-corrected"))
    x = held_out_images(lab.digits)
    noisy = add_noise(x)
    train = written.history[-1]["train"]["reconstruction"] / x[0].size
    val = mse(x, reconstruct_images(written, x))
    from_noisy, from_clean = (mse(x, reconstruct_images(corrected, images)) for images in (noisy, x))
    threshold = lab.pick(0.0288, 0.8 * mean_image_error(lab.digits))
    as_printed = lab.pick(
        (
            at_most("|training loss - 0.051|", abs(train - 0.051), 0.002, "the slides"),
            at_most("|validation loss - 0.040|", abs(val - 0.040), 0.001, "the slides"),
        ),
        (at_least("training loss", train, val, "the validation loss, as on the slides"),),
    )
    return Finding(
        {"train": train, "val": val, "corrected_from_noisy": from_noisy, "corrected_from_clean": from_clean},
        {"pca_mse": lab.pca(lab.digits, 4)[1], "corrected_threshold": threshold},
        (
            *as_printed,
            at_most(
                "corrected test error, noisy or clean",
                max(from_noisy, from_clean),
                threshold,
                lab.pick("the corrected network run elsewhere, 0.0276", "80 % of the mean image's error"),
            ),
        ),
        f"As written, with the noisy image as target, the last training loss is {train:.4f} and the error on "
        f"clean test images {val:.4f}. With the clean image as target, which is denoising, the same network "
        f"reaches {from_noisy:.4f} from noisy and {from_clean:.4f} from clean images. Four latent dimensions "
        "cannot encode the noise that the lecture's target contains.",
        (
            architecture(written),
            denoising_strip(written, x, noisy, "As written: the target is the noisy image."),
            denoising_strip(corrected, x, noisy, "Corrected: the target is the clean image."),
            training_curves({"corrected": corrected, "as written": written}, x[0].size),
        ),
    )


def training_curves(runs: Mapping[str, Run], values: int) -> Figure:
    """The training error per value by epoch, for each run."""
    curves = {
        name: [epoch["train"]["reconstruction"] / values for epoch in run.history]
        for name, run in runs.items()
    }
    return lines(
        list(range(1, 1 + max(map(len, curves.values())))),
        curves,
        "Training error by epoch, with the clean and with the noisy image as target.",
        across="epoch",
        up="mean squared error",
    )


def losses(lab: Lab) -> Finding:
    data, epochs = lab.first(lab.digits, 20_000), lab.pick(5, 20)
    bernoulli = {"loss": {"name": "bernoulli", "per": "value"}}
    squared = lab.fit("y1", data, latent_dim=8, epochs=epochs)
    entropy = lab.fit("y1", data, latent_dim=8, epochs=epochs, overrides=bernoulli)
    x = held_out_images(lab.digits)
    grey = errors_on("grey", x, squared, entropy)
    binary = errors_on("binary", black_and_white(x), squared, entropy)
    by_entropy, by_squared = (
        binary[f"cross_entropy_on_binary_trained_with_{loss}"] for loss in ("bce", "mse")
    )
    return Finding(
        grey | binary,
        {},
        (
            at_most(
                "cross-entropy on binary images, trained with it",
                by_entropy,
                by_squared,
                "trained with squared error",
            ),
        ),
        "The same network is trained with each loss. On binarised test images the cross-entropy is "
        f"{by_entropy:.3f} nats per pixel after training with cross-entropy and {by_squared:.3f} after "
        "training with squared error. On grey images the squared error is "
        f"{grey['squared_error_on_grey_trained_with_bce']:.4f} and "
        f"{grey['squared_error_on_grey_trained_with_mse']:.4f}. Lecture C averages the loss over values, "
        "lecture P sums the cross-entropy, and lecture S sums the squares. Relative to a KL term a mean "
        "weighs 784 times less than a sum. In Narrows a loss is a sum over the values of an example, unless "
        "a recipe has per: value.",
        (
            reconstruction_strip(squared, x, "Trained with squared error."),
            reconstruction_strip(entropy, x, "Trained with cross-entropy."),
        ),
    )


def errors_on(name: str, x: Array, squared: Run, entropy: Run) -> dict[str, float]:
    """Both errors per pixel of both runs on images `x`, with names for the page."""
    runs = {"mse": squared, "bce": entropy}
    outputs = {loss: np.clip(reconstruct_images(run, x), 0, 1) for loss, run in runs.items()}
    return {
        f"{error.__name__}_on_{name}_trained_with_{loss}": error(x, y)
        for loss, y in outputs.items()
        for error in (squared_error, cross_entropy)
    }


def black_and_white(x: Array) -> Array:
    """Pixels above ½ as 1, the others as 0, float32."""
    return (x > 0.5).astype(np.float32)


def squared_error(x: Array, y: Array) -> float:
    """Mean squared error per pixel."""
    return mse(x, y)


def cross_entropy(x: Array, y: Array) -> float:
    """Mean cross-entropy per pixel in nats; the probabilities `y` are clipped to [1/510, 1 - 1/510]."""
    p = np.clip(y.astype(np.float64), 1 / 510, 1 - 1 / 510)
    return float(-(x * np.log(p) + (1 - x) * np.log(1 - p)).mean())


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "C2",
        "reconstruction losses",
        "Mean squared error for real-valued input, binary cross-entropy for binary input.",
        losses,
    ),
    Entry(
        "C1",
        "autoencoder with batch normalisation",
        "Trained on noisy images with four latent dimensions: training loss 0.051 and validation loss 0.040 "
        "in the tenth epoch.",
        as_written_and_corrected,
        {"train": 0.051, "val": 0.040},
    ),
)
