"""Deck P's 2×2 image of a cat, a chicken or a dog: softmax by hand, and why labels are not regressed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.data.schema import Array
from narrows.reproduce.drawings import picture
from narrows.reproduce.lab import Entry, Figure, Finding, Lab
from narrows.reproduce.softmax_regression import SoftmaxRegression, softmax
from narrows.reproduce.tables import number, percent, table, vector

NAMES = ("cat", "chicken", "dog")

X = torch.tensor([0.9, 0.1, 0.8, 0.2])
WEIGHTS = torch.tensor([[2.0, -1.0, 1.5, -0.5], [-1.0, 2.0, -0.5, 1.5], [0.5, 0.5, 0.5, 0.5]])
BIASES = torch.tensor([0.0, 0.1, -0.2])
"""An image with a bright left side, and a model that a person can follow: W is 3×4, b has 3 numbers."""

LEFT, RIGHT = np.array([0.9, 0.1, 0.9, 0.1]), np.array([0.1, 0.9, 0.1, 0.9])
MEANS = {"cat": LEFT, "chicken": RIGHT, "dog": (LEFT + RIGHT) / 2}
"""The mean image of each class of the made data: bright on the left, on the right, grey."""

NOISE = 0.08
"""Standard deviation in each pixel of the made data."""

Shares = dict[str, float]
"""The share of right answers, of all and of each class."""


class Sample(NamedTuple):
    """Images `(n, 4)` and the numbers of their classes in `NAMES` `(n,)`."""

    x: Array
    y: Array


def small_image(lab: Lab) -> Finding:
    """The 2×2 image by hand, and regression on the labels' numbers beside softmax regression."""
    logits = WEIGHTS @ X + BIASES
    p = softmax(logits[None])[0]
    kept, error = properties(lab.seed)
    train, test = made(lab.seed), made(lab.seed + 1)
    ours, numbered = by_softmax(train, test, lab.seed), {o: by_labels(train, test, o) for o in orders()}
    one_hot, outside = by_one_hot(train, test)
    theirs = numbered[NAMES]
    measured = {
        "logits": [round(value, 4) for value in logits.tolist()],
        "probabilities": [round(value, 4) for value in p.tolist()],
        "order_kept": kept,
        "sum_differs_from_one_by": error,
        "softmax_accuracy": ours["all"],
        "by_class": ours,
    }
    yardstick = {
        "labels_accuracy": theirs["all"],
        "labels_by_class": theirs,
        "one_hot_accuracy": one_hot["all"],
        "one_hot_outputs_outside_0_1": outside,
    }
    return Finding(
        measured,
        yardstick,
        kept == 1 and error < 1e-6 and theirs["all"] < 0.6 and ours["all"] > 0.95,
        f"The image's logits {vector(logits.tolist())} become the probabilities {vector(p.tolist(), 2)}: the "
        "same order, and a sum of one; so it is for 1000 random rows. With the labels 1, 2, 3 for cat, "
        f"chicken, dog, a rounded linear regression gets {percent(theirs['all'])} of made images right "
        f"(chickens: {percent(theirs['chicken'])}, dogs: {percent(theirs['dog'])}) and softmax regression "
        f"{percent(ours['all'])}. The numbers say that a chicken lies halfway between a cat and a dog; in "
        "these images the dog lies between the others. Least squares on one-hot labels gets "
        f"{percent(one_hot['all'])}, and {percent(outside)} of its outputs lie outside 0 to 1.",
        (worked(logits, p), mean_images(), accuracies(numbered, one_hot, ours)),
    )


def properties(seed: int) -> tuple[float, float]:
    """Of 1000 random rows: the share whose order softmax keeps, and the largest |sum − 1|."""
    logits = torch.randn(1000, 3, generator=torch.Generator().manual_seed(seed))
    p = softmax(logits)
    same = (p.argsort(1) == logits.argsort(1)).all(1)
    return float(same.float().mean()), float((p.sum(1) - 1).abs().max())


