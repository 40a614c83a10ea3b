"""Lecture P: from the likelihood of the labels to the cross-entropy (E5)."""

from __future__ import annotations

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number
from narrows.tasks.classification.softmax import SoftmaxModel, one_hot
from narrows.training.devices import seeded

FEW = 100
"""Examples whose likelihood float64 can hold."""

SMALLEST = 5e-324
"""The smallest positive number of float64."""


def likelihood(lab: Lab) -> Finding:
    """The product of the probabilities of the labels, and the sum of the cross-entropies."""
    data = lab.first(lab.fashion, 10_000)
    assert data.labels is not None
    x, y = flat(data.array), data.labels.astype(np.int64)
    with seeded(lab.seed, torch.device("cpu")):
        model = SoftmaxModel(x.shape[1], len(np.unique(y)))
        model.fit(x, y, epochs=lab.pick(5, 5))
    p = true_probabilities(model, x, y)
    costs = model.cost(x, y).numpy().astype(np.float64)
    few = -float(np.log(np.prod(p[:FEW]))) / FEW
    gap, whole = abs(few - costs[:FEW].mean()), float(np.prod(p))
    vanishes = int(np.argmax(np.cumprod(p) == 0)) if whole == 0 else len(p)
    gradient = gradient_difference(model, x[:FEW], y[:FEW])
    return Finding(
        {
            "negative_log_likelihood_per_example": few,
            "likelihood_of_all": whole,
            "examples_until_it_is_0": vanishes,
            "gradient_difference": gradient,
        },
        {"cross_entropy": float(costs[:FEW].mean()), "cross_entropy_of_all": float(costs.mean())},
        checks(gap, whole, vanishes, gradient),
        f"For {FEW} examples −log Π p / n is {number(few, 5)} nats, and so is the mean cross-entropy. The "
        f"product of the probabilities of {len(p):,} labels is {whole:g} in float64, and is 0 from example "
        f"{vanishes:,} on; the sum of their logarithms is {number(float(-costs.sum()), 5)}. The gradient "
        "with respect to the logits is ŷ − y, so that the largest likelihood and the smallest "
        "cross-entropy have the same weights.",
        (running(p),),
    )


def checks(gap: float, whole: float, vanishes: int, gradient: float) -> tuple[Check, ...]:
    """Few examples have the likelihood of the cross-entropy; that of all vanishes; the gradients agree."""
    return (
        at_most(
            f"difference of −log Π p / n and the mean cross-entropy, {FEW} examples",
            gap,
            1e-5,
            "rounding",
        ),
        at_most("likelihood of all examples in float64", whole, SMALLEST, "the smallest positive float64"),
        at_least("examples after which it is 0", vanishes, FEW, f"the {FEW} examples above"),
        at_most(
            "difference of the gradients of −log Π p and Σ (ŷ − y) xᵀ, relative",
            gradient,
            1e-4,
            "rounding",
        ),
    )


def true_probabilities(model: SoftmaxModel, x: Array, y: Array) -> Array:
    """The probability of the true class of each example `(n,)`, float64."""
    found = model.probabilities(x).numpy().astype(np.float64)
    return np.asarray(found[np.arange(len(y)), y])


def gradient_difference(model: SoftmaxModel, x: Array, y: Array) -> float:
    """How far the gradient of −log Π p differs from xᵀ(ŷ − y), relative to its largest value."""
    inputs, labels = torch.as_tensor(x), torch.as_tensor(y)
    picked = model(inputs).softmax(1)[torch.arange(len(y)), labels]
    (found,) = torch.autograd.grad(-picked.log().sum(), model.weight)
    with torch.no_grad():
        wanted = inputs.T @ (model(inputs).softmax(1) - one_hot(labels, len(model.bias)))
    return float((found - wanted).abs().max() / wanted.abs().max())


def running(p: Array) -> Figure:
    """The likelihood of the first n examples by n, as a power of ten; it ends where float64 does."""
    n = np.unique(np.geomspace(1, len(p), 12).astype(int))
    powers = np.cumsum(np.log10(p))[n - 1]
    return lines(
        n.tolist(),
        {"by the sum of logarithms": powers.tolist(), "smallest number of float64": [-324.0] * len(n)},
        "The likelihood of the labels of the first n examples as a power of ten, by the sum of logarithms. "
        "The product itself is 0 below the smallest number of float64.",
        across="examples",
        up="log10 of the likelihood",
        log_x=True,
    )


E5 = Entry(
    "E5",
    "from the log-likelihood to the cross-entropy",
    "The likelihood P(Y | X) is the product over the examples; minimising the sum of the cross-entropies is "
    "maximising it.",
    likelihood,
)
