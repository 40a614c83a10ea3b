"""How well classes are predicted: the accuracy, and where classes are unequal what it does not show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats

UNEQUAL = 0.5
"""A class is rare that has a smaller share of the rows than this times that of equal classes."""

MEASURES = {
    "balanced": "balanced accuracy",
    "recall": "recall of the rarest class",
    "auc": "AUC of the rarest class",
}
"""What is measured beside the accuracy where a class is rare: the mean recall of the classes; the recall of
the rarest; and the probability that a row of it has a higher probability of it than another row."""


def rarest_class(y: NDArray[np.intp], test_y: NDArray[np.intp], classes: int) -> int | None:
    """The number of the rarest class in `y (n,)`, -1 for no label; None if it is not rare.

    Of the classes in `test_y (n,)`; one of all these rows has no AUC and is left out.
    """
    counts = np.bincount(y[y >= 0], minlength=classes)
    judged = [c for c in range(classes) if 0 < (test_y == c).sum() < len(test_y)]
    if not judged:
        return None
    rarest = min(judged, key=lambda c: int(counts[c]))
    return rarest if counts[rarest] < UNEQUAL * counts.sum() / classes else None


def measured(predicted: Array, y: NDArray[np.intp], rarest: int | None) -> dict[str, float]:
    """The "accuracy" of class probabilities `(n, classes)`, and each of `MEASURES` where a class is rare.

    Args:
        predicted: the probabilities.
        y: `(n,)`, the numbers of the classes, -1 for a class without a probability.
        rarest: the number of the rarest class; None where none is rare.
    """
    from sklearn.metrics import roc_auc_score

    correct = predicted.argmax(axis=1) == y
    found = {"accuracy": float(correct.mean())}
    if rarest is None:
        return found
    return found | {
        "balanced": float(np.mean([correct[y == c].mean() for c in np.unique(y)])),
        "recall": float(correct[y == rarest].mean()),
        "auc": float(roc_auc_score(y == rarest, predicted[:, rarest])),
    }


def interval(values: Floats) -> list[float] | None:
    """A 95 % interval of the mean of `values (n,)` between 0 and 1, by Student's t; None for one value."""
    from scipy.special import stdtrit

    if len(values) < 2:
        return None
    half = float(stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values)))
    return [max(0.0, float(values.mean()) - half), min(1.0, float(values.mean()) + half)]
