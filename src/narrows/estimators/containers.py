"""From the container that a user's `X` comes in to an array of examples, and back."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any, Protocol

import numpy as np
from sklearn.utils.validation import validate_data
from torch import Tensor
from torch.utils.data import Dataset

from narrows.core.errors import InputError, show
from narrows.data.arrays import kind_with
from narrows.data.axes import arrange, number_of, order_of, parse_axes
from narrows.data.columns import default_names
from narrows.data.examples import Data
from narrows.data.graphs.objects import graphs_of
from narrows.data.images.gaps import filled_images
from narrows.data.instruments.signals import is_signal
from narrows.data.readers import from_array, from_table
from narrows.data.reading import Reading
from narrows.data.recordings.recording import Loaded
from narrows.data.scan_axes import is_scan
from narrows.data.schema import Array, Schema
from narrows.data.sources import InMemory
from narrows.data.sources.torch_dataset import from_dataset
from narrows.data.tables.remainder import Remainder
from narrows.data.tables.table import from_frame, to_frame
from narrows.data.tables.unknown import Use
from narrows.estimators.frames import as_pandas, is_frame, is_pandas, like, with_names
from narrows.estimators.graphs import as_dicts
from narrows.estimators.lists import is_list, stacked
from narrows.estimators.recordings import examples_of, recordings_in
from narrows.estimators.signals import data_of
from narrows.evaluation.out_of_range import check_range
from narrows.runs.run import Run


class Unfitted(Protocol):
    """The parameters of an `Autoencoder` that its input depends on."""

    kind: str | None
    image_shape: tuple[int, ...] | None
    axes: str | None
    window: int | None
    stride: int | None


class Fitted(Unfitted, Protocol):
    """An `Autoencoder` with its run, and the frame that it was fitted to, without its rows."""

    run_: Run
    _frame: Any


def checked(estimator: Unfitted, X: Any, *, reset: bool) -> Any:
    """`X` as a pandas data frame, an array of examples, recordings or data, after scikit-learn's checks.

    Args:
        estimator: whose input it is.
        X: what `Autoencoder.fit` takes.
        reset: whether to store the number and the names of the columns in `estimator`; else `X` is
            compared with those stored.

    Raises:
        ValueError: for data that cannot be used, with the reason.
    """
    run = None if reset else vars(estimator).get("run_")
    if run is not None:
        run.schema.check_independent("Results of this method")
        if run.schema.of_graphs:
            return graphs_of(X, like=run.schema).array
    if is_signal(X):
        data = data_of(estimator, X)
        if reset:
            estimator.n_features_in_ = data.schema.shape[0]  # type: ignore[attr-defined]
        return data if reset else data.source.all()
    if isinstance(X, Dataset):
        X = from_dataset(X)[0]
    X = X.detach().cpu() if isinstance(X, Tensor) else X
    if (found := recordings_in(estimator, X, reset=reset)) is not None:
        if reset:
            estimator.n_features_in_ = len(found.recordings.channels)  # type: ignore[attr-defined]
        return found
    X = stacked(X) if is_list(X) else X
    if (scan := scan_of(estimator, X)) is not None:
        if reset:
            estimator.n_features_in_ = scan.schema.shape[0]  # type: ignore[attr-defined]
        return scan if reset else scan.array
    if estimator.axes is not None:
        X = in_order(estimator, X, reset=reset)
    if estimator.image_shape is not None:
        return unflattened(checked_rows(estimator, X, reset=reset), estimator.image_shape)
    if reset:
        vars(estimator)["_frame"] = X[:0] if is_frame(X) else None
    if is_frame(X):
        validate_data(estimator, with_names(X), reset=reset, skip_check_array=True)
        return as_pandas(X)
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


def in_order(estimator: Unfitted, X: Any, *, reset: bool) -> Any:
    """The examples `(n, …)` in an array whose axes are those of `estimator`.

    Arrays with another number of axes that are given to a fitted estimator hold examples as they are.

    Raises:
        InputError: for axes of another number, beside `image_shape`, or of a data frame.
    """
    assert estimator.axes is not None
    if estimator.image_shape is not None or is_frame(X):
        other = "a data frame has its own" if is_frame(X) else "image_shape says those of flat images"
        raise InputError(f"axes={estimator.axes!r} says the axes of an array, but {other}; leave it out.")
    letters, values = parse_axes(estimator.axes), np.asanyarray(X)
    if is_scan(letters):
        return X
    return arrange(values, letters).values if reset or values.ndim == len(letters) else X


def scan_of(estimator: Unfitted, X: Any) -> Data | None:
    """The signals of the scan `X`, if its axes are those that `estimator` says; None for other input.

    Raises:
        InputError: as `read_scan`.
    """
    letters = estimator.axes and parse_axes(estimator.axes)
    if not is_scan(letters) or is_frame(X) or np.ndim(X) != number_of(str(letters)):
        return None
    return from_array(InMemory(np.asanyarray(X)), "X", Reading(estimator.kind, axes=letters))


def unflattened(rows: Array, shape: tuple[int, ...]) -> Array:
    """Flat images `(n, values)` as `(n, *shape)`."""
    if prod(shape) != rows.shape[1]:
        raise InputError(
            f"Images of shape {show(tuple(shape))} have {prod(shape)} values, but a row of X has "
            f"{rows.shape[1]}."
        )
    return rows.reshape(len(rows), *shape)


def as_examples(X: Any, estimator: Unfitted, patch: int | None = None) -> Data:
    """What was `checked`, as data to learn from.

    Args:
        X: the data; if the estimator has axes, the examples are in order already.
        estimator: whose input it is.
        patch: height and width of the patches that images are cut into.
    """
    if isinstance(X, Data):
        how = Reading("images", axes=f"N{X.schema.axes}", patch=patch)
        data = X if patch is None else from_array(X.source, "X", how)
    elif isinstance(X, Loaded):
        data = examples_of(X, estimator)
    elif is_pandas(X):
        data = from_table(from_frame(X, "X"), "X", Reading(estimator.kind))
    else:
        letters = estimator.axes and parse_axes(estimator.axes)
        wanted = kind_with(letters, estimator.kind) if letters else estimator.kind
        how = Reading(wanted, axes=letters and f"N{order_of(letters)}", patch=patch)
        data = from_array(InMemory(np.asanyarray(X)), "X", how)
    for warning in data.warnings:
        warnings.warn(warning, UserWarning, stacklevel=4)
    return data


def as_labels(y: Any, n: int) -> Array | None:
    """Numbers or words `(n,)` to colour points by; None if `y` is neither.

    A `UserWarning` tells of several numbers for each example, which a pipeline may pass on.

    Raises:
        InputError: for another number of labels.
    """
    if y is None:
        return None
    labels = np.asarray(y)
    labels = labels[:, 0] if labels.shape == (n, 1) else labels
    if labels.ndim > 1:
        warnings.warn(
            f"y of the shape {show(labels.shape)} is not used: wanted are labels, one for each of the {n:,} "
            f"examples, or targets of the shape of X.",
            UserWarning,
            stacklevel=4,
        )
        return None
    if labels.shape != (n,):
        raise InputError(f"y holds {labels.size:,} labels for {n:,} examples; wanted is one for each.")
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
    return values_of(estimator, checked(estimator, X, reset=False), unknown)


def values_of(estimator: Fitted, X: Any, unknown: Use = "missing") -> Array:
    """As `values`, of `X` that was `checked`."""
    if isinstance(X, Loaded):
        return examples_of(X, estimator, estimator.run_).source.all()
    if is_pandas(X):
        return values_as(estimator.run_.schema, X, unknown)
    return without_gaps(X) if estimator.run_.schema.spatial == 2 else X


def without_gaps(images: Array) -> Array:
    """`images (n, height, width[, channels])` with NaN filled, of which a `UserWarning` tells."""
    filled, warned = filled_images(images)
    for warning in warned:
        warnings.warn(warning, UserWarning, stacklevel=4)
    return filled


def values_as(schema: Schema, X: Any, unknown: Use = "missing") -> Array:
    """A data frame of pandas as numbers `(n, *shape)` of `schema`, as `values` says."""
    table, columns = from_frame(X, "X"), schema.columns
    if not columns:
        return table.read(tuple(table.columns), all_wanted=True).values
    found = table.known_as(schema.names, list(table.columns)).read_as(columns)
    for warning in found.warnings("X", unknown):
        warnings.warn(warning, UserWarning, stacklevel=3)
    return found.used_as(unknown)


def warn_of_range(run: Run, given: Array, made: Array) -> None:
    """Warn if examples `given` lie beyond the range of the training data; `made` are their outputs."""
    found = check_range(run, given, made)
    if found is not None:
        warnings.warn(found.sentence, UserWarning, stacklevel=3)


def like_data(estimator: Fitted, found: Array, given: Any = None) -> Any:
    """Examples in the container of the data that `estimator` was fitted to, or of those `given`.

    Args:
        estimator: a fitted autoencoder.
        found: `(n, *shape)`.
        given: what they were made of, rows or codes `(n, …)`; None if of no rows.

    Returns:
        Flat rows if the data were flat images. A data frame if one was given, with its index, or if a column
        holds words; with the labels and types of the frame that `estimator` was fitted to, if it was to one.
        Graphs as dicts of arrays.
        Else `found`.
    """
    schema = estimator.run_.schema
    if schema.of_graphs:
        return as_dicts(found, schema)
    if estimator.image_shape is not None:
        return found.reshape(len(found), -1)
    if not schema.columns or not (is_frame(given) or not schema.as_numbers):
        return found
    frames = [frame for frame in (getattr(estimator, "_frame", None), given) if is_frame(frame)]
    frame = to_frame(found, schema, given.index if is_pandas(given) else None)
    unnamed = schema.names == default_names(len(schema.names))
    if unnamed and is_frame(given) and len(given.columns) == len(schema.names):
        frame.columns = [str(label) for label in given.columns]
    return like(frame, *frames) if frames else frame


def remainder_of(estimator: Fitted, X: Any, found: Array) -> Remainder | None:
    """What a data frame `X` says beside `found (n, columns)`, its values; None for other data."""
    schema = estimator.run_.schema
    if not schema.columns or not is_frame(X):
        return None
    table = from_frame(as_pandas(X), "X")
    return Remainder.of(table.known_as(schema.names, list(table.columns)), found, schema.columns)


def whole_frame(estimator: Fitted, found: Array, remainder: Remainder) -> Any:
    """All columns of a data frame whose values are `found (n, columns)`, as `like_data` returns those."""
    import pandas

    frame = pandas.DataFrame(remainder.joined(dict(to_frame(found, estimator.run_.schema))))
    fitted = getattr(estimator, "_frame", None)
    return frame if fitted is None else like(frame, fitted)
