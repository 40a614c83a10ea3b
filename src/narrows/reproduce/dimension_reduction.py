"""Dimension reduction by an autoencoder and by PCA (U1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.code_clusters import project
from narrows.reproduce.drawings import lines, scatters, strip
from narrows.reproduce.findings import Check, Figure, Finding, at_most, median_of
from narrows.reproduce.lab import Entry, Lab, flat, mse
from narrows.reproduce.tables import medians_over, number
from narrows.reproduce.trials import mlp, reconstruct_bytes, reconstruction_error, subset
from narrows.reproduce.use_models import BATCH, WIDTHS, seeds
from narrows.runs.run import Run

SIZES = (2, 8, 32)
"""Latent dimensions; the quick table has the first two."""

ON_STRIP = 12
"""Images in the figure of reconstructions."""

Fitted = Mapping[int, Sequence[Run]]
"""By latent dimensions, one autoencoder for each seed."""


def reduces(lab: Lab) -> Finding:
    """The error on test images of autoencoders and of PCA with as many dimensions."""
    data = subset(lab.digits, lab.pick(20_000, 2000))
    sizes, epochs = lab.pick(SIZES, SIZES[:2]), lab.pick(12, 8)
    fitted = {size: fit_seeds(lab, data, size, epochs) for size in sizes}
    pcas = {size: Pca.fit(flat(data.array), size) for size in sizes}
    errors = {size: [reconstruction_error(run, data.held_out) for run in of] for size, of in fitted.items()}
    linear = {size: pca_error(pca, data) for size, pca in pcas.items()}
    medians = {size: median_of(each).value for size, each in errors.items()}
    return Finding(
        {"images": len(data), "epochs": epochs, **named("autoencoder", medians)},
        named("pca", linear),
        checks(errors, linear),
        sentence(medians, linear, len(fitted[2])),
        (
            code_scatter(fitted[2][0], pcas[2], data),
            error_plot(medians, linear),
            reconstructions(fitted, pcas, data),
        ),
    )


def fit_seeds(lab: Lab, data: Data, size: int, epochs: int) -> list[Run]:
    """An autoencoder 784-256-128-`size` and back for each seed, one in the quick table."""
    network = mlp(WIDTHS, training={"batch_size": BATCH})
    return [
        lab.fit("autoencoder", data, latent_dim=size, overrides=network, epochs=epochs, seed=seed)
        for seed in seeds(lab)
    ]


def pca_error(pca: Pca, data: Data) -> float:
    """The mean squared error per value of PCA on the test images of `data`."""
    x = flat(data.held_out.array)
    return mse(x, pca.reconstruct(x))


def checks(errors: Mapping[int, Sequence[float]], linear: Mapping[int, float]) -> tuple[Check, ...]:
    """An autoencoder has a smaller error than as many principal components, at each size."""
    return tuple(
        at_most(
            f"test error with {size} dimensions / PCA's",
            median_of([error / linear[size] for error in each]),
            1,
            "PCA with as many components, fitted to the same images",
        )
        for size, each in errors.items()
    )


def named(model: str, errors: Mapping[int, float]) -> dict[str, float]:
    return {f"{model}_test_error_{size}_dimensions": error for size, error in errors.items()}


def sentence(medians: Mapping[int, float], linear: Mapping[int, float], seeds: int) -> str:
    listed = ", ".join(
        f"{number(medians[size])} with {size} dimensions (PCA {number(linear[size])})" for size in medians
    )
    return f"The mean squared error per pixel on test images is {listed}. {medians_over(seeds)}"


def code_scatter(run: Run, pca: Pca, data: Data) -> Figure:
    test, labels = data.held_out.array, np.asarray(data.held_out.labels)
    return scatters(
        {
            "autoencoder, 2 latent dimensions": (run.encode(test), labels),
            "PCA, 2 components": (project(pca, flat(test)), labels),
        },
        "The two numbers that stand for each test image, coloured by digit. The labels were not used.",
    )


def error_plot(medians: Mapping[int, float], linear: Mapping[int, float]) -> Figure:
    return lines(
        list(medians),
        {"autoencoder": list(medians.values()), "PCA": list(linear.values())},
        "The error on test images by the number of dimensions.",
        across="dimensions",
        up="mean squared error",
        log_x=True,
    )


def reconstructions(fitted: Fitted, pcas: Mapping[int, Pca], data: Data) -> Figure:
    """The first test images, and what each model makes of them."""
    test = data.held_out.array[:ON_STRIP]
    x = flat(test)
    rows: dict[str, Array] = {"Original": x}
    for size, models in fitted.items():
        rows[f"Autoencoder, {size}"] = flat(255 * reconstruct_bytes(models[0], test))
        rows[f"PCA, {size}"] = pcas[size].reconstruct(x)
    images = {name: row.reshape(test.shape) for name, row in rows.items()}
    return strip(images, "Test images, and their reconstructions by number of dimensions.")


U1 = Entry(
    "U1",
    "dimension reduction",
    "An autoencoder reduces the number of dimensions as PCA does, and captures non-linear "
    "relationships, which PCA cannot.",
    reduces,
)
