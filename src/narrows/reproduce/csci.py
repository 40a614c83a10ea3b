"""Lecture C: the convolutional autoencoder with batch normalisation, and two reconstruction losses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import architecture, lines
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_most, median_of
from narrows.reproduce.lab import (
    Entry,
    Lab,
    add_noise,
    held_out_images,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import denoising_strip, reconstruction_strip
from narrows.runs.run import Run


def as_written_and_corrected(lab: Lab) -> Finding:
    trained, corrections = (lab.fit_seeds(recipe) for recipe in ("c1", "c1-corrected"))
    written, corrected, x = trained[0], corrections[0], held_out_images(lab.digits)
    noisy, pca = add_noise(x), lab.pca(lab.digits, 4)[1]
    train = median_of([run.history[-1]["train"]["reconstruction"] / x[0].size for run in trained])
    val = median_of([mse(x, reconstruct_images(run, x)) for run in trained])
    from_noisy = median_of([mse(x, reconstruct_images(run, noisy)) for run in corrections])
    from_clean = median_of([mse(x, reconstruct_images(run, x)) for run in corrections])
    return Finding(
        {
            "train": train.value,
            "val": val.value,
            "corrected_from_noisy": from_noisy.value,
            "corrected_from_clean": from_clean.value,
        },
        {"pca_mse": pca},
        (
            *lab.pick(as_printed(train, val), ()),
            at_most("validation loss", val, train.value, "the training loss, whose target is noisy"),
            at_most("corrected, from clean images", from_clean, val.value, "as written"),
            at_most("corrected, from clean images", from_clean, pca, "PCA with 4 components"),
        ),
        f"As written, with the noisy image as target, the last training loss is {train.value:.4f} and the "
        f"error on clean test images {val.value:.4f}{lab.pick('', '; those printed are of MNIST')}. "
        "With the clean image as target, which is denoising, the same network reaches "
        f"{from_noisy.value:.4f} from noisy and {from_clean.value:.4f} from clean images. Four latent "
        "dimensions cannot encode the noise that the lecture's target contains.",
        (
            architecture(written),
            denoising_strip(written, x, noisy, "As written: the target is the noisy image."),
            denoising_strip(corrected, x, noisy, "Corrected: the target is the clean image."),
            training_curves({"corrected": corrected, "as written": written}, x[0].size),
        ),
    )


def as_printed(train: Estimate, val: Estimate) -> tuple[Check, ...]:
    """Both losses are those printed on the slides, to 0.002 and 0.001."""
    return tuple(
        at_most(
            f"|{name} − {printed:.3f}|",
            median_of([abs(value - printed) for value in loss.values]),
            margin,
            f"the slides: {printed:.3f}, to {margin}",
        )
        for name, loss, printed, margin in (
            ("training loss", train, 0.051, 0.002),
            ("validation loss", val, 0.040, 0.001),
        )
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
    data, epochs = lab.first(lab.digits, lab.pick(20_000, 2000)), lab.pick(5, 20)
    bernoulli = {"loss": {"name": "bernoulli", "per": "value"}}
    pairs = [
        lab.fit_seeds("y1", data, latent_dim=8, epochs=epochs, overrides=overrides)
        for overrides in (None, bernoulli)
    ]
    x = held_out_images(lab.digits)
    squared, entropy = pairs[0][0], pairs[1][0]
    grey = errors_on("grey", x, squared, entropy)
    binary = errors_on("binary", black_and_white(x), squared, entropy)
    ratio = median_of([entropy_ratio(black_and_white(x), *pair) for pair in zip(*pairs, strict=True)])
    return Finding(
        grey | binary,
        {},
        (
            at_most(
                "cross-entropy on binary images, trained with it / with squared error",
                ratio,
                1,
                "the same network trained with squared error",
            ),
        ),
        "The same network is trained with each loss. On binarised test images the cross-entropy is "
        f"{binary['cross_entropy_on_binary_trained_with_bce']:.3f} nats per pixel after training with "
        f"cross-entropy and {binary['cross_entropy_on_binary_trained_with_mse']:.3f} after "
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


def entropy_ratio(x: Array, squared: Run, entropy: Run) -> float:
    """The cross-entropy on `x` after training with it, divided by that after training with squared error."""
    errors = errors_on("x", x, squared, entropy)
    return errors["cross_entropy_on_x_trained_with_bce"] / errors["cross_entropy_on_x_trained_with_mse"]


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
        {"training_loss": "0.051", "validation_loss": "0.040"},
    ),
)
