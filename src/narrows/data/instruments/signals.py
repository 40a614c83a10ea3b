"""Signals of hyperspy in memory, taken by their shape and axes; hyperspy itself is not needed."""

from __future__ import annotations

from typing import Any

from narrows.data.instruments.named_axes import axes_of
from narrows.data.instruments.rosetta import described, lazy
from narrows.data.stored import Stored

KEYS = ("name", "size", "scale", "offset", "units", "navigate")
"""What an axis says of itself."""


def is_signal(value: Any) -> bool:
    """Whether an object is a signal: it has data, and axes of them."""
    return hasattr(value, "axes_manager") and hasattr(value, "data")


def from_signal(signal: Any, name: str = "signal") -> Stored:
    """The array of a signal with its axes."""
    manager = signal.axes_manager
    each = sorted((*manager.navigation_axes, *manager.signal_axes), key=lambda axis: axis.index_in_array)
    axes = [
        described(
            {
                key: getattr(axis, key, None)
                for key in ("name", "size", "scale", "offset", "units", "navigate")
            }
        )
        for axis in each
    ]
    array, chunks = lazy(signal.data)
    return Stored(array, name, axes_of(axes), chunks)
