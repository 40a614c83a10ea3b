"""Deep networks: whether they need pretraining (K12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_most, exact, mean_of
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number
from narrows.reproduce.trials import SQUARED, errors_by_epoch, reconstruction_error, subset
from narrows.runs.run import Run

NAN = float("nan")

LAYERS = 5
"""Hidden layers in encoder and decoder each of the deep sigmoid network; the quick table has one less."""

LAYERWISE = 0.5
"""Share of the epochs in which layers are trained one by one."""

TRAINING = {"batch_size": 32}
QUICK_TRAINING = {"batch_size": 16, "learning_rate": 5e-3, "schedule": "constant"}
"""The quick table has fewer images, and takes smaller batches and a larger learning rate."""

VARIANTS: dict[str, dict[str, Any]] = {
    "random weights": {},
    "pretrained layer by layer": {"training": {"layerwise": LAYERWISE}},
    "batch normalisation": {"encoder": {"norm": "batch"}},
    "residual layers": {"encoder": {"residual": True}},
    "ReLU instead of sigmoid": {"encoder": {"activation": "relu"}},
}
"""The deep sigmoid network, and what is changed in it or in its training."""


def deep_data(lab: Lab) -> Data:
    return subset(lab.digits, lab.pick(4000, 2000), lab.pick(2000, 500))


def layers(lab: Lab) -> int:
    """Hidden layers in encoder and decoder each."""
    return int(lab.pick(LAYERS, LAYERS - 1))


def fit_deep(lab: Lab, variant: dict[str, Any], seed: int) -> Run:
    """A variant of the deep network; all are trained for the same number of epochs."""
    deep = {"name": "mlp", "widths": [128] * layers(lab), "activation": "sigmoid"}
    overrides = {
        "encoder": {**deep, **variant.get("encoder", {})},
        "loss": SQUARED,
        "training": {
            **lab.pick(TRAINING, QUICK_TRAINING),
            "layerwise": 0.0,
            **variant.get("training", {}),
        },
    }
    return lab.fit(
        "y6", deep_data(lab), latent_dim=30, overrides=overrides, epochs=lab.pick(30, 8), seed=seed
    )


def deep_sigmoid(lab: Lab) -> Finding:
    """The variants of one deep network, trained for the same number of epochs."""
    data = deep_data(lab)
    trained = {
        name: [fit_deep(lab, variant, seed) for seed in lab.seeds[: lab.pick(3, 1)]]
        for name, variant in VARIANTS.items()
    }
    measured = {
        name: [reconstruction_error(run, data.held_out) for run in of] for name, of in trained.items()
    }
    runs = {name: of[0] for name, of in trained.items()}
    errors = {name: float(np.mean(each)) for name, each in measured.items()}
    _, mean = lab.pca(data, 0)
    _, pca = lab.pca(data, 30)
    random, pretrained, normalised, residual, relu = errors.values()
    needed, replaced = pretrained < 0.8 * random, max(normalised, residual) <= pretrained
    return Finding(
        {
            "rows": len(data),
            "seeds": len(measured["random weights"]),
            "epochs": len(runs["random weights"].history),
            "test_error": errors,
        },
        {"pca_test_error": pca, "error_of_the_mean_image": mean},
        checks(measured),
        f"{layers(lab)} hidden layers of 128 sigmoid units in encoder and decoder each, {len(data):,} "
        f"images, the same number of epochs, means over seeds ({len(next(iter(measured.values())))}). The "
        f"test error is {number(random)} from random weights (the mean image: {number(mean)}), "
        f"{number(pretrained)} with layer-wise pretraining, {number(normalised)} with batch normalisation "
        f"and {number(residual)} with residual layers, both without pretraining: "
        f"{conclusion(needed, replaced)} With ReLU instead of the sigmoid it is {number(relu)}; PCA with "
        f"30 components has {number(pca)}.",
        (curves(runs),),
    )


def checks(errors: Mapping[str, Sequence[float]]) -> tuple[Check, ...]:
    """Pretraining improves the network, and without it so do batch normalisation and residual layers."""
    random, pretrained, normalised, residual, _ = errors.values()
    less, source = "random weights, less a fifth", "pretrained"
    return (
        at_most("test error pretrained / random", ratio(pretrained, random), 0.8, less),
        at_most("test error with batch normalisation / pretrained", ratio(normalised, pretrained), 1, source),
        at_most("test error with residual layers / pretrained", ratio(residual, pretrained), 1, source),
    )


def ratio(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """The ratio seed by seed: its mean with an interval, or the value of a single seed."""
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    return mean_of(ratios) if len(ratios) > 1 else exact(ratios[0])


def conclusion(needed: bool, replaced: bool) -> str:
    """What the errors say about the claim."""
    first = "pretraining improves this network" if needed else "pretraining hardly improves this network"
    second = "each of the other two replaces it" if replaced else "not each of the other two replaces it"
    return f"{first}, and {second}."


def curves(runs: dict[str, Run]) -> Figure:
    """The test error of each variant by epoch, while all layers are trained together."""
    epochs = len(runs["random weights"].history)
    errors = {name: errors_by_epoch(run, "validation") for name, run in runs.items()}
    return lines(
        list(range(1, epochs + 1)),
        {name: [NAN] * (epochs - len(curve)) + curve for name, curve in errors.items()},
        "Test error by epoch, with the first seed. The pretrained network spends "
        f"{round(100 * LAYERWISE)} % of its epochs on single layers; its curve begins when all layers are "
        "trained together.",
        across="epoch",
        up="mean squared error",
        log_y=True,
    )


K12 = Entry(
    "K12",
    "layer-wise pretraining and what replaced it",
    "Layer-wise (pre)training for deep networks is deprecated due to batch normalisation and ResNets.",
    deep_sigmoid,
)
