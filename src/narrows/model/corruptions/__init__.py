"""Corruptions, one file for each family."""

from __future__ import annotations

from narrows.model.corruptions.base import Clean, Corruption
from narrows.model.corruptions.colour import LUMINANCE, Grey
from narrows.model.corruptions.masking import Mask
from narrows.model.corruptions.noise import Gaussian, Noise, Poisson, SaltPepper
from narrows.model.corruptions.resolution import Downsample
from narrows.model.corruptions.watermark import Watermark

__all__ = [
    "CORRUPTIONS",
    "LUMINANCE",
    "Corruption",
    "Downsample",
    "Gaussian",
    "Grey",
    "Mask",
    "Noise",
    "SaltPepper",
    "Watermark",
]

CORRUPTIONS: dict[str, type[Corruption]] = {
    "none": Clean,
    "gaussian": Gaussian,
    "grey": Grey,
    "downsample": Downsample,
    "mask": Mask,
    "poisson": Poisson,
    "salt-pepper": SaltPepper,
    "watermark": Watermark,
}
