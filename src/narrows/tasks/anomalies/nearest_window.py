"""The nearest of the reference windows, and how unusual the distance to it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.window_views import Float32s

Index = NDArray[np.intp]

MOST_DISTANCES = 2**23
"""Distances that are computed at a time, at the most."""

SOFTENING, LEAST = 0.1, 1e-3
"""Distances are softened by this share of their median, and of the reference windows' total deviation: the
distance to a copy is not 0, and its logarithm is finite."""

HIGH, MIN_UNIT = 0.9, 0.2
"""The distance of the logarithms of the median and this quantile is the unit of unusual distances, and its
least value."""


class Found(NamedTuple):
    """The distances to the nearest reference windows, and the numbers of these, `(n,)` both."""

    distances: Floats
    numbers: Index


class NearestWindow:
    """The nearest of the reference windows.

    Args:
        reference: features `(m, …)`.
        places: `(m,)`, where the windows begin, on one axis for all recordings.
        window: the length of windows. Those that overlap are no neighbours of each other.
    """

    def __init__(self, reference: Float32s, places: Index, window: int) -> None:
        self.places, self.window = torch.as_tensor(places), window
        flat = torch.as_tensor(reference.reshape(len(reference), -1))
        self.mean = flat.mean(dim=0)
        self.reference = flat - self.mean
        self.squares = (self.reference**2).sum(dim=1)

    def __call__(self, features: Float32s, places: Index | None = None) -> Found:
        """The nearest of windows with the `features (n, …)`; those of reference recordings have `places`."""
        rows = torch.as_tensor(features.reshape(len(features), -1)) - self.mean
        step = max(1, MOST_DISTANCES // len(self.reference))
        numbers = torch.cat(
            [
                self._numbers(rows[i : i + step], None if places is None else places[i : i + step])
                for i in range(0, len(rows), step)
            ]
        )
        # The products lose the digits of small distances.
        exact = torch.linalg.vector_norm(rows - self.reference[numbers], dim=1)
        return Found(exact.double().numpy(), numbers.numpy())

    def _numbers(self, rows: torch.Tensor, places: Index | None) -> torch.Tensor:
        distances = torch.addmm(self.squares, rows, self.reference.T, alpha=-2)
        if places is not None:
            near = (torch.as_tensor(places)[:, None] - self.places).abs() < self.window
            # Where all windows overlap the others count all the same.
            distances = distances.masked_fill_(near & ~near.all(dim=1, keepdim=True), torch.inf)
        return distances.argmin(dim=1)

    def difference(self, features: Float32s, numbers: Index) -> Float32s:
        """The features `(n, …)` less those of the reference windows with the `numbers (n,)`, `(n, …)`."""
        of_reference = (self.reference[torch.as_tensor(numbers)] + self.mean).numpy()
        return features - of_reference.reshape(features.shape)

    @property
    def deviation(self) -> float:
        """The root of the mean square of the reference windows' distances from their mean."""
        return float(self.squares.mean().sqrt())


class Unusual:
    """How unusual distances are: 0 is the median of known ones, 1 their quantile `HIGH`.

    Distances are compared by their logarithms.

    Args:
        known: distances of usual windows, `(k,)`.
        deviation: of the reference windows; see `SOFTENING`.
    """

    def __init__(self, known: Floats, deviation: float) -> None:
        self.softening = max(SOFTENING * float(np.median(known)), LEAST * deviation, 1e-12)
        logs = self.logs(known)
        self.median = float(np.median(logs))
        self.unit = max(float(np.quantile(logs, HIGH)) - self.median, MIN_UNIT)

    def logs(self, distances: Floats) -> Floats:
        """The logarithms of softened distances."""
        return np.log(distances + self.softening)

    def __call__(self, distances: Floats) -> Floats:
        """How unusual `distances (n,)` are."""
        return (self.logs(distances) - self.median) / self.unit
