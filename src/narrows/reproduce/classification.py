"""Softmax regression on Fashion-MNIST, and the exercises about it (deck P)."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.cross_entropy import E1, E2
from narrows.reproduce.drawings import lines, picture
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat
from narrows.reproduce.small_image import E3
from narrows.reproduce.softmax_regression import SoftmaxRegression, one_hot
from narrows.reproduce.tables import percent, table

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
DIGIT_LABELS = {"even": (0, 2, 4, 6, 8), "at least five": (5, 6, 7, 8, 9), "has a loop": (0, 6, 8, 9)}
"""Attributes, by the classes that have them: an image may have several of them, or none."""


class Sets(NamedTuple):
    """Images as rows `(n, 784)` in [0, 1] and their classes `(n,)`, with the classes' names."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array
    names: tuple[str, ...]


class Curve(NamedTuple):
    """Cost of training and test, and the share of right answers on the test, by epoch."""

    train: list[float]
    test: list[float]
    accuracy: list[float]


def softmax_regression(lab: Lab) -> Finding:
    """The deck's setting on all training images, judged on the test images after each epoch."""
    sets = prepared(lab)
    model, curve = watched(lab, sets)
    p = model.probabilities(sets.x_test).numpy()
    accuracy, wanted = curve.accuracy[-1], lab.pick(0.825, 0.85)
    rows = one_hot(torch.from_numpy(sets.y.astype(np.int64)), len(sets.names))
    difference = float((trained(lab, sets.x, rows).weight - model.weight).detach().abs().max())
    mistake, times = commonest_mistake(sets, p)
    labels = lab.pick(FASHION_LABELS, DIGIT_LABELS)
    attributes = multi_label(lab, sets, labels)
    theirs, steps = scikit_learns(lab, sets)
    measured = {
        "test_accuracy": accuracy,
        "test_cross_entropy": curve.test[-1],
        "training_cross_entropy": curve.train[-1],
        "wanted_accuracy": wanted,
        "one_hot_weights_differ_by": difference,
        "commonest_mistake": mistake,
        "times": times,
        "multi_label_accuracy": {name: found["accuracy"] for name, found in attributes.items()},
    }
    return Finding(
        measured,
        {"scikit_learn_accuracy": theirs, "scikit_learn_iterations": steps},
        accuracy >= wanted and difference < 1e-5,
        f"Softmax regression gets {percent(accuracy)} of {len(p):,} test images right after {EPOCHS} epochs "
        f"(wanted: {percent(wanted)}); scikit-learn's LogisticRegression on the same {len(sets.x):,} images "
        f"{percent(theirs)} after {steps} iterations. The commonest mistake is {mistake}, {times} times. "
        f"One-hot targets give {'the same weights exactly' if not difference else 'the same weights'}.",
        (*drawn(curve), mistakes(sets, p), hard_and_soft(sets, p), labels_table(sets, labels, attributes)),
    )


def prepared(lab: Lab) -> Sets:
    data = lab.fashion
    assert data.labels is not None
    assert data.held_out.labels is not None
    names = lab.pick(FASHION, tuple(map(str, range(10))))
    return Sets(flat(data.array), data.labels, flat(data.held_out.array), data.held_out.labels, names)


def watched(lab: Lab, sets: Sets) -> tuple[SoftmaxRegression, Curve]:
    """The model of the deck, and how it did after each epoch."""
    curve = Curve([], [], [])
    with torch.random.fork_rng():
        torch.manual_seed(lab.seed)
        model = SoftmaxRegression(sets.x.shape[1], len(sets.names))
        for _ in range(EPOCHS):
            curve.train.extend(model.fit(sets.x, sets.y, epochs=1))
            curve.test.append(float(model.cost(sets.x_test, sets.y_test).mean()))
            curve.accuracy.append(float(np.mean(model.predict(sets.x_test).numpy() == sets.y_test)))
    return model, curve


def trained(lab: Lab, x: Array, rows: Any, *, multi_label: bool = False) -> SoftmaxRegression:
    """The same model for targets `(n, classes)`, from the same weights and in the same order."""
    with torch.random.fork_rng():
        torch.manual_seed(lab.seed)
        model = SoftmaxRegression(x.shape[1], rows.shape[1], multi_label=multi_label)
        model.fit(x, rows, epochs=EPOCHS)
    return model


