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

AT_ONCE = 2**20
"""Values of patches that are scored together, at the most."""


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
        step = max(1, AT_ONCE // made[0].size)
        for first in range(0, len(made), step):
            self._replace(made[first : first + step])
        return made

    def _replace(self, made: Floats) -> None:
        """Reconstruct patches with an unusual region again, in place."""
        scores = self.detector.scores(made).scores
        unusual = np.flatnonzero(scores.max(axis=(1, 2)) > self.threshold)
        if len(unusual):
            masks = np.stack([region(each, self.threshold) for each in scores[unusual]])
            x, y = np.split(made[unusual], 2, axis=-1)
            again = self.reconstruct(np.where(masks[..., None], y, x))
            made[unusual] = np.concatenate([x, again], axis=-1)


def region(scores: Floats, threshold: float) -> NDArray[np.bool_]:
    """The region of `scores (side, side)` above the threshold that the highest lies in."""
    regions, _ = label(scores > threshold)
    found: NDArray[np.bool_] = regions == regions[np.unravel_index(scores.argmax(), scores.shape)]
    return found
