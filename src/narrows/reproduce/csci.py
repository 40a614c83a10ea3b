"""Deck C: the convolutional autoencoder with batch normalisation, and its two losses."""

from __future__ import annotations

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import architecture, lines
from narrows.reproduce.lab import (
    Entry,
    Finding,
    Lab,
    add_noise,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import originals, triple


def as_written_and_corrected(lab: Lab) -> Finding:
    epochs = lab.pick(None, 14)
    written, corrected = (lab.fit(recipe, epochs=epochs) for recipe in ("c1", "c1-corrected"))
    x = held_out_images(lab.digits)
    seen = add_noise(x)
    train = written.history[-1]["train"]["reconstruction"] / x[0].size
    val = mse(x, reconstruct_images(written, x))
    from_noisy, from_clean = (
        mse(x, reconstruct_images(corrected, seen)),
        mse(x, reconstruct_images(corrected, x)),
    )
    limit = lab.pick(0.0288, 0.8 * mean_image_error(lab.digits))
    as_deck = lab.pick(abs(train - 0.051) <= 0.002 and abs(val - 0.040) <= 0.001, train > val)
    return Finding(
        {"train": train, "val": val, "corrected_from_noisy": from_noisy, "corrected_from_clean": from_clean},
        {"pca_mse": lab.pca(lab.digits, 4)[1], "corrected_wanted": limit},
        as_deck and max(from_noisy, from_clean) <= limit,
        f"As written, compared with the noisy image, training ends at {train:.4f} and clean test images at "
        f"{val:.4f}. Compared with the clean image, as denoising is meant, the same network reaches "
        f"{from_noisy:.4f} from noisy and {from_clean:.4f} from clean images: the deck's target asks the "
        "model "
        f"for noise that four numbers cannot hold.",
        (
            architecture(written),
            triple(written, x, seen, "As written: the target is the noisy image."),
            triple(corrected, x, seen, "Corrected: the target is the clean image."),
            lines(
                [epoch["number"] for epoch in written.history],
                {
                    name: [epoch["train"]["reconstruction"] / x[0].size for epoch in run.history]
                    for name, run in (("corrected", corrected), ("as written", written))
                },
                "Training error by epoch: against the clean target, and against the noisy one.",
                across="epoch",
                up="mean squared error",
            ),
        ),
    )


def losses(lab: Lab) -> Finding:
    data, epochs = lab.first(lab.digits, 20_000), lab.pick(5, 20)
    squared = lab.fit("y1", data, latent_dim=8, epochs=epochs)
    entropy = lab.fit(
        "y1", data, latent_dim=8, epochs=epochs, overrides={"loss": {"name": "bernoulli", "per": "value"}}
    )
    x = held_out_images(lab.digits)
    binary = (x > 0.5).astype(np.float32)
    numbers = {
        f"{measure.__name__}_{name}_{kind}": measure(target, np.clip(reconstruct_images(run, target), 0, 1))
        for kind, target in (("grey", x), ("binary", binary))
        for name, run in (("mse", squared), ("bce", entropy))
        for measure in (error, crossentropy)
    }
    better = numbers["crossentropy_bce_binary"] < numbers["crossentropy_mse_binary"]
    return Finding(
        numbers,
        {},
        better,
        f"The same network, trained for either loss. On black-and-white test images the one trained for "
        f"cross-entropy says {numbers['crossentropy_bce_binary']:.3f} nats per pixel, the one trained for "
        "squared "
        f"error {numbers['crossentropy_mse_binary']:.3f}; by squared error of grey values they come to "
        f"{numbers['error_bce_grey']:.4f} and {numbers['error_mse_grey']:.4f}. Deck C means over values, "
        "deck P "
        f"sums the cross-entropy, deck S the squares: beside a divergence the mean weighs 784 times less, so "
        f"here losses are sums over an example's values unless a recipe says per: value.",
        (
            originals(squared, x, "Trained for squared error."),
            originals(entropy, x, "Trained for cross-entropy."),
        ),
    )


def error(x: Array, y: Array) -> float:
    """Mean squared error per pixel."""
    return mse(x, y)


def crossentropy(x: Array, y: Array) -> float:
    """Mean cross-entropy per pixel in nats, of probabilities kept one 8-bit step from 0 and 1."""
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
        "Trained on noisy images with four numbers in the code: train loss 0.051 and validation loss 0.040 "
        "in "
        "the tenth epoch.",
        as_written_and_corrected,
        {"train": 0.051, "val": 0.040},
    ),
)
