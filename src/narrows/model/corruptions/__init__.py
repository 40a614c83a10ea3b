"""Corruptions, one file for each family."""

from __future__ import annotations

from narrows.model.corruptions.base import Clean, Corruption
from narrows.model.corruptions.blind import BlindSpot
from narrows.model.corruptions.colour import LUMINANCE, Grey
from narrows.model.corruptions.masking import Mask
from narrows.model.corruptions.noise import Gaussian, Noise, Poisson, SaltPepper
from narrows.model.corruptions.recorruption import Recorrupted
from narrows.model.corruptions.resolution import Downsample
from narrows.model.corruptions.thinning import Thinned
from narrows.model.corruptions.watermark import Watermark

__all__ = [
    "CORRUPTIONS",
    "LUMINANCE",
    "BlindSpot",
    "Corruption",
    "Downsample",
    "Gaussian",
    "Grey",
    "Mask",
    "Noise",
    "Recorrupted",
    "SaltPepper",
    "Thinned",
    "Watermark",
]

CORRUPTIONS: dict[str, type[Corruption]] = {
    "none": Clean,
    "blind-spot": BlindSpot,
    "gaussian": Gaussian,
    "grey": Grey,
    "downsample": Downsample,
    "mask": Mask,
    "poisson": Poisson,
    "recorrupted": Recorrupted,
    "salt-pepper": SaltPepper,
    "thinned": Thinned,
    "watermark": Watermark,
}
