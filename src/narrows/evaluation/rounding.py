"""Whether rounding to whole numbers costs much of what denoising gains, as it does where counts are few."""

from __future__ import annotations

import numpy as np

from narrows.core.findings import Finding
from narrows.data.schema import Array

ROUNDED = 12**-0.5
"""The standard deviation of what rounding to whole numbers adds."""

SMALL = 2.0
"""The standard deviation of removed noise, in units of the data, below which rounding is worth a word."""


class RoundingCheck:
    """Collects how much noise was removed from images of whole numbers."""

    def __init__(self) -> None:
        self.removed: list[float] = []

    def add(self, noisy: Array, made: Array) -> None:
        """Compare a noisy image with what was made of it, as they came."""
        if made.dtype.kind in "iu":
            self.removed.append(float((noisy.astype(np.float64) - made).std()))

    @property
    def finding(self) -> Finding | None:
        """A warning if little noise was removed from some of the images, in their unit."""
        least = min(self.removed, default=SMALL)
        if not 0 < least < SMALL:
            return None
        evidence = (
            f"Results are rounded to whole numbers, an error of {ROUNDED:.2f}, and what was removed has "
            f"a standard deviation of only {least:.2g}."
        )
        advice = "Convert the images to floats before fit and denoise to keep fractions."
        return Finding("rounding", "warning", evidence, advice)
