"""From the container that a user's `X` comes in to an array of examples, and back."""

from __future__ import annotations

import warnings
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sklearn.utils.validation import validate_data
from torch.utils.data import Dataset

from narrows.core.errors import InputError, show
from narrows.data.examples import Data
from narrows.data.readers import Reading, as_data, from_table
from narrows.data.schema import Array
from narrows.data.sources.torch_dataset import from_dataset
from narrows.data.tables import from_frame, to_frame
from narrows.data.unknown import Use
from narrows.evaluation.out_of_range import check_range
from narrows.runs.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame


class Unfitted(Protocol):
    """The parameter of an `Autoencoder` that its input depends on."""

    image_shape: tuple[int, ...] | None


class Fitted(Unfitted, Protocol):
    """An `Autoencoder` with its run."""

    run_: Run


def checked(estimator: Unfitted, X: Any, *, reset: bool) -> Any:
    """`X` as a pandas data frame or an array of examples, after scikit-learn's checks.

    Args:
        estimator: whose input it is.
        X: what `Autoencoder.fit` takes.
        reset: whether to store the number and the names of the columns in `estimator`; else `X` is
            compared with those stored.

    Raises:
        ValueError: for data that cannot be used, with the reason.
    """
    if isinstance(X, Dataset):
        X = from_dataset(X)[0]
    if estimator.image_shape is not None:
        return unflattened(checked_rows(estimator, X, reset=reset), estimator.image_shape)
    if is_frame(X) or hasattr(X, "to_pandas"):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        return X if is_frame(X) else X.to_pandas()
    if getattr(X, "ndim", 2) > 2 or getattr(X, "dtype", None) is np.dtype(bool):
        if reset:
            estimator.n_features_in_ = np.shape(X)[1]  # type: ignore[attr-defined]
        return np.asanyarray(X)
    return checked_rows(estimator, X, reset=reset)


def checked_rows(estimator: Unfitted, X: Any, *, reset: bool) -> Array:
    """`X` as an array of numbers `(n, columns)`; at least 3 rows if `reset`."""
    least = 3 if reset else 1
    return validate_data(
        estimator, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan", ensure_min_samples=least
    )


def unflattened(rows: Array, shape: tuple[int, ...]) -> Array:
    """Flat images `(n, values)` as `(n, *shape)`."""
    if prod(shape) != rows.shape[1]:
        raise InputError(
            f"Images of shape {show(tuple(shape))} have {prod(shape)} values, but a row of X has "
            f"{rows.shape[1]}."
        )
    return rows.reshape(len(rows), *shape)


def is_frame(X: Any) -> bool:
    """Whether `X` is a pandas data frame."""
    return hasattr(X, "iloc")


def as_examples(X: Any, kind: str | None) -> Data:
    """A data frame or an array that was `checked`, as data to learn from."""
    if not is_frame(X):
        return as_data(X, kind, "X")
    data = from_table(from_frame(X, "X"), "X", Reading(kind))
    for warning in data.warnings:
        warnings.warn(warning, UserWarning, stacklevel=4)
    return data


def as_labels(y: Any, n: int) -> Array | None:
    """Numbers or words `(n,)` to colour points by; None if `y` is neither."""
    labels = None if y is None else np.asarray(y)
    if labels is None or labels.shape != (n,):
        return None
    if labels.dtype.kind not in "buif":
        return labels.astype(str)
    return labels if np.isfinite(labels).all() else None


def values(estimator: Fitted, X: Any, unknown: Use = "missing") -> Array:
    """`X` as numbers `(n, *shape)`; the columns of a data frame are found by name.

    Args:
        estimator: a fitted autoencoder.
        X: rows.
        unknown: what the words count as that `estimator` was not fitted to; a warning names them.
    """
    X = checked(estimator, X, reset=False)
    if not is_frame(X):
        return X
    table, columns = from_frame(X, "X"), estimator.run_.schema.columns
    if not columns:
        return table.read(tuple(table.columns), all_wanted=True).values
    found = table.read_as(columns)
    for warning in found.warnings("X", unknown):
        warnings.warn(warning, UserWarning, stacklevel=3)
    return found.used_as(unknown)


def warn_of_range(run: Run, given: Array, made: Array) -> None:
    """Warn if examples `given` lie beyond the range of the training data; `made` are their outputs."""
    found = check_range(run, given, made)
    if found is not None:
        warnings.warn(found.sentence, UserWarning, stacklevel=3)


def like_data(estimator: Fitted, found: Array, index: Any = None) -> Array | DataFrame:
    """Examples in the container of the data that `estimator` was fitted to.

    Args:
        estimator: a fitted autoencoder.
        found: `(n, *shape)`.
        index: of the rows, if a data frame is wanted whatever the data were.

    Returns:
        Flat rows if the data were flat images; a data frame if a column holds words; else `found`.
    """
    schema = estimator.run_.schema
    if estimator.image_shape is not None:
        return found.reshape(len(found), -1)
    as_frame = not schema.as_numbers or index is not None
    return to_frame(found, schema, index) if as_frame else found
