"""Pretraining without labels, when few labels are given (U8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import percent, table
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import autoencoder, mean_gain
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.probe import LABELS_ALONE, Experiment

CODE = 16
"""Latent dimensions, and principal components."""

METHODS = {
    LABELS_ALONE: "pretrained encoder, fine-tuned",
    "random": "the same network from random weights",
    "fine_tuned": "pretrained encoder, fine-tuned with pseudo-labels",
    "pretrained": "logistic regression on codes",
    "pca": "logistic regression on PCA",
    "pixels": "logistic regression on pixels",
}
"""The ways to learn from labels, in the words of the page; the quick table has no pseudo-labels."""

OURS = (LABELS_ALONE, "fine_tuned")
"""The methods that are judged; the others are compared with."""

Accuracies = Mapping[int, Mapping[str, Sequence[float]]]
"""By labels per class and by method, one accuracy for each draw of labels."""

Means = Mapping[int, Mapping[str, float]]
"""The means over draws."""


def pretrains(lab: Lab) -> Finding:
    """The accuracy on test images by the number of labels, with and without pretraining."""
    data = subset(lab.digits, lab.pick(5000, 2000))
    model = autoencoder(CODE, lab.pick(12, 6), lab.seed).fit(data.array)
    parts = LabelledSplit(data, lab.seed)
    experiment = Experiment(model.run_, parts, torch.device("cpu"))
    per_class, draws = lab.pick((1, 10, 100), (10,)), lab.pick(4, 3)
    methods = [method for method in METHODS if method != "fine_tuned" or not lab.quick]
    found = {each: measure(experiment, each, range(draws), methods) for each in per_class}
    means = {each: {name: float(np.mean(a)) for name, a in row.items()} for each, row in found.items()}
    return Finding(
        {"images": len(parts.y), "draws": draws, **named(means, OURS)},
        named(means, [method for method in METHODS if method not in OURS]),
        checks(found, len(parts.names)),
        sentence(means, len(parts.names), len(parts.y), draws),
        figures(means, len(parts.names)),
    )


def measure(
    experiment: Experiment, each: int, draws: Sequence[int], methods: Sequence[str]
) -> dict[str, list[float]]:
    """The accuracies of `methods` with `each` labels per class, for each draw of labels."""
    rows = [experiment.measures(experiment.parts.draw(each, seed), seed, methods) for seed in draws]
    return {method: [row[method] for row in rows] for method in methods}


def checks(found: Accuracies, classes: int) -> tuple[Check, ...]:
    """Pretrained weights are better than random ones, and the package's classifier than the pixels alone."""
    return tuple(
        at_least(f"accuracy with {each * classes} labels, {words}", mean_gain(row[a], row[b]), 0, source)
        for each, row in found.items()
        for words, a, b, source in (
            ("pretrained − random weights", LABELS_ALONE, "random", "the same network, labels and steps"),
            ("pseudo-labels − pixels", "fine_tuned", "pixels", "logistic regression on pixels"),
        )
        if a in row
    )


def named(means: Means, methods: Sequence[str]) -> dict[str, float]:
    return {
        f"{method}_{each}_per_class": row[method]
        for method in methods
        for each, row in means.items()
        if method in row
    }


def sentence(means: Means, classes: int, n: int, draws: int) -> str:
    listed = "; ".join(
        f"with {each * classes} labels {percent(row[LABELS_ALONE])} if training starts from the pretrained "
        f"weights, {percent(row['random'])} from random ones"
        + (f", {percent(row['fine_tuned'])} with pseudo-labels" if "fine_tuned" in row else "")
        + f", {percent(row['pixels'])} by a logistic regression on the pixels"
        for each, row in means.items()
    )
    return (
        f"An autoencoder is trained on {n:,} images without labels; a classifier has its encoder and is "
        f"trained on the labels. Test images classified correctly: {listed}. Means over {draws} draws of "
        "labels."
        + "\nPseudo-labels come from label propagation between codes or principal components of all images."
        * any("fine_tuned" in row for row in means.values())
    )


def figures(means: Means, classes: int) -> tuple[Figure, ...]:
    """The accuracies in a table, and above it as curves if there are several numbers of labels."""
    curves = (accuracy_plot(means, classes),) if len(means) > 1 else ()
    return (*curves, accuracy_table(means, classes))


def accuracy_plot(means: Means, classes: int) -> Figure:
    return lines(
        [each * classes for each in means],
        {METHODS[method]: [row[method] for row in means.values()] for method in measured(means)},
        "The accuracy on test images by the number of labels.",
        across="labels",
        up="accuracy",
        log_x=True,
    )


def accuracy_table(means: Means, classes: int) -> Figure:
    return table(
        ("", *(f"{each * classes} labels" for each in means)),
        [(METHODS[method], *(percent(row[method]) for row in means.values())) for method in measured(means)],
        "The same in numbers. The labels of a draw are the same for all methods.",
    )


def measured(means: Means) -> list[str]:
    """The methods that were measured."""
    return list(next(iter(means.values())))


U8 = Entry(
    "U8",
    "pretraining with few labels",
    "An autoencoder learns features that transfer to other tasks; it can be used for pretraining on "
    "supervised problems with few labelled data.",
    pretrains,
)
