"""Whether a network that is too deep memorises few images (K11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Estimate, Figure, Finding, at_least, at_most, mean_of
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, table
from narrows.reproduce.trials import mlp, reconstruction_error, subset
from narrows.runs.run import Run

FEW = 500
"""Training images that a network can memorise."""

UNITS = 128
"""Units in each hidden layer."""

CODE = 16
"""Latent dimensions."""


class Errors(NamedTuple):
    """Mean squared errors of networks of one depth, by seed."""

    training: Sequence[float]
    test: Sequence[float]

    @property
    def gaps(self) -> Sequence[float]:
        """Test error divided by training error."""
        return [test / training for training, test in zip(self.training, self.test, strict=True)]


ByDepth = Mapping[int, Errors]
"""Errors by the number of hidden layers in encoder and decoder each."""


def few_images(lab: Lab) -> Data:
    return subset(lab.digits, lab.pick(FEW, FEW // 5), lab.pick(1000, 200))


def fit_few(lab: Lab, depth: int, recipe: str = "autoencoder", seed: int | None = None) -> Run:
    """A network with `depth` hidden layers in encoder and decoder each, trained for long on few images.

    All hidden layers but the first are residual, without which the deepest would not be trained enough.
    """
    overrides = mlp([UNITS] * depth, training={"batch_size": lab.pick(50, 25)}, residual=True)
    epochs = lab.pick(150, 80)
    return lab.fit(recipe, few_images(lab), latent_dim=CODE, overrides=overrides, epochs=epochs, seed=seed)


def too_deep(lab: Lab) -> Finding:
    """Errors on few training images and on test images, from 1 to 6 hidden layers."""
    data, by_depth = few_images(lab), measure(lab)
    shallow, *_, deep = by_depth
    training, test, gap = (
        ratio(getattr(by_depth[deep], name), getattr(by_depth[shallow], name)) for name in MEASURES
    )
    least, compared = f"with {shallow} hidden layer each", f"with {deep} hidden layers each / with {shallow}"
    pca = lab.pca(data, CODE)[1]
    return Finding(
        {"images": len(data), "seeds": len(by_depth[deep].test), **named(by_depth)},
        {"pca_test_error": pca},
        (
            at_most(f"training error {compared}", training, 1, f"{least}: the deeper is trained enough"),
            at_least(f"test error / training error {compared}", gap, 1, least),
            at_least(f"test error {compared}", test, 1, least),
        ),
        f"Trained on {len(data)} images, with {CODE} latent dimensions and {len(by_depth[deep].test)} seeds. "
        f"From {shallow} to {deep} hidden layers in encoder and decoder each the training error changes from "
        f"{mean(by_depth[shallow].training)} to {mean(by_depth[deep].training)} and the test error from "
        f"{mean(by_depth[shallow].test)} to {mean(by_depth[deep].test)} (PCA: {number(pca)}), from "
        f"{mean(by_depth[shallow].gaps)} to {mean(by_depth[deep].gaps)} times the training error.",
        (error_plot(by_depth, pca), depth_table(by_depth)),
    )


MEASURES = ("training", "test", "gaps")


def measure(lab: Lab) -> ByDepth:
    """The errors at every depth with every seed."""
    data, seeds = few_images(lab), range(lab.seed, lab.seed + lab.pick(5, 3))
    depths = lab.pick((1, 2, 4, 6), (1, 4))
    runs = {depth: [fit_few(lab, depth, seed=seed) for seed in seeds] for depth in depths}
    return {
        depth: Errors(
            [reconstruction_error(run, data) for run in of],
            [reconstruction_error(run, data.held_out) for run in of],
        )
        for depth, of in runs.items()
    }


def ratio(deep: Sequence[float], shallow: Sequence[float]) -> Estimate:
    """The mean of the ratio seed by seed, with its interval."""
    return mean_of([a / b for a, b in zip(deep, shallow, strict=True)])


def mean(values: Sequence[float]) -> str:
    return number(float(np.mean(values)))


def named(by_depth: ByDepth) -> dict[str, float]:
    """Mean errors by depth, with names for the page."""
    return {
        f"{name}_error_with_{depth}": float(np.mean(getattr(errors, name)))
        for name in ("training", "test")
        for depth, errors in by_depth.items()
    }


def error_plot(by_depth: ByDepth, pca: float) -> Figure:
    errors = {
        name: [float(np.mean(getattr(errors, name))) for errors in by_depth.values()]
        for name in ("test", "training")
    }
    return lines(
        list(by_depth),
        {**errors, "PCA, test": [pca] * len(by_depth)},
        f"Mean over seeds of the error on the few training images and on test images, with {UNITS} units in "
        "each layer. All hidden layers but the first are residual.",
        across="hidden layers in encoder and decoder each",
        up="mean squared error",
    )


def depth_table(by_depth: ByDepth) -> Figure:
    return table(
        (
            "hidden layers in encoder and decoder each",
            "training error",
            "test error",
            "test / training error",
        ),
        [
            (str(depth), *(with_interval(mean_of(getattr(errors, name))) for name in MEASURES))
            for depth, errors in by_depth.items()
        ],
        "Means over seeds with 95 % intervals.",
    )


def with_interval(estimate: Estimate) -> str:
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


K11 = Entry(
    "K11",
    "too deep a network memorises",
    "Too deep networks can overfit: they memorise points in the coding space for each training example, "
    "instead of learning a good latent representation of them.",
    too_deep,
)
