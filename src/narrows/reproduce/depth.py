"""Many layers: what they do to few rows (deck S), and what makes them learn at all (deck Y)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, errors_by_epoch, mlp, reconstruction_error, subset
from narrows.runs.run import Run

FEW = 500
"""Training images that a network can learn by heart."""

FEW_UNITS = 128
"""In each hidden layer of a network for few rows."""

CODE = 16

NAN = float("nan")


def few_rows(lab: Lab) -> Data:
    return subset(lab.digits, lab.pick(FEW, FEW // 2))


def memorised(lab: Lab, depth: int, recipe: str = "autoencoder") -> Run:
    """A network with so many hidden layers each way, trained long on few rows."""
    overrides = mlp([FEW_UNITS] * depth, training={"batch_size": 50})
    data, epochs = few_rows(lab), lab.pick(150, 60)
    return lab.fit(recipe, data, latent_dim=CODE, overrides=overrides, epochs=epochs)


def too_deep(lab: Lab) -> Finding:
    """Errors on few training images and on others, from one hidden layer each way to six."""
    data = few_rows(lab)
    runs = {depth: memorised(lab, depth) for depth in lab.pick((1, 2, 3, 4, 6), (1, 2, 4))}
    learned = {depth: reconstruction_error(run, data) for depth, run in runs.items()}
    judged = {depth: reconstruction_error(run, data.held_out) for depth, run in runs.items()}
    level = max(min(errors_by_epoch(run, "train")) for run in runs.values())
    equal = {depth: judged_at(run, level) for depth, run in runs.items()}
    _, pca = lab.pca(data, CODE)
    shallow, *_, deep = runs
    test, own = ({k: astray(run, data, of) for k, run in runs.items()} for of in ("test", "training"))
    gaps = {depth: judged[depth] / learned[depth] for depth in runs}
    rising = all(a < b for a, b in pairwise(equal.values()))
    memorised_more = gaps[deep] > gaps[shallow]
    measured = {
        "rows": len(data),
        "training_error": by_depth(learned),
        "test_error": by_depth(judged),
        "test_over_training": by_depth(gaps),
        "compared_at_training_error": level,
        "test_error_there": by_depth(equal),
        "test_images_nearer_to_a_training_image": by_depth(test),
        "training_images_nearer_to_another": by_depth(own),
    }
    return Finding(
        measured,
        {"pca_test_error": pca},
        rising and memorised_more,
        f"{len(data)} images, {CODE} numbers in the code. The error is {number(learned[shallow])} on "
        f"training images and {number(judged[shallow])} on test images with {shallow} hidden layer each way, "
        f"{number(learned[deep])} and {number(judged[deep])} with {deep} (PCA: {number(pca)}). "
        f"{told(equal, level, rising)} {told_of_gaps(gaps)} Of the training images {percent(own[shallow])} "
        f"come out nearer to another one than to themselves with {shallow} layer and {percent(own[deep])} "
        f"with {deep}, of the test images {percent(test[shallow])} and {percent(test[deep])} nearer to a "
        "training image.",
        drawn(runs, learned, judged, pca),
    )


def told(equal: dict[int, float], level: float, rising: bool) -> str:
    """Test errors at the same training error, in words."""
    shallow, *_, deep = equal
    rises = "rises with every step in depth" if rising else "does not rise with every step in depth"
    return (
        f"Compared when each has come down to a training error of {number(level)}, the test error {rises}, "
        f"from {number(equal[shallow])} to {number(equal[deep])}."
    )


def told_of_gaps(gaps: dict[int, float]) -> str:
    """The ratio of test to training error after all epochs, in words."""
    shallow, *_, deep = gaps
    most = max(gaps, key=gaps.__getitem__)
    if gaps[deep] > gaps[shallow]:
        finding = "so the deepest overfits more"
    else:
        finding = "so the deepest does not memorise more: it has learned less in that time"
    return (
        f"After as many epochs the ratio of test to training error is {number(gaps[shallow])} with {shallow} "
        f"and {number(gaps[deep])} with {deep} (largest with {most}: {number(gaps[most])}), {finding}."
    )


def astray(run: Run, data: Data, which: str) -> float:
    """The share of images whose reconstruction is nearer to another training image than to the original.

    Args:
        run: trained on `data`.
        data: few rows, so that all pairs can be compared.
        which: "test" images, or those of the "training", each without itself.
    """
    from sklearn.metrics import pairwise_distances

    values = data.held_out.array if which == "test" else data.array
    guesses = run.reconstruct_scaled(values)
    others = pairwise_distances(guesses, run.scaled(data.array))
    if which == "training":
        np.fill_diagonal(others, np.inf)
    own = np.linalg.norm(guesses - run.scaled(values), axis=1)
    return float(np.mean(others.min(axis=1) < own))


def judged_at(run: Run, level: float) -> float:
    """The test error after the first epoch whose training error is at most `level`."""
    epochs = zip(errors_by_epoch(run, "train"), errors_by_epoch(run, "validation"), strict=True)
    return next(judged for learned, judged in epochs if learned <= level)


def by_depth(values: dict[int, float]) -> dict[str, float]:
    return {str(depth): value for depth, value in values.items()}


def drawn(
    runs: dict[int, Run], learned: dict[int, float], judged: dict[int, float], pca: float
) -> tuple[Figure, Figure]:
    """Errors against depth, and test errors against training errors on the way."""
    depths = list(runs)
    last = f"after {len(runs[depths[0]].history)} epochs, {FEW_UNITS} units in each layer"
    errors = {"test": [*judged.values()], "training": [*learned.values()], "PCA, test": [pca] * len(depths)}
    return (
        lines(
            depths,
            errors,
            f"Errors on the few training images and on test images {last}.",
            across="hidden layers each way",
            up="mean squared error",
        ),
        rows_on_the_way(runs),
    )


def rows_on_the_way(runs: dict[int, Run]) -> Figure:
    """The test error of each depth at the same training errors."""
    reached = max(min(errors_by_epoch(run, "train")) for run in runs.values())
    levels = [reached * factor for factor in (1.6, 1.4, 1.2, 1.0)]
    return table(
        ("hidden layers", *map(number, levels)),
        ((str(depth), *(number(judged_at(run, level)) for level in levels)) for depth, run in runs.items()),
        "Test errors at equal training errors: a column for each training error that every depth came down "
        "to; in it, by hidden layers each way, the test error after the epoch that reached it.",
    )


K11 = Entry(
    "K11",
    "too deep a network memorises",
    "Too deep networks can overfit: they memorise points in the coding space for each training example, "
    "instead of learning a good latent representation of them.",
    too_deep,
)

LAYERS = 5
"""Hidden layers each way of the deep sigmoid network."""

DEEP = {"name": "mlp", "widths": [128] * LAYERS, "activation": "sigmoid"}

LAYERWISE = 0.5
"""Share of the epochs in which layers are trained one by one."""

STEPS = {"batch_size": 32}
QUICK_STEPS = {"batch_size": 64, "learning_rate": 5e-3}
"""Of fewer images the steps have to be longer."""

WAYS: dict[str, dict[str, Any]] = {
    "random weights": {},
    "pretrained layer by layer": {"training": {"layerwise": LAYERWISE}},
    "batch normalisation": {"encoder": {"norm": "batch"}},
    "residual layers": {"encoder": {"residual": True}},
    "ReLU instead of sigmoid": {"encoder": {"activation": "relu"}},
}
"""One network, and what is changed of it or of its training."""


def deep_data(lab: Lab) -> Data:
    return subset(lab.digits, 4000)


def deep(lab: Lab, way: dict[str, Any]) -> Run:
    """The deep network trained for the same number of epochs in all, whatever the way."""
    overrides = {
        "encoder": {**DEEP, **way.get("encoder", {})},
        "loss": SQUARED,
        "training": {**lab.pick(STEPS, QUICK_STEPS), "layerwise": 0.0, **way.get("training", {})},
    }
    return lab.fit("y6", deep_data(lab), latent_dim=30, overrides=overrides, epochs=30)


def deep_sigmoid(lab: Lab) -> Finding:
    """The same deep network, trained five ways for as long."""
    data = deep_data(lab)
    runs = {name: deep(lab, way) for name, way in WAYS.items()}
    errors = {name: reconstruction_error(run, data.held_out) for name, run in runs.items()}
    _, mean = lab.pca(data, 0)
    _, pca = lab.pca(data, 30)
    random, pretrained, *others = errors.values()
    normalised, residual, relu = others
    needed, unnecessary = pretrained < 0.8 * random, max(normalised, residual) <= pretrained
    return Finding(
        {"rows": len(data), "epochs": len(runs["random weights"].history), "test_error": errors},
        {"pca_test_error": pca, "error_of_the_mean_image": mean},
        needed and unnecessary,
        f"{LAYERS} hidden layers of 128 sigmoid units each way, {len(data):,} images. From random weights "
        f"the test error comes to {number(random)} (always the mean image: {number(mean)}), pretrained layer "
        f"by layer to {number(pretrained)}, without pretraining but with batch normalisation to "
        f"{number(normalised)} and with residual layers to {number(residual)}, all in the same number of "
        f"epochs: {said(needed, unnecessary)} With ReLU in place of the sigmoid it is {number(relu)}; PCA "
        f"with as many numbers gets {number(pca)}.",
        (by_epoch(runs),),
    )


def said(needed: bool, unnecessary: bool) -> str:
    """What the errors say of the claim."""
    first = "pretraining helps such a network" if needed else "pretraining hardly helps such a network"
    second = "either of the others replaces it" if unnecessary else "not each of the others replaces it"
    return f"{first}, and {second}."


def by_epoch(runs: dict[str, Run]) -> Figure:
    """The test error of each way by epoch, while the whole is trained."""
    epochs = len(runs["random weights"].history)
    errors = {name: errors_by_epoch(run, "validation") for name, run in runs.items()}
    return lines(
        list(range(1, epochs + 1)),
        {name: [NAN] * (epochs - len(curve)) + curve for name, curve in errors.items()},
        f"Test error by epoch. Of the pretrained network {round(100 * LAYERWISE)} % of the epochs are spent "
        "on its layers, one by one: its curve begins when it is trained as a whole.",
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
