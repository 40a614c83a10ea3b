"""Reconstructions of patches that their most unusual region has no part in.

A reconstruction is drawn to an anomaly, and then differs from the usual pixels around it, too. So the region
of the highest score is replaced by its reconstruction, and the patch is reconstructed again. All regions at
once would replace the usual pixels around, too, by what the anomaly made of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from narrows.data.schema import Array
from narrows.tasks.anomalies.pixels import Floats, PixelDetector

REPLACED = 0.01
"""A usual patch has a region that is replaced with this probability."""


class MaskedPairs:
    """Maps patches as they came, `(n, side, side[, channels])`, to values and their reconstructions.

    Args:
        values: maps patches to their values on the model's scale, `(n, side, side, channels)`.
        reconstruct: maps such values to their reconstructions.
        reference: patches that tell what is usual, as they came.
    """

    def __init__(
        self, values: Callable[[Array], Floats], reconstruct: Callable[[Floats], Floats], reference: Array
    ) -> None:
        self.values, self.reconstruct = values, reconstruct
        self.detector = PixelDetector(self.plain(reference))
        self.threshold = self.detector.threshold(REPLACED)

    def plain(self, patches: Array) -> Floats:
        """Values of patches, and their reconstructions from all pixels, `(n, side, side, 2 · channels)`."""
        x = self.values(patches)
        return np.concatenate([x, self.reconstruct(x)], axis=-1)

    def __call__(self, patches: Array) -> Floats:
        """Values of patches, and their reconstructions, `(n, side, side, 2 · channels)`."""
        made = self.plain(patches)
        regions = np.stack([self.region(each) for each in made])
        unusual = regions.any(axis=(1, 2))
        if unusual.any():
            x, y = np.split(made[unusual], 2, axis=-1)
            again = self.reconstruct(np.where(regions[unusual, ..., None], y, x))
            made[unusual] = np.concatenate([x, again], axis=-1)
        return made

    def region(self, made: Floats) -> NDArray[np.bool_]:
        """The region above the threshold with the highest score, `(side, side)`; empty if there is none."""
        scores = self.detector.scores(made).scores
        regions, _ = label(scores > self.threshold)
        highest = regions[np.unravel_index(scores.argmax(), scores.shape)]
        found: NDArray[np.bool_] = (regions == highest) & (highest > 0)
        return found
