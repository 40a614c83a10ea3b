"""Softmax regression on Fashion-MNIST (P6), and the exercises of lecture P about it."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.cross_entropy import E1, E2
from narrows.reproduce.drawings import lines, picture
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.likelihood import E5
from narrows.reproduce.products import E4
from narrows.reproduce.small_image import E3
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.without_softmax import E6
from narrows.tasks.classification.softmax import SoftmaxModel, one_hot
from narrows.training.devices import seeded

EPOCHS = 10

FASHION = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

FASHION_LABELS = {
    "footwear": (5, 7, 9),
    "worn on the upper body": (0, 2, 3, 4, 6),
    "for cold weather": (2, 4, 9),
}
LETTER_LABELS = {"encloses an area": (0, 1, 3), "straight": (0, 4, 5, 7, 8), "mirror-symmetric": (0, 7, 8)}
"""Attributes and the classes that have them; an image may have several or none."""


class Sets(NamedTuple):
    """Images as rows `(n, 784)` in [0, 1], their classes `(n,)`, and the names of the classes."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array
    names: tuple[str, ...]


class Curve(NamedTuple):
    """Training and test cross-entropy, and test accuracy, by epoch."""

    train: list[float]
    test: list[float]
    accuracy: list[float]


class Attribute(NamedTuple):
    """A label that an image has or has not.

    Attributes:
        classes: the classes that have it.
        accuracy: share of test images for which it is predicted correctly.
        share: share of test images that have it.
    """

    classes: tuple[int, ...]
    accuracy: float
    share: float


def softmax_regression(lab: Lab) -> Finding:
    """The setting of the lecture on all training images, tested after each epoch."""
    sets = load_sets(lab)
    model, curve = train_and_test(lab, sets)
    p = model.probabilities(sets.x_test).numpy()
    accuracy, threshold = curve.accuracy[-1], lab.pick(0.825, 0.85)
    difference = weight_difference(lab, sets, model)
    mistake, times = commonest_mistake(sets, p)
    attributes = multi_label(lab, sets)
    reference, iterations = logistic_regression(lab, sets)
    return Finding(
        {
            "test_accuracy": accuracy,
            "test_cross_entropy": curve.test[-1],
            "training_cross_entropy": curve.train[-1],
            "threshold_accuracy": threshold,
            "one_hot_weights_differ_by": difference,
            "commonest_mistake": mistake,
            "times": times,
            "multi_label_accuracy": {name: attribute.accuracy for name, attribute in attributes.items()},
        },
        {"scikit_learn_accuracy": reference, "scikit_learn_iterations": iterations},
        (
            at_least(
                "test accuracy",
                accuracy,
                threshold,
                "reasonable on the slides, a number set here; chance is 0.1",
            ),
            at_most("one-hot weights differ by", difference, 1e-5, "rounding in float32"),
        ),
        f"After {EPOCHS} epochs the accuracy of softmax regression is {percent(accuracy)} on {len(p):,} test "
        f"images (threshold: {percent(threshold)}); scikit-learn's LogisticRegression on the same "
        f"{len(sets.x):,} training images has {percent(reference)} after {iterations} iterations. The most "
        f"frequent mistake is {mistake}, {times} times. Training with one-hot targets changes the weights by "
        f"at most {number(difference, 1)}.",
        (*plots(curve), mistakes(sets, p), hard_and_soft(sets, p), attribute_table(sets, attributes)),
    )


def load_sets(lab: Lab) -> Sets:
    data = lab.fashion
    assert data.labels is not None
    assert data.held_out.labels is not None
    names = lab.pick(FASHION, tuple("ABCDEFGHIJ"))
    return Sets(flat(data.array), data.labels, flat(data.held_out.array), data.held_out.labels, names)


def train_and_test(lab: Lab, sets: Sets) -> tuple[SoftmaxModel, Curve]:
    """The model of the lecture, and its losses and accuracy after each epoch."""
    curve = Curve([], [], [])
    with seeded(lab.seed, torch.device("cpu")):
        model = SoftmaxModel(sets.x.shape[1], len(sets.names))
        for _ in range(EPOCHS):
            curve.train.extend(model.fit(sets.x, sets.y, epochs=1))
            curve.test.append(float(model.cost(sets.x_test, sets.y_test).mean()))
            curve.accuracy.append(float(np.mean(model.predict(sets.x_test).numpy() == sets.y_test)))
    return model, curve


def train(lab: Lab, x: Array, targets: Any, *, multi_label: bool = False) -> SoftmaxModel:
    """The same model for targets `(n, classes)`, from the same weights and in the same order of images."""
    with seeded(lab.seed, torch.device("cpu")):
        model = SoftmaxModel(x.shape[1], targets.shape[1], multi_label=multi_label)
        model.fit(x, targets, epochs=EPOCHS)
    return model


def weight_difference(lab: Lab, sets: Sets, model: SoftmaxModel) -> float:
    """The largest difference of the weights of `model` from those trained with one-hot targets."""
    targets = one_hot(torch.from_numpy(sets.y.astype(np.int64)), len(sets.names))
    return float((train(lab, sets.x, targets).weight - model.weight).detach().abs().max())


