"""Softmax regression as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from narrows.core.errors import InputError
from narrows.data.images.brightness import BYTES
from narrows.data.schema import Array
from narrows.estimators.lists import shape_of
from narrows.estimators.parameters import seed_of
from narrows.tasks.classification.softmax import SoftmaxModel
from narrows.training.devices import seeded


class SoftmaxRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The probabilities softmax(x W + b) of classes, learned from labels by gradient descent.

    Weights are drawn from N(0, 0.01²), and the cost is the cross-entropy. The default options are those of
    system P6 of the lectures, which `narrows reproduce P6` measures on Fashion-MNIST.

    Args:
        epochs: passes over the examples.
        batch_size: examples per step.
        learning_rate: of plain gradient descent.
        multi_label: whether each label is true or false by itself, with the probability sigmoid(x W + b);
            y are then rows `(n, labels)`.
        random_state: the same number gives the same model; None draws one.

    Attributes:
        classes_: the classes, sorted; numbers of columns where y are rows.
        coef_: the weights, `(classes, values)`.
        intercept_: the biases, `(classes,)`.
        losses_: the mean cross-entropy in each epoch, in nats.
        n_features_in_: the values of an example.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from narrows import SoftmaxRegression
        >>> digits = load_digits()
        >>> model = SoftmaxRegression(batch_size=32).fit(digits.images / 16, digits.target)
        >>> model.predict(digits.images[:2] / 16), round(model.score(digits.images / 16, digits.target), 1)
        (array([0, 1]), 0.9)
    """

    def __init__(
        self,
        *,
        epochs: int = 10,
        batch_size: int = 256,
        learning_rate: float = 0.1,
        multi_label: bool = False,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.multi_label = multi_label
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to `X (n, …)`, of which 8-bit values are divided by 255, and the labels `y`.

        Args:
            X: examples of any shape, of values of about unit size.
            y: classes `(n,)`, numbers or words; or rows `(n, classes)`, one-hot or probabilities; with
                `multi_label` rows of 0 and 1 for each label.

        Raises:
            InputError: for examples, labels or options that cannot be used, with the reason.
        """
        if y is None:
            raise InputError("SoftmaxRegression requires y to be passed, but the target y is None.")
        rows = self._rows(X, reset=True)
        self.classes_, targets = encoded(y, len(rows), multi_label=self.multi_label)
        with seeded(seed_of(self.random_state), torch.device("cpu")):
            model = SoftmaxModel(rows.shape[1], len(self.classes_), multi_label=self.multi_label)
            how = {"epochs": self.epochs, "batch_size": self.batch_size}
            self.losses_ = model.fit(rows, targets, learning_rate=self.learning_rate, **how)
        self.coef_ = model.weight.detach().numpy().T.astype(np.float64)
        self.intercept_ = model.bias.detach().numpy().astype(np.float64)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Soft predictions for `X`: the probability of each class, or of each label alone, `(n, classes)`."""
        from scipy.special import expit, softmax

        logits = self._logits(X)
        return np.asarray(expit(logits) if self.multi_label else softmax(logits, axis=1))

    def predict(self, X: Any) -> NDArray[Any]:
        """Hard predictions for `X`: the likeliest class `(n,)`; with `multi_label` whether p > ½, 1 or 0."""
        logits = self._logits(X)
        if self.multi_label:
            return (logits > 0).astype(np.int64)
        return np.asarray(self.classes_[logits.argmax(axis=1)])

    def _logits(self, X: Any) -> Array:
        """The logits x W + b of `X`, `(n, classes)`."""
        check_is_fitted(self)
        return np.asarray(self._rows(X, reset=False) @ self.coef_.T + self.intercept_)

    def _rows(self, X: Any, *, reset: bool) -> Array:
        """`X` as rows of float64, after scikit-learn's checks."""
        of_bytes = getattr(X, "dtype", None) == BYTES
        flat = np.asarray(X).reshape(len(X), -1) if len(shape_of(X)) > 2 else X
        rows = validate_data(self, flat, reset=reset, dtype=np.float64)
        return np.asarray(rows / 255 if of_bytes else rows)


def encoded(y: Any, n: int, *, multi_label: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """The classes, and the targets as numbers of classes `(n,)` or as rows `(n, classes)`.

    Raises:
        InputError: for another number of targets than `n`, and for only one class.
    """
    given = np.asarray(y)
    if len(given) != n:
        raise InputError(f"There are {n:,} examples but {len(given):,} targets; wanted is one each.")
    assert_all_finite(given)
    if multi_label or (given.ndim == 2 and given.shape[1] > 1):
        return np.arange(given.shape[-1]), given
    given = column_or_1d(given, warn=True)
    check_classification_targets(given)
    classes, targets = np.unique(given, return_inverse=True)
    if len(classes) < 2:
        raise InputError("The targets have one class, but a classifier needs at least 2.")
    return classes, targets
