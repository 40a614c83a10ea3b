"""A classifier for data of which few have a label, as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from torch.utils.data import Dataset

from narrows.core.errors import InputError
from narrows.core.findings import percent
from narrows.core.registry import lookup
from narrows.data.schema import Array
from narrows.data.sources.torch_dataset import from_dataset
from narrows.estimators.autoencoder import Autoencoder
from narrows.estimators.containers import checked, values
from narrows.estimators.meta import MetaAutoencoder
from narrows.tasks.few_labels.classifiers import (
    FineTuned,
    LinearProbe,
    store_classifier,
    stored_classifier,
)
from narrows.tasks.few_labels.fine_tuning import bottleneck_for, learn_classes
from narrows.tasks.few_labels.pseudo_labels import represented
from narrows.training.devices import pick_device

if TYPE_CHECKING:
    from pandas import DataFrame

METHODS = {"fine-tuned": True, "probe": False}
"""How labels are learned, and whether that changes the encoder."""


class PretrainedClassifier(ClassifierMixin, MetaAutoencoder):  # type: ignore[misc]
    """Fit an autoencoder to all rows without their labels, then learn classes from few labels.

    Labels are spread to neighbours in the latent space, and the encoder with a linear layer on top is
    fine-tuned on them. As far as a logistic regression on the values predicts hidden labels better, as in
    many tables, labels are spread by it, and its probabilities are averaged with those of the network. Or a
    logistic regression is fitted to the codes of the labelled rows.

    Args:
        autoencoder: an `Autoencoder`, of which a copy is fitted; None takes `Autoencoder()`. One without a
            recipe takes "mixture-vae"; a mixture has as many clusters as there are classes.
        unlabelled: what stands in `y` where a row has no label, as -1 does elsewhere in scikit-learn,
            beside None, NaN and pandas' NA, which always stand for none.
        method: "fine-tuned", or "probe", the logistic regression.
        fine_tuning: options of `narrows.training.options.Training` for the fine-tuning.

    Attributes:
        classes_: the classes, sorted.
        autoencoder_: the fitted autoencoder.
        learned_: the fitted classifier; None where there is one class.
        run_: the fitted run, with the classifier.
        verdict_: whether the autoencoder beats PCA on held-out rows, as a sentence.

    Example:
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Autoencoder, PretrainedClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> some = np.where(np.random.default_rng(0).random(len(y)) < 0.1, y, -1)
        >>> autoencoder = Autoencoder(image_shape=(8, 8), epochs=10)
        >>> few = PretrainedClassifier(autoencoder, unlabelled=-1).fit(X, some)
        >>> bool(few.score(X[some < 0], y[some < 0]) > 0.9)
        True
    """

    default_recipe = "mixture-vae"

    def __init__(
        self,
        autoencoder: Autoencoder | None = None,
        *,
        unlabelled: float | str | None = None,
        method: Literal["fine-tuned", "probe"] = "fine-tuned",
        fine_tuning: dict[str, Any] | None = None,
    ) -> None:
        self.autoencoder = autoencoder
        self.unlabelled = unlabelled
        self.method = method
        self.fine_tuning = fine_tuning

    def fit(self, X: Array | DataFrame, y: Any = None) -> Self:
        """Fit to `X (n, columns)`, or images `(n, height, width[, channels])`, and the labels `y (n,)`.

        Raises:
            InputError: for data, labels or choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        if isinstance(X, Dataset) and y is None:
            X, y = from_dataset(X)
        if y is None:
            raise InputError("A classifier requires y to be passed, but the target y is None.")
        lookup("method", METHODS, self.method)
        unfitted = self._unfitted()
        n = len(checked(unfitted, X, reset=True))
        classes, numbers = encoded(y, n, self.unlabelled)
        if unfitted.bottleneck is None:
            unfitted.bottleneck = bottleneck_for(str(unfitted.recipe), len(classes))
        self._take(unfitted.fit(X))
        self.classes_ = classes
        self.learned_ = self._learned(values(self.autoencoder_, X), numbers)
        store_classifier(self.run_, self.classes_, self.learned_)
        return self

    def _learned(self, rows: Array, numbers: NDArray[np.intp]) -> FineTuned | LinearProbe | None:
        """What tells the classes `numbers (n,)` of `rows` apart; -1 is no label."""
        run = self.run_
        if len(self.classes_) == 1:
            return None
        if not METHODS[self.method]:
            return LinearProbe.fit(run.encode(rows[numbers >= 0]), numbers[numbers >= 0])
        seed = run.config["seed"]
        device = pick_device(self.autoencoder_.device, run.scaling.precision)
        known = represented(run, rows)
        options = self.fine_tuning or {}
        return learn_classes(run, rows, known, numbers, len(self.classes_), options, seed, device)

    def _loaded(self, where: str) -> None:
        self.classes_, self.learned_ = stored_classifier(self.run_, where)
        self.method = "probe" if isinstance(self.learned_, LinearProbe) else "fine-tuned"

    def predict_proba(self, X: Array | DataFrame) -> Array:
        """The probability `(n, classes)` of each class in `classes_`, of each row of `X`."""
        run = self._run()
        rows = values(self.autoencoder_, X)
        if self.learned_ is None:
            return np.ones((len(rows), 1))
        if isinstance(self.learned_, LinearProbe):
            return self.learned_.probabilities(run.encode(rows))
        return self.learned_.probabilities(run, rows)

    def predict(self, X: Array | DataFrame) -> Array:
        """The most probable class `(n,)` of each row of `X`."""
        chances = self.predict_proba(X)
        return np.asarray(self.classes_[chances.argmax(axis=1)])


