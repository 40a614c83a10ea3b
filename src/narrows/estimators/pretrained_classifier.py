"""A classifier for data of which few have a label, as a scikit-learn estimator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from torch import nn
from torch.utils.data import Dataset

from narrows.core.errors import InputError
from narrows.core.registry import lookup
from narrows.data.schema import Array
from narrows.data.sources.torch_dataset import from_dataset
from narrows.estimators.autoencoder import Autoencoder, Half, Part, seed_of
from narrows.fitting.choices import pick_device
from narrows.tasks.few_labels.classifiers import Classifier, LinearProbe, keep, kept, probabilities
from narrows.tasks.few_labels.fine_tuning import clustered, fine_tune, labelled, spaces

if TYPE_CHECKING:
    from pandas import DataFrame


def has_label(y: Array, unlabelled: float | str | None) -> Array:
    """Which rows have a label, where `unlabelled`, a NaN too, stands for none; None if every row has one."""
    if unlabelled is None:
        return np.ones(len(y), dtype=np.bool_)
    return y == y if unlabelled != unlabelled else y != unlabelled


def check_names(y: Array) -> None:
    """Refuse labels that are no names of classes: dates, or words beside what is none."""
    kinds = {type(label).__name__ for label in y.tolist()} if y.dtype.kind == "O" else {y.dtype.name}
    if y.dtype.kind not in "biufUSO" or len(kinds) > 1:
        raise InputError(
            f"Labels are numbers, words or booleans, all alike, but y has {' and '.join(sorted(kinds))}; "
            f"unlabelled= says what stands where a row has no label."
        )


METHODS = {"fine-tuned": True, "probe": False}
"""What is learned from labels, and whether it changes the encoder."""


class PretrainedClassifier(ClassifierMixin, Autoencoder):  # type: ignore[misc]
    """Learn what all rows look like, then from a few labels which class they belong to.

    An autoencoder is fitted to all rows without their labels. Then labels are spread to neighbours in the
    code, and its encoder with a linear layer on top is fine-tuned on them; or a logistic regression is
    fitted to the codes of the labelled rows.

    Args:
        latent_dim: as for `Autoencoder`, like all others but the next three.
        unlabelled: what stands in `y` where a row has no label, as -1 does elsewhere in scikit-learn; None
            if every row has one.
        method: "fine-tuned", or "probe", the logistic regression.
        fine_tuning: options of `narrows.training.loop.Training` for the fine-tuning.
        recipe: a name that `narrows recipes` lists; of a mixture there are as many clusters as classes.
        corruption: a part.
        encoder: a part, or a torch module of your own.
        bottleneck: a part.
        decoder: a part, or a torch module of your own.
        output: a part.
        loss: a part.
        penalties: a list of parts.
        training: options of `narrows.training.loop.Training` for the autoencoder.
        kind: "images" or "table"; None infers it.
        image_shape: (height, width[, channels]) of images that come flat, one in each row of `X`.
        device: "auto", or a torch device.
        random_state: the same number gives the same model; None draws one.
        warm_start: whether another fit begins with the autoencoder's weights of the one before.
        verbose: 1 prints a line per epoch of the autoencoder to stderr.

    Attributes:
        classes_: the classes, sorted.
        run_: the fitted autoencoder.

    Example:
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from narrows import PretrainedClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> some = np.where(np.random.default_rng(0).random(len(y)) < 0.1, y, -1)
        >>> few = PretrainedClassifier(unlabelled=-1, image_shape=(8, 8), training={"epochs": 10})
        >>> few = few.fit(X, some)
        >>> bool(few.score(X[some < 0], y[some < 0]) > 0.9)
        True
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        unlabelled: float | str | None = None,
        method: Literal["fine-tuned", "probe"] = "fine-tuned",
        fine_tuning: dict[str, Any] | None = None,
        recipe: str = "mixture-vae",
        corruption: Part = None,
        encoder: Half = None,
        bottleneck: Part = None,
        decoder: Half = None,
        output: Part = None,
        loss: Part = None,
        penalties: list[dict[str, Any]] | None = None,
        training: dict[str, Any] | None = None,
        kind: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            latent_dim,
            recipe=recipe,
            corruption=corruption,
            encoder=encoder,
            bottleneck=bottleneck,
            decoder=decoder,
            output=output,
            loss=loss,
            penalties=penalties,
            training=training,
            kind=kind,
            image_shape=image_shape,
            device=device,
            random_state=random_state,
            warm_start=warm_start,
            verbose=verbose,
        )
        self.unlabelled, self.method, self.fine_tuning = unlabelled, method, fine_tuning

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
        n = len(self._checked(X, reset=True))
        y = column_or_1d(y, warn=True)
        known = has_label(y, self.unlabelled)
        assert_all_finite(y[known], input_name="y")
        check_names(y[known])
        check_classification_targets(y[known])
        if len(y) != n:
            raise InputError(f"There are {len(y):,} labels for {n:,} rows; wanted is one each.")
        if not known.any():
            raise InputError(
                f"No row has a label: all of y are {self.unlabelled}; give at least one of each class."
            )
        self.classes_, codes = np.unique(y[known], return_inverse=True)
        classes = np.full(len(y), -1, dtype=np.intp)
        classes[known] = codes
        super().fit(X)
        self._learn_labels(self._values(X), classes)
        return self

    def _chosen(self) -> dict[str, Any]:
        found = super()._chosen()
        if found["bottleneck"] is None:
            found["bottleneck"] = clustered(self.recipe, len(self.classes_))
        return found

    def _learn_labels(self, values: Array, y: Any) -> None:
        run, seed = self._run(), seed_of(self.random_state)
        self.learned_: Classifier | LinearProbe | None = None
        if len(self.classes_) > 1 and METHODS[self.method]:
            labels = labelled(values, spaces(run, values), y, len(self.classes_), seed)
            device = pick_device(self.device, run.scaling.precision)
            self.learned_ = fine_tune(run, labels, self.fine_tuning or {}, seed, device)
        elif len(self.classes_) > 1:
            self.learned_ = LinearProbe.fit(run.encode(values[y >= 0]), y[y >= 0])
        keep(run, self.classes_, self.learned_)

    def predict_proba(self, X: Array | DataFrame) -> Array:
        """The chance `(n, classes)` of each class in `classes_`, of each row of `X`."""
        run = self._run()
        values = self._values(X)
        if self.learned_ is None:
            return np.ones((len(values), 1))
        if isinstance(self.learned_, LinearProbe):
            return self.learned_.probabilities(run.encode(values))
        return probabilities(run, self.learned_, values)

    def predict(self, X: Array | DataFrame) -> Array:
        """The likeliest class `(n,)` of each row of `X`."""
        chances = self.predict_proba(X)
        return np.asarray(self.classes_[chances.argmax(axis=1)])

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> Self:
        """The classifier that was saved as `folder`.

        Args:
            folder: the run folder.
            encoder: the module of your own that it was fitted with.
            decoder: likewise.

        Raises:
            InputError: when the folder is not whole, or holds no classifier.
        """
        found = super().load(folder, encoder=encoder, decoder=decoder)
        found.classes_, found.learned_ = kept(found._run(), str(folder))
        found.method = "probe" if isinstance(found.learned_, LinearProbe) else "fine-tuned"
        return found
