"""Lecture P's 2×2 image of a cat, a chicken or a dog: softmax by hand, and regression on labels (E3)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.schema import Array
from narrows.reproduce.drawings import picture
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, percent, table, vector
from narrows.tasks.classification.softmax import SoftmaxModel, softmax
from narrows.training.devices import seeded

NAMES = ("cat", "chicken", "dog")

X = torch.tensor([0.9, 0.1, 0.8, 0.2])
WEIGHTS = torch.tensor([[2.0, -1.0, 1.5, -0.5], [-1.0, 2.0, -0.5, 1.5], [0.5, 0.5, 0.5, 0.5]])
BIASES = torch.tensor([0.0, 0.1, -0.2])
"""An image with a bright left side, and a model small enough to compute by hand: W is 3×4, b has 3 values."""

LEFT, RIGHT = np.array([0.9, 0.1, 0.9, 0.1]), np.array([0.1, 0.9, 0.1, 0.9])
MEANS = {"cat": LEFT, "chicken": RIGHT, "dog": (LEFT + RIGHT) / 2}
"""The mean image of each class of the synthetic data: bright on the left, bright on the right, grey."""

NOISE = 0.08
"""Standard deviation of the noise in each pixel of the synthetic data."""

Accuracy = dict[str, float]
"""The accuracy over all images and for each class."""


class Sample(NamedTuple):
    """Images `(n, 4)` and their classes `(n,)`, as positions in `NAMES`."""

    x: Array
    y: Array


class Methods(NamedTuple):
    """The accuracy of each method on test images.

    Attributes:
        softmax: softmax regression.
        labels: linear regression on labels, for each order of the classes.
        one_hot: linear regression on one-hot labels.
        outside: the share of outputs of the latter outside [0, 1].
    """

    softmax: Accuracy
    labels: Mapping[tuple[str, ...], Accuracy]
    one_hot: Accuracy
    outside: float


def small_image(lab: Lab) -> Finding:
    """The 2×2 image by hand, and regression on labels compared with softmax regression."""
    logits = WEIGHTS @ X + BIASES
    p = softmax(logits[None])[0]
    kept, error = properties(lab.seed)
    methods = compare(draw_images(lab.seed), draw_images(lab.seed + 1), lab.seed)
    softmax_accuracy, labels = methods.softmax, methods.labels[NAMES]
    return Finding(
        {
            "logits": [round(value, 4) for value in logits.tolist()],
            "probabilities": [round(value, 4) for value in p.tolist()],
            "order_kept": kept,
            "sum_differs_from_one_by": error,
            "softmax_accuracy": softmax_accuracy["all"],
            "by_class": softmax_accuracy,
        },
        {
            "labels_accuracy": labels["all"],
            "labels_by_class": labels,
            "one_hot_accuracy": methods.one_hot["all"],
            "one_hot_outputs_outside_0_1": methods.outside,
        },
        (
            at_least("share of rows whose order softmax keeps", kept, 1, "the exercise"),
            at_most("largest |sum of probabilities − 1|", error, 1e-6, "rounding in float32"),
            at_most("accuracy of regression on labels", labels["all"], 0.6, "less than two of three classes"),
            at_least("accuracy of softmax regression", softmax_accuracy["all"], 0.95, "one mistake in 20"),
        ),
        f"{softmax_sentence(logits, p, kept, error)}\n{regression_sentence(methods)}",
        (by_hand(logits, p), mean_images(), accuracy_table(methods)),
    )


def properties(seed: int) -> tuple[float, float]:
    """Of 1000 random rows: the share whose order softmax keeps, and the largest |sum − 1|."""
    logits = torch.randn(1000, 3, generator=torch.Generator().manual_seed(seed))
    p = softmax(logits)
    same = (p.argsort(1) == logits.argsort(1)).all(1)
    return float(same.float().mean()), float((p.sum(1) - 1).abs().max())


def draw_images(seed: int, n: int = 600) -> Sample:
    """Synthetic images around the means, with as many of each class."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % len(NAMES)
    means = np.stack([MEANS[name] for name in NAMES])
    return Sample((means[y] + NOISE * rng.standard_normal((n, 4))).astype(np.float32), y)


def compare(train: Sample, test: Sample, seed: int) -> Methods:
    softmax_accuracy = by_softmax(train, test, seed)
    labels = {order: by_labels(train, test, order) for order in orders()}
    return Methods(softmax_accuracy, labels, *by_one_hot(train, test))


def orders() -> list[tuple[str, ...]]:
    """The three ways to number the classes; the other three are their reverses."""
    return [order for order in permutations(NAMES) if order[0] < order[-1]]


def by_labels(train: Sample, test: Sample, order: tuple[str, ...]) -> Accuracy:
    """Linear regression on the labels 1, 2, 3 in this order, rounded to the nearest label."""
    label = np.array([order.index(name) + 1 for name in NAMES])
    predicted = least_squares(train.x, label[train.y], test.x).round().clip(1, len(NAMES))
    return accuracy(predicted == label[test.y], test.y)


