"""The noise of images: how its variance depends on the signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from narrows.data.schema import Array


@dataclass(frozen=True, slots=True)
class Noise:
    """Poisson-Gaussian noise, in the units of the images.

    Foi, Trimeche, Katkovnik & Egiazarian 2008, "Practical Poissonian-Gaussian noise modeling and fitting
    for single-image raw-data", IEEE Trans. Image Process. 17.

    Attributes:
        read: the standard deviation of the part that does not depend on the signal.
        gain: the variance per unit of signal; 0 for Gaussian noise.
        offset: the signal at which the part that depends on it is 0.
    """

    read: float
    gain: float = 0.0
    offset: float = 0.0

    def variance(self, signal: Array) -> Array:
        """The variance of the noise where the signal is `signal`, of any shape.

        >>> Noise(2.0, gain=0.5).variance(np.array([-1.0, 0.0, 8.0])).tolist()
        [4.0, 4.0, 8.0]
        """
        return np.asarray(self.read**2 + self.gain * np.maximum(signal - self.offset, 0.0))
