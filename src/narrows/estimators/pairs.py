"""Pairs of examples that an estimator is given: noisy ones as `X`, clean ones as `y`."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from narrows.core.errors import InputError, show
from narrows.data.examples import Data
from narrows.data.instruments.signals import is_signal
from narrows.data.movie_reading import as_movies
from narrows.data.neighbours import neighbour_pairs
from narrows.data.pairs import as_pairs
from narrows.data.sources import InMemory
from narrows.estimators.containers import Unfitted, as_examples, checked, values_as
from narrows.estimators.frames import is_frame, is_pandas
from narrows.estimators.lists import shape_of
from narrows.estimators.signals import as_array
from narrows.runs.run import Run


def is_paired(X: Any, y: Any) -> bool:
    """Whether `y` holds examples, which those of `X` are to be restored to, and no labels or numbers."""
    shape = shape_of(y)
    return is_signal(y) or len(shape) > 2 or (len(shape) == 2 and shape == shape_of(X))


def pairs(estimator: Unfitted, X: Any, y: Any, patch: int | None = None) -> Data:
    """The clean examples `y`, and the noisy ones `X` that they are to be restored from, or patches of both.

    Raises:
        InputError: for examples that do not belong to each other, or are equal.
    """
    if is_signal(X) or is_signal(y):
        X, y = as_array(estimator, X), as_array(estimator, y)
    if is_frame(X) != is_frame(y) or shape_of(X) != shape_of(y):
        raise InputError(
            f"fit(noisy, clean) takes pairs, but the noisy examples are {show(shape_of(X))} and the clean "
            f"ones {show(shape_of(y))}; give both as arrays or as data frames, of one shape."
        )
    noisy = checked(estimator, X, reset=True)
    unfitted = copy(estimator)
    vars(unfitted).pop("run_", None)
    clean = checked(unfitted, y, reset=False)
    made = as_examples(clean, unfitted, patch)
    if is_pandas(noisy):
        return as_pairs(replace(made, source=InMemory(values_as(made.schema, noisy))), made)
    unfitted.window = made.window or unfitted.window
    return as_pairs(as_examples(noisy, unfitted, patch), made)


def frames(estimator: Unfitted, X: Any, patch: int | None = None) -> Data:
    """The pairs of neighbouring frames of the movie `X`, or patches of them.

    Raises:
        InputError: as `neighbour_pairs`, and for data that are no images.
    """
    examples = as_examples(checked(estimator, X, reset=True), estimator)
    return neighbour_pairs(as_movies(examples), patch)


def check_paired(run: Run, name: str, y: Any = None) -> None:
    """Refuse to score examples without their targets `y` if `run` was fitted to pairs.

    Args:
        run: of the estimator.
        name: of the estimator's class.
        y: what it is given beside the examples.

    Raises:
        InputError: with what to write instead.
    """
    if run.config.get("pairs") and len(shape_of(y)) < 2:
        raise InputError(f"This {name} was fitted to pairs; judge it by pairs, too: score(noisy, clean).")
