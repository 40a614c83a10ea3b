"""Deep networks: whether they memorise few images (K11), and whether they need pretraining (K12)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, errors_by_epoch, mlp, reconstruction_error, subset
from narrows.runs.run import Run

FEW = 500
"""Training images that a network can memorise."""

FEW_UNITS = 128
"""Units in each hidden layer of a network for few images."""

CODE = 16
"""Latent dimensions of a network for few images."""

NAN = float("nan")

ByDepth = dict[int, float]
"""Values by the number of hidden layers in encoder and decoder each."""


class Depths(NamedTuple):
    """Networks of several depths, trained on few images.

    Attributes:
        training: mean squared error on the training images.
        test: mean squared error on the test images.
        level: the smallest training error that every depth reaches.
        test_at_level: test error when the training error first is at most `level`.
        training_nearer: share of training images whose reconstruction is nearer to another training image.
        test_nearer: share of test images whose reconstruction is nearer to a training image.
        pca: test error of PCA.
    """

    training: ByDepth
    test: ByDepth
    level: float
    test_at_level: ByDepth
    training_nearer: ByDepth
    test_nearer: ByDepth
    pca: float

    def ratios(self) -> ByDepth:
        """Test error divided by training error."""
        return {depth: self.test[depth] / self.training[depth] for depth in self.test}

    def smallest_step(self) -> float:
        """The smallest difference in test error at equal training error between a depth and the next."""
        return min(b - a for a, b in pairwise(self.test_at_level.values()))

    def rises(self) -> bool:
        """Whether the test error at equal training error rises with every step in depth."""
        return self.smallest_step() > 0

    def ends(self) -> tuple[int, int]:
        """The smallest and the largest depth."""
        shallow, *_, deep = self.test
        return shallow, deep


def few_rows(lab: Lab) -> Data:
    return subset(lab.digits, lab.pick(FEW, FEW // 2))


def fit_few(lab: Lab, depth: int, recipe: str = "autoencoder") -> Run:
    """A network with `depth` hidden layers in encoder and decoder each, trained for long on few images."""
    overrides = mlp([FEW_UNITS] * depth, training={"batch_size": 50})
    data, epochs = few_rows(lab), lab.pick(150, 60)
    return lab.fit(recipe, data, latent_dim=CODE, overrides=overrides, epochs=epochs)


def too_deep(lab: Lab) -> Finding:
    """Errors on few training images and on test images, from 1 to 6 hidden layers."""
    data = few_rows(lab)
    runs = {depth: fit_few(lab, depth) for depth in lab.pick((1, 2, 3, 4, 6), (1, 2, 4))}
    depths = measure(lab, runs, data)
    shallow, deep = depths.ends()
    ratios = depths.ratios()
    return Finding(
        {
            "rows": len(data),
            "training_error": as_json(depths.training),
            "test_error": as_json(depths.test),
            "test_over_training": as_json(ratios),
            "compared_at_training_error": depths.level,
            "test_error_there": as_json(depths.test_at_level),
            "test_images_nearer_to_a_training_image": as_json(depths.test_nearer),
            "training_images_nearer_to_another": as_json(depths.training_nearer),
        },
        {"pca_test_error": depths.pca},
        (
            at_least(
                "smallest step in test error at equal training error, from depth to depth",
                depths.smallest_step(),
                0,
                "it rises with depth",
            ),
            at_least("test / training error of the deepest", ratios[deep], ratios[shallow], "the shallowest"),
        ),
        f"{error_sentence(depths, len(data))} {level_sentence(depths)} {ratio_sentence(ratios)} "
        f"{nearer_sentence(depths)}",
        (error_plot(depths, len(runs[shallow].history)), level_table(runs, depths.level)),
    )


def measure(lab: Lab, runs: dict[int, Run], data: Data) -> Depths:
    level = max(min(errors_by_epoch(run, "train")) for run in runs.values())
    return Depths(
        {depth: reconstruction_error(run, data) for depth, run in runs.items()},
        {depth: reconstruction_error(run, data.held_out) for depth, run in runs.items()},
        level,
        {depth: error_at_level(run, level) for depth, run in runs.items()},
        {depth: share_nearer_to_another(run, data, "training") for depth, run in runs.items()},
        {depth: share_nearer_to_another(run, data, "test") for depth, run in runs.items()},
        lab.pca(data, CODE)[1],
    )


def share_nearer_to_another(run: Run, data: Data, which: str) -> float:
    """The share of images whose reconstruction is nearer to another training image than to the original.

    Args:
        run: trained on `data`.
        data: few rows, so that all pairs can be compared.
        which: "test", or "training", where the image itself is left out.
    """
    from sklearn.metrics import pairwise_distances

    values = data.held_out.array if which == "test" else data.array
    reconstructions = run.reconstruct_scaled(values)
    to_others = pairwise_distances(reconstructions, run.scaled(data.array))
    if which == "training":
        np.fill_diagonal(to_others, np.inf)
    to_original = np.linalg.norm(reconstructions - run.scaled(values), axis=1)
    return float(np.mean(to_others.min(axis=1) < to_original))


def error_at_level(run: Run, level: float) -> float:
    """The test error after the first epoch whose training error is at most `level`."""
    epochs = zip(errors_by_epoch(run, "train"), errors_by_epoch(run, "validation"), strict=True)
    return next(test for training, test in epochs if training <= level)


def as_json(values: ByDepth) -> dict[str, float]:
    return {str(depth): value for depth, value in values.items()}


def error_sentence(depths: Depths, images: int) -> str:
    shallow, deep = depths.ends()
    return (
        f"Trained on {images} images, with {CODE} latent dimensions. With {shallow} hidden layer in encoder "
        f"and decoder each the training error is {number(depths.training[shallow])} and the test error "
        f"{number(depths.test[shallow])}; with {deep} they are {number(depths.training[deep])} and "
        f"{number(depths.test[deep])} (PCA: {number(depths.pca)})."
    )


def level_sentence(depths: Depths) -> str:
    shallow, deep = depths.ends()
    rises = "rises with every step in depth" if depths.rises() else "does not rise with every step in depth"
    return (
        f"At an equal training error of {number(depths.level)} the test error {rises}, from "
        f"{number(depths.test_at_level[shallow])} to {number(depths.test_at_level[deep])}."
    )


def ratio_sentence(ratios: ByDepth) -> str:
    shallow, *_, deep = ratios
    most = max(ratios, key=ratios.__getitem__)
    if ratios[deep] > ratios[shallow]:
        conclusion = "the deepest network overfits more than the shallowest"
    else:
        conclusion = "the deepest network does not overfit more than the shallowest"
    return (
        "After the same number of epochs the test error divided by the training error is "
        f"{number(ratios[shallow])} with {shallow} and {number(ratios[deep])} with {deep} (largest with "
        f"{most}: {number(ratios[most])}): {conclusion}."
    )


def nearer_sentence(depths: Depths) -> str:
    shallow, deep = depths.ends()
    return (
        f"{percent(depths.training_nearer[shallow])} of the training images are reconstructed nearer to "
        f"another training image than to themselves with {shallow} layer, and "
        f"{percent(depths.training_nearer[deep])} with {deep}; {percent(depths.test_nearer[shallow])} and "
        f"{percent(depths.test_nearer[deep])} of the test images are reconstructed nearer to a training "
        "image."
    )


def error_plot(depths: Depths, epochs: int) -> Figure:
    errors = {
        "test": [*depths.test.values()],
        "training": [*depths.training.values()],
        "PCA, test": [depths.pca] * len(depths.test),
    }
    return lines(
        list(depths.test),
        errors,
        f"Error on the few training images and on test images after {epochs} epochs, with {FEW_UNITS} units "
        "in each layer.",
        across="hidden layers in encoder and decoder each",
        up="mean squared error",
    )


def level_table(runs: dict[int, Run], level: float) -> Figure:
    """The test error of each depth at equal training errors."""
    levels = [level * factor for factor in (1.6, 1.4, 1.2, 1.0)]
    return table(
        ("hidden layers", *map(number, levels)),
        ((str(depth), *(number(error_at_level(run, x)) for x in levels)) for depth, run in runs.items()),
        "Test error at equal training error. Each column is a training error that every depth reaches; each "
        "row is a number of hidden layers in encoder and decoder each. A cell is the test error after the "
        "first epoch that reaches the training error.",
    )


K11 = Entry(
    "K11",
    "too deep a network memorises",
    "Too deep networks can overfit: they memorise points in the coding space for each training example, "
    "instead of learning a good latent representation of them.",
    too_deep,
)

LAYERS = 5
"""Hidden layers in encoder and decoder each of the deep sigmoid network."""

DEEP = {"name": "mlp", "widths": [128] * LAYERS, "activation": "sigmoid"}

LAYERWISE = 0.5
"""Share of the epochs in which layers are trained one by one."""

TRAINING = {"batch_size": 32}
QUICK_TRAINING = {"batch_size": 64, "learning_rate": 5e-3}
"""The quick table has fewer images and takes a larger learning rate."""

VARIANTS: dict[str, dict[str, Any]] = {
    "random weights": {},
    "pretrained layer by layer": {"training": {"layerwise": LAYERWISE}},
    "batch normalisation": {"encoder": {"norm": "batch"}},
    "residual layers": {"encoder": {"residual": True}},
    "ReLU instead of sigmoid": {"encoder": {"activation": "relu"}},
}
"""The deep sigmoid network, and what is changed in it or in its training."""


def deep_data(lab: Lab) -> Data:
    return subset(lab.digits, 4000)


def fit_deep(lab: Lab, variant: dict[str, Any]) -> Run:
    """A variant of the deep network; all are trained for the same number of epochs."""
    overrides = {
        "encoder": {**DEEP, **variant.get("encoder", {})},
        "loss": SQUARED,
        "training": {
            **lab.pick(TRAINING, QUICK_TRAINING),
            "layerwise": 0.0,
            **variant.get("training", {}),
        },
    }
    return lab.fit("y6", deep_data(lab), latent_dim=30, overrides=overrides, epochs=30)


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
            at_most("test error pretrained / random", pretrained / random, 0.8, "set here"),
            at_most("test error with batch normalisation", normalised, pretrained, "pretrained"),
            at_most("test error with residual layers", residual, pretrained, "pretrained"),
        ),
        f"{LAYERS} hidden layers of 128 sigmoid units in encoder and decoder each, {len(data):,} images, the "
        f"same number of epochs. The test error is {number(random)} from random weights (the mean image: "
        f"{number(mean)}), {number(pretrained)} with layer-wise pretraining, {number(normalised)} with batch "
        f"normalisation and {number(residual)} with residual layers, both without pretraining: "
        f"{conclusion(needed, replaced)} With ReLU instead of the sigmoid it is {number(relu)}; PCA with 30 "
        f"components has {number(pca)}.",
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