def made(seed: int, n: int = 600) -> Sample:
    """Images `(n, 4)` around the means, and the numbers of their classes in `NAMES`."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % len(NAMES)
    means = np.stack([MEANS[name] for name in NAMES])
    return Sample((means[y] + NOISE * rng.standard_normal((n, 4))).astype(np.float32), y)


def orders() -> list[tuple[str, ...]]:
    """The three ways to number the classes; the other three are these backwards."""
    return [order for order in permutations(NAMES) if order[0] < order[-1]]


def by_labels(train: Sample, test: Sample, order: tuple[str, ...]) -> Shares:
    """Linear regression on labels 1, 2, 3 given in this order, rounded to the nearest label."""
    label = np.array([order.index(name) + 1 for name in NAMES])
    said = least_squares(train.x, label[train.y], test.x).round().clip(1, len(NAMES))
    return shares(said == label[test.y], test.y)


def by_one_hot(train: Sample, test: Sample) -> tuple[Shares, float]:
    """Linear regression on one-hot labels, its largest output; and how many outputs are outside [0, 1]."""
    outputs = least_squares(train.x, np.eye(len(NAMES))[train.y], test.x)
    outside = float(((outputs < 0) | (outputs > 1)).mean())
    return shares(outputs.argmax(1) == test.y, test.y), outside


def by_softmax(train: Sample, test: Sample, seed: int) -> Shares:
    """Softmax regression; names and order of the classes are nothing to it."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = SoftmaxRegression(train.x.shape[1], len(NAMES))
        model.fit(train.x, train.y, epochs=60, batch_size=32, learning_rate=0.5)
    return shares(model.predict(test.x).numpy() == test.y, test.y)


def least_squares(x: Array, y: Array, x_test: Array) -> Array:
    """What the linear regression of `y` on `x`, with a constant, says of `x_test`."""
    with_ones, test_ones = (np.column_stack([part, np.ones(len(part))]) for part in (x, x_test))
    return test_ones @ np.linalg.lstsq(with_ones, y, rcond=None)[0]


def shares(right: Array, y: Array) -> Shares:
    """The mean of `right (n,)`, over all and over each class."""
    return {"all": float(right.mean())} | {name: float(right[y == i].mean()) for i, name in enumerate(NAMES)}


def worked(logits: Tensor, p: Tensor) -> Figure:
    """The image, the sums and the probabilities as a person would write them."""
    powers = logits.exp()
    columns = zip(
        NAMES, WEIGHTS.tolist(), BIASES.tolist(), logits.tolist(), powers.tolist(), p.tolist(), strict=True
    )
    rows = [
        (name, products(weights), number(b), number(o), f"{power:.3f}", f"{chance:.3f}")
        for name, weights, b, o, power, chance in columns
    ]
    rows.append(("sum", "", "", "", f"{float(powers.sum()):.3f}", f"{float(p.sum()):.3f}"))
    sums = table(("class", "W x", "b", "o = W x + b", "exp(o)", "ŷ = exp(o) / Σ exp(o)"), rows, "")
    return Figure(
        picture(X.numpy().reshape(2, 2), "the 2×2 image", 40) + sums.html,
        f"A 2×2 image, x = ({vector(X.tolist())}), and three classes: 3×4 weights and 3 biases give three "
        "logits, softmax their probabilities. The largest logit is the largest probability.",
    )


def products(weights: list[float]) -> str:
    """The terms of a row of W x."""
    terms = (f"{number(w)}·{number(x)}" for w, x in zip(weights, X.tolist(), strict=True))
    return " + ".join(terms).replace("+ −", "− ")


def mean_images() -> Figure:
    images = (picture(image.reshape(2, 2), name, 40) for name, image in MEANS.items())
    caption = "The mean image of each class in the made data: the dog's lies between the other two."
    return table(("", *MEANS), [("mean image", *images)], caption)


def accuracies(numbered: Mapping[tuple[str, ...], Shares], one_hot: Shares, softmaxs: Shares) -> Figure:
    """Right answers of each method."""
    found = {
        **{f"regression on {said(order)}": share for order, share in numbered.items()},
        "regression on one-hot labels": one_hot,
        "softmax regression": softmaxs,
    }
    return table(
        ("", "right", *NAMES),
        ((method, *map(percent, share.values())) for method, share in found.items()),
        f"Right answers on 600 made images, noise of {NOISE} in each pixel, after learning from 600 others. "
        "Regression on numbers is good only if the class with the middle number is the one in the middle of "
        "the images; one-hot labels have no order, but the middle class's output is seldom the largest.",
    )


def said(order: tuple[str, ...]) -> str:
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
