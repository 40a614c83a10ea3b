"""An autoencoder as a step of a scikit-learn pipeline (U12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least, median_of
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import medians_over, percent
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import autoencoder, seeds

SIZES = (2, 8, 32)
"""Features that a step leaves of the pixels; the quick table has the second alone."""

CODE = """reduce = Autoencoder(8, image_shape=(28, 28))
pipeline = make_pipeline(reduce, StandardScaler(), LogisticRegression())
pipeline.fit(X, y)
pipeline.score(X_test, y_test)"""

Accuracies = Mapping[int, Sequence[float]]
"""By the number of features, one accuracy for each seed."""


def preprocesses(lab: Lab) -> Finding:
    """The accuracy of a logistic regression on codes and on principal components."""
    data = subset(lab.digits, lab.pick(5000, 2000))
    sizes = lab.pick(SIZES, SIZES[1:2])
    codes = {
        size: [accuracy(code_step(lab, data, size, seed), data) for seed in seeds(lab)] for size in sizes
    }
    components = {size: accuracy(pca_step(size), data) for size in sizes}
    pixels = accuracy("passthrough", data)
    medians = {size: float(np.median(each)) for size, each in codes.items()}
    return Finding(
        {"images": len(data), **named("autoencoder", medians)},
        {**named("pca", components), "all_pixels_accuracy": pixels},
        checks(codes, components),
        sentence(medians, components, pixels, len(data), len(seeds(lab))),
        (code_figure(), *accuracy_plot(medians, components, pixels)),
    )


def code_step(lab: Lab, data: Data, size: int, seed: int) -> Any:
    """The autoencoder as a step; images come as rows of values, as scikit-learn has them."""
    return autoencoder(size, lab.pick(12, 14), seed, image_shape=data.array.shape[1:])


def pca_step(size: int) -> Any:
    from sklearn.decomposition import PCA

    return PCA(size, random_state=0)


def accuracy(step: Any, data: Data) -> float:
    """The test accuracy of a pipeline of `step`, a scaling and a logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(step, StandardScaler(), LogisticRegression(max_iter=1000))
    pipeline.fit(flat(data.array), data.labels)
    return float(pipeline.score(flat(data.held_out.array), data.held_out.labels))


def checks(codes: Accuracies, components: Mapping[int, float]) -> tuple[Check, ...]:
    """A logistic regression is better on codes than on as many principal components."""
    return tuple(
        at_least(
            f"accuracy with {size} features, autoencoder − PCA",
            median_of([value - components[size] for value in each]),
            0,
            "the same pipeline with PCA as its step",
        )
        for size, each in codes.items()
    )


def named(step: str, accuracies: Mapping[int, float]) -> dict[str, float]:
    return {f"{step}_accuracy_{size}_features": value for size, value in accuracies.items()}


def sentence(
    medians: Mapping[int, float], components: Mapping[int, float], pixels: float, n: int, seeds: int
) -> str:
    listed = ", ".join(
        f"{percent(value)} with {size} features (PCA {percent(components[size])})"
        for size, value in medians.items()
    )
    return (
        f"A logistic regression on the codes of an autoencoder, both fitted to {n:,} images by one pipeline, "
        f"classifies {listed} of the test images correctly. {medians_over(seeds)} "
        f"On all pixels it is {percent(pixels)}."
    )


def code_figure() -> Figure:
    return Figure(
        f"<pre>{escape(CODE)}</pre>", "The pipeline; PCA(8) is the other step. X has a row per image."
    )


def accuracy_plot(
    medians: Mapping[int, float], components: Mapping[int, float], pixels: float
) -> tuple[Figure, ...]:
    """The accuracies as curves, if there are several numbers of features."""
    curves = {
        "autoencoder": list(medians.values()),
        "PCA": list(components.values()),
        "all pixels": [pixels] * len(medians),
    }
    caption = "The test accuracy of a logistic regression by the number of features."
    plot = lines(list(medians), curves, caption, across="features", up="accuracy", log_x=True)
    return (plot,) if len(medians) > 1 else ()


U12 = Entry(
    "U12",
    "preprocessing for another model",
    "Training data are preprocessed by an autoencoder, by compression or denoising, for a downstream model.",
    preprocesses,
)
