"""Lecture P: classification with a linear model without softmax (E6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.findings import Figure, Finding, at_least
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number, percent, table
from narrows.tasks.classification.softmax import SoftmaxModel
from narrows.training.devices import seeded

LEAST = 0.01
SOURCE = "one in a hundred: no exception"
"""What is more than an exception, and more than rounding."""


class Outputs(NamedTuple):
    """What the outputs `(n, classes)` of a model for test images are like.

    Attributes:
        accuracy: of the largest output.
        negative: share of outputs below 0.
        above: share of images with an output above 1.
        largest: the largest output.
        off: the mean of |Σ − 1|.
    """

    accuracy: float
    negative: float
    above: float
    largest: float
    off: float


def without_softmax(lab: Lab) -> Finding:
    """Least squares on one-hot labels, and softmax regression before and after its softmax."""
    data = lab.first(lab.fashion, 20_000)
    test = data.held_out
    assert data.labels is not None
    assert test.labels is not None
    x, y, x_test = flat(data.array), data.labels.astype(np.int64), flat(test.array)
    with seeded(lab.seed, torch.device("cpu")):
        model = SoftmaxModel(x.shape[1], int(y.max()) + 1)
        model.fit(x, y, epochs=10)
        logits = model(torch.as_tensor(x_test)).detach().numpy()
    linear = least_squares(x, np.eye(int(y.max()) + 1)[y], x_test)
    found = {
        "least squares on one-hot labels": described(linear, test.labels),
        "softmax regression, before the softmax": described(logits, test.labels),
        "softmax regression": described(model.probabilities(x_test).numpy(), test.labels),
    }
    ours, before, after = found.values()
    return Finding(
        {name: each._asdict() for name, each in found.items()},
        {"accuracy_of_softmax_regression": after.accuracy},
        (
            at_least("share of negative outputs, least squares", ours.negative, LEAST, SOURCE),
            at_least("share of images with an output above 1, least squares", ours.above, LEAST, SOURCE),
            at_least("mean |Σ − 1| of the outputs before the softmax", before.off, LEAST, SOURCE),
        ),
        f"Least squares on one-hot labels classifies {percent(ours.accuracy)} of the test images, softmax "
        f"regression {percent(after.accuracy)}.\nOf the outputs of least squares {percent(ours.negative)} "
        f"are negative, and {percent(ours.above)} of the images have one above 1, up to "
        f"{number(ours.largest)}. With a bias they sum to one, up to {number(ours.off, 1)}, because the "
        f"labels do.\nBefore the softmax the outputs of softmax regression are up to "
        f"{number(before.largest)}, and their sums differ from one by {number(before.off)} in the mean.",
        (outputs_table(found),),
    )


def least_squares(x: Array, y: Array, x_test: Array) -> Array:
    """The outputs for `x_test` of the linear model with a bias that fits `y (n, classes)` best."""
    with_ones, test_ones = (
        np.column_stack([part, np.ones(len(part))]).astype(np.float64) for part in (x, x_test)
    )
    weights = np.linalg.lstsq(with_ones.T @ with_ones, with_ones.T @ y, rcond=1e-10)[0]
    return np.asarray(test_ones @ weights)


def described(outputs: Array, y: Array) -> Outputs:
    return Outputs(
        float((outputs.argmax(axis=1) == y).mean()),
        float((outputs < 0).mean()),
        float((outputs.max(axis=1) > 1 + 1e-6).mean()),
        float(outputs.max()),
        float(np.abs(outputs.sum(axis=1) - 1).mean()),
    )


def outputs_table(found: dict[str, Outputs]) -> Figure:
    rows = (
        (
            name,
            percent(o.accuracy),
            percent(o.negative),
            percent(o.above),
            number(o.largest),
            number(o.off, 2),
        )
        for name, o in found.items()
    )
    return table(
        ("", "accuracy", "outputs below 0", "images with one above 1", "largest", "mean |Σ − 1|"),
        rows,
        "The outputs of linear models for test images. Only the softmax makes probabilities of them.",
    )


E6 = Entry(
    "E6",
    "a linear model without softmax",
    "The outputs of a linear model are no probabilities: nothing makes them sum to one, some are negative, "
    "and they have no upper bound.",
    without_softmax,
)
