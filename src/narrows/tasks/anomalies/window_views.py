"""The ways in which windows of recordings are compared: by values, by shape, and beside their residuals."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]

FLAT = 0.1
"""A window is divided by its standard deviation, but at least by this share of the median of all windows."""

FLOOR = 0.1
"""Residuals are divided by their deviation, but at least by this share of that of the values."""


class Windows(NamedTuple):
    """Windows on the model's scale, and the residuals of the model, `(n, channels, time)` both."""

    rows: Float32s
    residuals: Float32s

    def part(self, chosen: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Windows:
        """Some of the windows."""
        return Windows(self.rows[chosen], self.residuals[chosen])


View = Callable[[Windows], Float32s]
"""Maps windows to features `(n, …, channels, time)`, whose distances tell how unlike two windows are."""


def values(windows: Windows) -> Float32s:
    """The values as they are: a window at another level is far away."""
    return windows.rows


class Shapes:
    """Each channel of a window less its mean, divided by its standard deviation: a window of another course.

    Args:
        reference: the windows that others are compared with; see `FLAT`.
    """

    def __init__(self, reference: Windows) -> None:
        typical = np.median(reference.rows.std(axis=2), axis=0)
        overall = reference.rows.std(axis=(0, 2))
        self.least = np.maximum(FLAT * np.where(typical > 0, typical, overall), 1e-6)[:, None]

    def __call__(self, windows: Windows) -> Float32s:
        rows = windows.rows - windows.rows.mean(axis=2, keepdims=True)
        return np.asarray(rows / np.maximum(rows.std(axis=2, keepdims=True), self.least), dtype=np.float32)


class BesideResiduals:
    """The values, and beside them the residuals divided by their deviation.

    It is as surprising where the model errs little and this window is off by little more as where both are
    large. Residuals count as far as the model explains the values; those of one that explains nothing are the
    values once more.

    Args:
        untrained: windows that the model was not trained on; see `FLOOR`.
    """

    def __init__(self, untrained: Windows) -> None:
        variance = max(float(untrained.rows.var(axis=0).mean()), 1e-30)
        unexplained = float((untrained.residuals**2).mean()) / variance
        self.gain = np.float32(max(0.0, 1 - unexplained) / np.sqrt(unexplained + FLOOR**2))

    def __call__(self, windows: Windows) -> Float32s:
        return np.stack([windows.rows, self.gain * windows.residuals], axis=1)
