"""Deep networks: whether they need pretraining (K12)."""

from __future__ import annotations

from typing import Any

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Figure, Finding, at_most
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


def fit_deep(lab: Lab, variant: dict[str, Any]) -> Run:
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
    return lab.fit("y6", deep_data(lab), latent_dim=30, overrides=overrides, epochs=lab.pick(30, 8))


def deep_sigmoid(lab: Lab) -> Finding:
    """The variants of one deep network, trained for the same number of epochs."""
    data = deep_data(lab)
    runs = {name: fit_deep(lab, variant) for name, variant in VARIANTS.items()}
    errors = {name: reconstruction_error(run, data.held_out) for name, run in runs.items()}
    _, mean = lab.pca(data, 0)
    _, pca = lab.pca(data, 30)
    random, pretrained, normalised, residual, relu = errors.values()
    needed, replaced = pretrained < 0.8 * random, max(normalised, residual) <= pretrained
    return Finding(
        {"rows": len(data), "epochs": len(runs["random weights"].history), "test_error": errors},
        {"pca_test_error": pca, "error_of_the_mean_image": mean},
        (
            at_most(
                "test error pretrained / random", pretrained / random, 0.8, "random weights, less a fifth"
            ),
            at_most("test error with batch normalisation", normalised, pretrained, "pretrained"),
            at_most("test error with residual layers", residual, pretrained, "pretrained"),
        ),
        f"{layers(lab)} hidden layers of 128 sigmoid units in encoder and decoder each, {len(data):,} "
        f"images, the same number of epochs. The test error is {number(random)} from random weights (the "
        f"mean image: {number(mean)}), {number(pretrained)} with layer-wise pretraining, "
        f"{number(normalised)} with batch normalisation and {number(residual)} with residual layers, "
        f"both without pretraining: {conclusion(needed, replaced)} With ReLU instead of the sigmoid it is "
        f"{number(relu)}; PCA with 30 components has {number(pca)}.",
        (curves(runs),),
    )


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
        f"Test error by epoch. The pretrained network spends {round(100 * LAYERWISE)} % of its epochs on "
        "single layers; its curve begins when all layers are trained together.",
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
