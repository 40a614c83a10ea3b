"""Signals of hyperspy as the input of an estimator."""

from __future__ import annotations

from typing import Any, Protocol

from narrows.data.axes import parse_axes
from narrows.data.examples import Data
from narrows.data.instruments.signals import from_signal, is_signal
from narrows.data.readers import from_stored
from narrows.data.reading import Reading


class Told(Protocol):
    """The parameters of an estimator that say what a signal holds."""

    kind: str | None
    axes: str | None


def data_of(estimator: Told, signal: Any) -> Data:
    """The examples of a signal: images, or the spectra or patterns of a scan.

    Raises:
        InputError: for axes that do not fit.
    """
    axes = estimator.axes and parse_axes(estimator.axes)
    return from_stored(from_signal(signal, "X"), Reading(estimator.kind, axes=axes))


def as_array(estimator: Told, X: Any) -> Any:
    """The examples `(n, …)` of a signal; other data as they are."""
    return data_of(estimator, X).source.all() if is_signal(X) else X
