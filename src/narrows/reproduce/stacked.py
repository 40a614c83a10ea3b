"""Stacked autoencoders: the test error by the number of hidden layers (S2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_most, median_of
from narrows.reproduce.lab import (
    Entry,
    Lab,
    count_weights,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.tables import number, percent, table, vector
from narrows.runs.run import Run

CODE = 3
"""Latent dimensions."""

NONE, ONE, THREE, TIED = LAYERS = (
    "no hidden layer",
    "one of 512 units",
    "three of 512, 256 and 128 units",
    "three with tied weights, as in the recipe s2",
)
"""Hidden layers of the encoder, which the decoder mirrors."""

NETWORKS: Mapping[str, dict[str, Any]] = {
    NONE: {"encoder": {"widths": []}, "decoder": {"tied": False}},
    ONE: {"encoder": {"widths": [512]}, "decoder": {"tied": False}},
    THREE: {"decoder": {"tied": False}},
    TIED: {},
}
"""Changes to the recipe s2."""

SHOWN = 10

PCA = f"PCA, {CODE} components"

YARDSTICKS = {ONE: PCA, THREE: ONE, TIED: PCA}
"""What the error of a network has to be smaller than."""

Errors = Mapping[str, Sequence[float]]
"""Mean squared test errors by seed, for each network and for PCA."""


def stacked(lab: Lab) -> Finding:
    """The test error without hidden layers, with one, and with three in encoder and decoder each."""
    data, runs = some_images(lab), fit_all(lab)
    errors = measure(lab, data, runs)
    first, x = {name: of[0] for name, of in runs.items()}, held_out_images(data)[:SHOWN]
    listed = ", ".join(f"{median(errors, name):.4f} with {name}" for name in runs)
    return Finding(
        {
            "images": len(data),
            "latent_dim": CODE,
            **{f"error, {name}": median(errors, name) for name in runs},
        },
        {"pca_error": median(errors, PCA), "mean_image_error": mean_image_error(data)},
        checks(errors),
        f"{len(data):,} images, {CODE} latent dimensions. The test error by the hidden layers in encoder and "
        f"decoder each: {listed}; PCA's is {median(errors, PCA):.4f}. With one in each the network has three "
        "hidden layers in all, as the autoencoder drawn on the slides, and is stacked already; its error is "
        f"{percent(median(errors, ONE) / median(errors, PCA))} of PCA's.\nClaim K11 shows what too many "
        "layers do on few images.",
        (layer_table(first, errors), beside_originals(x, first)),
    )


def some_images(lab: Lab) -> Data:
    return lab.first(lab.digits, lab.pick(20_000, 1000))


def fit_all(lab: Lab) -> dict[str, list[Run]]:
    """Every network, trained with several seeds; in the quick table those with three layers are left out."""
    training = lab.pick({}, {"training": {"learning_rate": 3e-3, "batch_size": 32}})
    return {
        name: lab.fit_seeds(
            "s2", some_images(lab), latent_dim=CODE, overrides={**NETWORKS[name], **training}, epochs=8
        )
        for name in lab.pick(LAYERS, (NONE, ONE))
    }


def measure(lab: Lab, data: Data, runs: Mapping[str, Sequence[Run]]) -> Errors:
    x = held_out_images(data)
    errors = {name: [mse(x, reconstruct_images(run, x)) for run in of] for name, of in runs.items()}
    return {**errors, PCA: [lab.pca(data, CODE)[1]] * len(errors[ONE])}


def checks(errors: Errors) -> tuple[Check, ...]:
    """The error of each stacked network beside its yardstick."""
    return tuple(
        at_most(f"test error with {name} / {other}", relative(errors, name, other), 1, other)
        for name, other in YARDSTICKS.items()
        if name in errors
    )


def median(errors: Errors, name: str) -> float:
    return float(np.median(errors[name]))


def relative(errors: Errors, name: str, other: str) -> Estimate:
    """The errors of a network divided by those of another, seed by seed."""
    return median_of([a / b for a, b in zip(errors[name], errors[other], strict=True)])


def layer_table(runs: Mapping[str, Run], errors: Errors) -> Figure:
    return table(
        ("hidden layers in encoder and decoder each", "weights", "test error, by seed", "median / PCA's"),
        (
            (
                name,
                f"{count_weights(run):,}",
                vector(errors[name]),
                number(median(errors, name) / median(errors, PCA)),
            )
            for name, run in runs.items()
        ),
        f"Stacked autoencoders with {CODE} latent dimensions. The sentence above gives medians over seeds.",
    )


def beside_originals(x: Array, runs: Mapping[str, Run]) -> Figure:
    return strip(
        {"Original": x, **{name: reconstruct_images(run, x) for name, run in runs.items()}},
        f"Test images, and their reconstructions from {CODE} latent dimensions.",
    )


S2 = Entry("S2", "stacked autoencoders", "Several hidden layers learn more complex codes.", stacked)