def logistic_regression(lab: Lab, sets: Sets) -> tuple[float, int]:
    """The test accuracy of LogisticRegression, stopped before convergence, and its iterations."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(max_iter=lab.pick(100, 50)).fit(sets.x, sets.y)
    return float(model.score(sets.x_test, sets.y_test)), int(model.n_iter_[0])


def commonest_mistake(sets: Sets, p: Array) -> tuple[str, int]:
    """The most frequent wrong prediction, and how often it is made."""
    predicted = p.argmax(1)
    wrong = predicted != sets.y_test
    pairs = Counter(zip(sets.y_test[wrong].tolist(), predicted[wrong].tolist(), strict=True))
    (true, taken), times = pairs.most_common(1)[0]
    return f"{sets.names[true]} taken for {sets.names[taken]}", times


def multi_label(lab: Lab, sets: Sets) -> dict[str, Attribute]:
    """Attributes that are made from the classes and learned together."""
    labels = lab.pick(FASHION_LABELS, LETTER_LABELS)
    y, y_test = (
        np.stack([np.isin(part, classes) for classes in labels.values()], 1) for part in (sets.y, sets.y_test)
    )
    predicted = train(lab, sets.x, y, multi_label=True).predict(sets.x_test).numpy()
    return {
        name: Attribute(classes, float(np.mean(predicted[:, j] == y_test[:, j])), float(y_test[:, j].mean()))
        for j, (name, classes) in enumerate(labels.items())
    }


def plots(curve: Curve) -> tuple[Figure, Figure]:
    """Cross-entropy and accuracy by epoch."""
    epochs = list(range(1, EPOCHS + 1))
    return (
        lines(
            epochs,
            {"test": curve.test, "training": curve.train},
            "Cross-entropy by epoch. The training value is the mean over the epoch; the test value is "
            "measured after the epoch.",
            across="epoch",
            up="cross-entropy",
        ),
        lines(
            epochs,
            {"test": [100 * share for share in curve.accuracy]},
            "Accuracy on the test images by epoch, at the lecture's learning rate of 0.1.",
            across="epoch",
            up="accuracy in %",
        ),
    )


COLUMNS = 6
"""Images side by side in a table."""


def mistakes(sets: Sets, p: Array) -> Figure:
    """The first misclassified test images, with their classes and predictions."""
    wrong = np.flatnonzero(p.argmax(1) != sets.y_test)[: 2 * COLUMNS]
    parts = (prediction_rows(sets, p, some) for some in (wrong[:COLUMNS], wrong[COLUMNS:]))
    return Figure(
        "".join(table(head, rows, "").html for head, *rows in parts),
        f"The first {len(wrong)} misclassified test images.",
    )


def hard_and_soft(sets: Sets, p: Array) -> Figure:
    """Test images from the least to the most certain prediction, with the probability of every class."""
    order = p.max(1).argsort()
    chosen = order[np.linspace(0, len(order) - 1, COLUMNS).astype(int)]
    head, *rows = prediction_rows(sets, p, chosen)
    soft = [
        [name, *(strong(percent(p[i, k]), p[i].argmax() == k) for i in chosen)]
        for k, name in enumerate(sets.names)
    ]
    return table(
        head,
        [*rows[:-1], *soft],
        "Hard and soft predictions of the same test images, from the least to the most certain. The hard "
        "prediction is a class; the soft prediction is a probability for each class.",
    )


def prediction_rows(sets: Sets, p: Array, chosen: Array) -> list[list[str]]:
    """Rows of a table: the images numbered `chosen`, their classes, predictions and probabilities."""
    side = round(sets.x.shape[1] ** 0.5)
    images = sets.x_test[chosen].reshape(-1, side, side)
    predicted = p[chosen].argmax(1)
    return [
        ["", *(picture(image, f"test image {i}", 2) for image, i in zip(images, chosen, strict=True))],
        ["true class", *(sets.names[k] for k in sets.y_test[chosen])],
        ["hard prediction", *(sets.names[k] for k in predicted)],
        ["its probability", *(percent(share) for share in p[chosen].max(1))],
    ]


def strong(text: str, emphasised: bool) -> str:
    return f"<strong>{text}</strong>" if emphasised else text


def attribute_table(sets: Sets, attributes: dict[str, Attribute]) -> Figure:
    rows = (
        (
            name,
            ", ".join(sets.names[k] for k in attribute.classes),
            percent(max(attribute.share, 1 - attribute.share)),
            percent(attribute.accuracy),
        )
        for name, attribute in attributes.items()
    )
    return table(
        ("label", "classes that have it", "accuracy of the more frequent answer", "accuracy"),
        rows,
        "Three labels, of which any number may be true, made from the classes and learned together: one "
        "sigmoid and one binary cross-entropy for each, in the same setting.",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "P6",
        "softmax regression on Fashion-MNIST",
        "784×10 weights drawn from N(0, 0.01²), plain gradient descent with learning rate 0.1, batches of "
        "256 and 10 epochs achieve reasonable classification performance; look at what is misclassified.",
        softmax_regression,
        {"weights": "784×10", "sigma": 0.01, "learning_rate": 0.1, "batch_size": 256, "epochs": EPOCHS},
    ),
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
)
