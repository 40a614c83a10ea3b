"""The places of examples in a scan: a spectrum or a pattern at each, in lines from the top left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from narrows.data.calibration import Axes, Axis
from narrows.data.columns import Array
from narrows.data.preparation import AS_IT_CAME, Preparation

REGIONS = 100
"""About as many square regions of a scan are the groups of its examples, so that neighbours stay together."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan, whose examples are numbered line by line.

    Attributes:
        axes: of the scan, the last two those of a picture; one axis for a line scan.
        signal: the axes of an example, after preparation.
        preparation: what was done to the signals.
    """

    axes: Axes
    signal: Axes
    preparation: Preparation = AS_IT_CAME

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of places along each axis of the scan."""
        return tuple(axis.size for axis in self.axes)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    def picture(self, values: Array) -> Array:
        """`values (n, …)` of all examples in the shape of the scan, `(*shape, …)`."""
        return values.reshape(*self.shape, *values.shape[1:])

    def places(self) -> NDArray[np.intp]:
        """The place of each example, `(n, axes)`."""
        return np.stack(np.unravel_index(np.arange(len(self)), self.shape), axis=1)

    def groups(self) -> NDArray[np.intp]:
        """The region of each example `(n,)`: squares of neighbouring places, about `REGIONS` of them."""
        *others, height, width = (1, 1, *self.shape)
        side = max(1, int(np.sqrt(height * width * np.prod(others, dtype=int) / REGIONS)))
        if height == 1:  # a line scan
            side = max(1, width // REGIONS)
        places = self.places()
        places[:, -2:] //= side
        return np.unique(places, axis=0, return_inverse=True)[1].ravel()

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        axes = {name: [axis.to_json() for axis in getattr(self, name)] for name in ("axes", "signal")}
        return {**axes, "preparation": self.preparation.to_json()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        places, signal = (tuple(map(Axis.from_json, record[name])) for name in ("axes", "signal"))
        return cls(places, signal, Preparation.from_json(record["preparation"]))