def encoded(y: Any, n: int, unlabelled: float | str | None) -> tuple[Array, NDArray[np.intp]]:
    """The classes in `y`, sorted, and the number of each row's class `(n,)`, -1 where it has no label.

    Raises:
        ValueError: for labels that cannot be used, with the reason.
    """
    y = column_or_1d(plain(y), warn=True)
    known = has_label(y, unlabelled)
    y = same_type(y, known)
    assert_all_finite(y[known], input_name="y")
    check_names(y[known])
    check_classification_targets(y[known])
    if len(y) != n:
        raise InputError(f"There are {len(y):,} labels for {n:,} rows; wanted is one each.")
    if not known.any():
        marks = "NaN or None" if unlabelled is None else f"{unlabelled!r}, NaN or None"
        raise InputError(
            f"Input y contains {marks} only: no row has a label; give one of each class at least."
        )
    numbers = np.full(n, -1, dtype=np.intp)
    classes, numbers[known] = np.unique(y[known], return_inverse=True)
    warn_of_unlabelled(classes, numbers)
    return classes, numbers


def plain(y: Any) -> Any:
    """Labels as an array of numpy; those of a nullable or categorical type of pandas as objects."""
    if hasattr(y, "dtype") and not isinstance(y.dtype, np.dtype):
        return np.asarray(y, dtype=object)
    return np.array(y, dtype=object) if isinstance(y, (list, tuple)) and None in y else y


def has_label(y: Array, unlabelled: float | str | None) -> NDArray[np.bool_]:
    """Which rows have a label: what is neither missing nor `unlabelled`."""
    return np.array([not is_missing(label) and label != unlabelled for label in y.tolist()], dtype=np.bool_)


def is_missing(label: Any) -> bool:
    """Whether a label is None, NaN or pandas' NA, of which only NA is neither true nor false."""
    return label is None or type(label).__name__ in ("NAType", "NaTType") or bool(label != label)


def same_type(y: Array, known: NDArray[np.bool_]) -> Array:
    """`y` in the type that its labels share, where missing ones made objects of them."""
    if y.dtype != object or known.all() or len({type(label) for label in y[known].tolist()}) != 1:
        return y
    labels = np.array(y[known].tolist())
    whole = np.zeros(len(y), dtype=labels.dtype)
    whole[known] = labels
    return whole


NO_NAMES = ("", "nan", "none", "na", "<na>", "null")
"""Words, in lower case, that stand for a missing label more often than for a class."""

FEW_CLASSES = 3
"""With so many classes beside it -1 is taken for no label; with fewer if most rows have it."""


def warn_of_unlabelled(classes: Array, numbers: NDArray[np.intp]) -> None:
    """Warn if one of the `classes` may stand for rows without a label; `numbers (n,)` are of the rows."""
    for number, name in enumerate(classes.tolist()):
        share = float((numbers == number).mean())
        if isinstance(name, str):
            likely = name.strip().lower() in NO_NAMES
        else:
            others = classes[classes != name]
            many = len(others) >= FEW_CLASSES or (len(others) > 1 and share > 0.5)
            likely = name == -1 and many and bool((others >= 0).all())
        if likely:
            warnings.warn(
                f"y holds {name!r} in {percent(share)} of the rows, which counts as a class; if it stands "
                f"for rows without a label, pass unlabelled={name!r}.",
                UserWarning,
                stacklevel=4,
            )


def check_names(y: Array) -> None:
    """Refuse labels that are not names of classes, such as dates, or words mixed with other types."""
    types = {type(label).__name__ for label in y.tolist()} if y.dtype.kind == "O" else {y.dtype.name}
    if y.dtype.kind not in "biufUSO" or len(types) > 1:
        raise InputError(
            f"Labels are numbers, words or booleans, all alike, but y has {' and '.join(sorted(types))}; "
            f"unlabelled= says what stands where a row has no label."
        )
