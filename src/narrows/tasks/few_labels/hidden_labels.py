"""How well classes are predicted from few labels, measured on labels that are hidden in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats

FOLDS = 5
"""The labels of a class are divided into so many folds, which are hidden in turn."""

FLOOR = 1e-3
"""The smallest probability that a prediction counts as."""


Predict = Callable[[NDArray[np.intp]], Floats]
"""From labels `(n,)`, -1 where a row has none, to the class probabilities `(n, classes)` of all rows."""


class Evidence(NamedTuple):
    """What hidden labels say about a way to predict classes.

    Attributes:
        log_likelihood: of the hidden labels, in nats, after calibration.
        factors: `(classes,)`, what the probability of each class is multiplied by to be calibrated.
    """

    log_likelihood: float
    factors: Floats


def evidence(predict: Predict, y: NDArray[np.intp], classes: int) -> Evidence | None:
    """The evidence for `predict` of labels `y (n,)`, -1 without one; None where no class has two labels."""
    fold = folds(y, classes)
    hidden = fold >= 0
    if not hidden.any():
        return None
    found = np.zeros((len(y), classes))
    for each in np.unique(fold[hidden]):
        found = np.where((fold == each)[:, None], predict(np.where(fold == each, -1, y)), found)
    return calibrated(np.log(np.maximum(found[hidden], FLOOR)), y[hidden])


def folds(y: NDArray[np.intp], classes: int) -> NDArray[np.intp]:
    """The fold `(n,)` in which each label is hidden; -1 without a label, and for the only one of a class."""
    fold = np.full(len(y), -1)
    for c in range(classes):
        members = np.flatnonzero(y == c)
        if len(members) > 1:
            fold[members] = np.arange(len(members)) % FOLDS
    return fold


def calibrated(log_p: Floats, y: NDArray[np.intp]) -> Evidence:
    """The evidence of log probabilities `(n, classes)` of the classes `y (n,)`.

    The calibrated probabilities are ∝ exp(τ log p_k + b_k), with log τ and b of the largest posterior
    probability under standard normal priors (after Platt 1999, "Probabilistic outputs for support vector
    machines", Advances in Large Margin Classifiers).
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    correct = np.eye(log_p.shape[1])[y]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scaled = np.exp(parameters[0]) * log_p
        log_q = log_softmax(scaled + parameters[1:], axis=1)
        slope = np.exp(log_q) - correct
        gradient = np.concatenate([[(slope * scaled).sum()], slope.sum(axis=0)])
        return 0.5 * parameters @ parameters - (log_q * correct).sum(), parameters + gradient

    best = minimize(loss, np.zeros(1 + log_p.shape[1]), jac=True, method="L-BFGS-B")
    return Evidence(-float(best.fun), np.exp(best.x[1:] / np.exp(best.x[0])))