def scikit_learns(lab: Lab, sets: Sets) -> tuple[float, int]:
    """The accuracy of LogisticRegression, stopped before it has converged, and its iterations."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(max_iter=lab.pick(100, 50)).fit(sets.x, sets.y)
    return float(model.score(sets.x_test, sets.y_test)), int(model.n_iter_[0])


def commonest_mistake(sets: Sets, p: Array) -> tuple[str, int]:
    """Which class is most often taken for which, and how often."""
    said = p.argmax(1)
    wrong = said != sets.y_test
    pairs = Counter(zip(sets.y_test[wrong].tolist(), said[wrong].tolist(), strict=True))
    (true, taken), times = pairs.most_common(1)[0]
    return f"{sets.names[true]} taken for {sets.names[taken]}", times


def multi_label(lab: Lab, sets: Sets, labels: dict[str, tuple[int, ...]]) -> dict[str, dict[str, float]]:
    """How often each attribute is told right on the test images, and how often it is true there."""
    y, y_test = (
        np.stack([np.isin(part, having) for having in labels.values()], 1) for part in (sets.y, sets.y_test)
    )
    said = trained(lab, sets.x, y, multi_label=True).predict(sets.x_test).numpy()
    return {
        name: {"accuracy": float(np.mean(said[:, j] == y_test[:, j])), "share": float(y_test[:, j].mean())}
        for j, name in enumerate(labels)
    }


def drawn(curve: Curve) -> tuple[Figure, Figure]:
    """Cost and accuracy by epoch."""
    epochs = list(range(1, EPOCHS + 1))
    return (
        lines(
            epochs,
            {"test": curve.test, "training": curve.train},
            "Cross-entropy by epoch: of the training, the mean while learning; of the test, after the epoch.",
            across="epoch",
            up="cross-entropy",
        ),
        lines(
            epochs,
            {"test": [100 * share for share in curve.accuracy]},
            "Right answers on the test images by epoch. The learning rate is so high that it wavers.",
            across="epoch",
            up="right answers in %",
        ),
    )


COLUMNS = 6
"""Images side by side in a table."""


def mistakes(sets: Sets, p: Array) -> Figure:
    """The first misclassified test images, with what they are and what was said."""
    wrong = np.flatnonzero(p.argmax(1) != sets.y_test)[: 2 * COLUMNS]
    parts = (described(sets, p, some) for some in (wrong[:COLUMNS], wrong[COLUMNS:]))
    return Figure(
        "".join(table(head, rows, "").html for head, *rows in parts),
        f"The first {len(wrong)} of the misclassified test images.",
    )


def hard_and_soft(sets: Sets, p: Array) -> Figure:
    """Test images from the least to the most certain answer, with every class's probability."""
    order = p.max(1).argsort()
    chosen = order[np.linspace(0, len(order) - 1, COLUMNS).astype(int)]
    head, *rows = described(sets, p, chosen)
    soft = [
        [name, *(strong(percent(p[i, k]), p[i].argmax() == k) for i in chosen)]
        for k, name in enumerate(sets.names)
    ]
    return table(
        head,
        [*rows[:-1], *soft],
        "Hard and soft predictions of the same images, from the least certain of the test images to the most "
        "certain: the hard one is a class, the soft one a probability for each.",
    )


def described(sets: Sets, p: Array, chosen: Array) -> list[list[str]]:
    """Rows of a table: the images numbered `chosen`, their classes, the answers and how sure they were."""
    side = round(sets.x.shape[1] ** 0.5)
    images = sets.x_test[chosen].reshape(-1, side, side)
    said = p[chosen].argmax(1)
    return [
        ["", *(picture(image, f"test image {i}", 2) for image, i in zip(images, chosen, strict=True))],
        ["true class", *(sets.names[k] for k in sets.y_test[chosen])],
        ["hard prediction", *(sets.names[k] for k in said)],
        ["its probability", *(percent(share) for share in p[chosen].max(1))],
    ]


def strong(text: str, really: bool) -> str:
    return f"<strong>{text}</strong>" if really else text


def labels_table(
    sets: Sets, labels: dict[str, tuple[int, ...]], attributes: dict[str, dict[str, float]]
) -> Figure:
    """What several labels at once came to."""
    rows = (
        (
            name,
            ", ".join(sets.names[k] for k in labels[name]),
            percent(max(found["share"], 1 - found["share"])),
            percent(found["accuracy"]),
        )
        for name, found in attributes.items()
    )
    return table(
        ("label", "classes that have it", "always the commoner answer", "right"),
        rows,
        "Three labels of which any number may be true, made from the classes and learned at once: a sigmoid "
        "and a binary cross-entropy for each, in the same setting.",
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
)