def by_one_hot(train: Sample, test: Sample) -> tuple[Accuracy, float]:
    """Linear regression on one-hot labels, by the largest output; and the share of outputs outside [0, 1]."""
    outputs = least_squares(train.x, np.eye(len(NAMES))[train.y], test.x)
    outside = float(((outputs < 0) | (outputs > 1)).mean())
    return accuracy(outputs.argmax(1) == test.y, test.y), outside


def by_softmax(train: Sample, test: Sample, seed: int) -> Accuracy:
    """Softmax regression, which does not depend on the order of the classes."""
    with seeded(seed, torch.device("cpu")):
        model = SoftmaxModel(train.x.shape[1], len(NAMES))
        model.fit(train.x, train.y, epochs=60, batch_size=32, learning_rate=0.5)
    return accuracy(model.predict(test.x).numpy() == test.y, test.y)


def least_squares(x: Array, y: Array, x_test: Array) -> Array:
    """The prediction for `x_test` of a linear regression of `y` on `x` with an intercept."""
    with_ones, test_ones = (np.column_stack([part, np.ones(len(part))]) for part in (x, x_test))
    return test_ones @ np.linalg.lstsq(with_ones, y, rcond=None)[0]


def accuracy(correct: Array, y: Array) -> Accuracy:
    """The mean of `correct (n,)`, over all images and over each class."""
    by_class = {name: float(correct[y == i].mean()) for i, name in enumerate(NAMES)}
    return {"all": float(correct.mean())} | by_class


def softmax_sentence(logits: Tensor, p: Tensor, kept: float, error: float) -> str:
    return (
        f"The softmax of the image's logits {vector(logits.tolist())} is {vector(p.tolist(), 2)}. It keeps "
        f"the order of the logits in {percent(kept)} of 1000 random rows, and the probabilities sum to one "
        f"up to {number(error, 1)}."
    )


def regression_sentence(methods: Methods) -> str:
    labels = methods.labels[NAMES]
    return (
        "Linear regression on the labels 1, 2, 3 for cat, chicken, dog, rounded, has an accuracy of "
        f"{percent(labels['all'])} on synthetic images (chickens: {percent(labels['chicken'])}, dogs: "
        f"{percent(labels['dog'])}); softmax regression has {percent(methods.softmax['all'])}. These labels "
        "put the chicken halfway between cat and dog, but in these images the dog is between the other two. "
        f"Least squares on one-hot labels has {percent(methods.one_hot['all'])}, and "
        f"{percent(methods.outside)} of its outputs are outside 0 to 1."
    )


def by_hand(logits: Tensor, p: Tensor) -> Figure:
    """The image, the sums and the probabilities, as they are computed by hand."""
    exponentials = logits.exp()
    columns = zip(
        NAMES,
        WEIGHTS.tolist(),
        BIASES.tolist(),
        logits.tolist(),
        exponentials.tolist(),
        p.tolist(),
        strict=True,
    )
    rows = [
        (name, products(weights), number(b), number(o), f"{power:.3f}", f"{chance:.3f}")
        for name, weights, b, o, power, chance in columns
    ]
    rows.append(("sum", "", "", "", f"{float(exponentials.sum()):.3f}", f"{float(p.sum()):.3f}"))
    sums = table(("class", "W x", "b", "o = W x + b", "exp(o)", "ŷ = exp(o) / Σ exp(o)"), rows, "")
    return Figure(
        picture(X.numpy().reshape(2, 2), "the 2×2 image", 40) + sums.html,
        f"A 2×2 image, x = ({vector(X.tolist())}), and three classes. 3×4 weights and 3 biases give three "
        "logits; softmax gives their probabilities. The largest logit has the largest probability.",
    )


def products(weights: list[float]) -> str:
    """The terms of a row of W x."""
    terms = (f"{number(w)}·{number(x)}" for w, x in zip(weights, X.tolist(), strict=True))
    return " + ".join(terms).replace("+ −", "− ")


def mean_images() -> Figure:
    images = (picture(image.reshape(2, 2), name, 40) for name, image in MEANS.items())
    caption = "The mean image of each class in the synthetic data. The dog's is between the other two."
    return table(("", *MEANS), [("mean image", *images)], caption)


def accuracy_table(methods: Methods) -> Figure:
    by_method = {
        **{
            f"regression on labels: {listed(order)}": accuracies
            for order, accuracies in methods.labels.items()
        },
        "regression on one-hot labels": methods.one_hot,
        "softmax regression": methods.softmax,
    }
    return table(
        ("method", "accuracy", *NAMES),
        ((method, *map(percent, accuracies.values())) for method, accuracies in by_method.items()),
        f"Accuracy on 600 synthetic images with noise of {NOISE} in each pixel, after training on 600 "
        "others; overall and by class. Regression on labels works only if the class with the middle label is "
        "the one between the others in the images. One-hot labels have no order, but the output for the "
        "class in the middle is rarely the largest.",
    )


def listed(order: tuple[str, ...]) -> str:
    """The labels in words: cat 1, chicken 2, dog 3."""
    return ", ".join(f"{name} {i}" for i, name in enumerate(order, 1))


E3 = Entry(
    "E3",
    "a 2×2 image: cat, chicken, dog",
    "Four inputs and three classes need 3×4 weights; softmax keeps the order of its inputs and sums to one, "
    "which regression on labels does not.",
    small_image,
    {"inputs": 4, "classes": 3},
)
