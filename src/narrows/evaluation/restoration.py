"""What a restoring model is compared with: the damaged examples as they are, and methods without a network.

Each method is fitted to the clean and the damaged training rows, and is then given damaged rows only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.evaluation.filters import gaussian, has_skimage, median, total_variation
from narrows.evaluation.harmonic import harmonic
from narrows.evaluation.linear_prediction import LinearPrediction
from narrows.model.corruptions import CORRUPTIONS, Corruption, Mask, Noise

Method = Callable[[Array], Array]
"""Maps damaged examples `(n, channels, height, width)`, on the model's scale, to restored ones."""

UNTOUCHED = "the untouched input"
"""The name of the damaged examples as they are."""

NAMES = {
    "grey": "the grey image",
    "downsample": "bicubic interpolation",
    "noise": "the noisy input",
    "blind-spot": "what replaces hidden pixels",
}
"""What damaged examples are called, by damage, where there is a better name."""

NOISE = "noise"
"""The damage by any corruption that is noise, and that of pairs."""

CHOSEN_ON = 200
"""Training rows at the most on which the strength of a filter is chosen."""

LEVELS = 32
"""Grey levels of a table of colours."""


class Pairs(NamedTuple):
    """Training rows `(n, channels, height, width)` on the model's scale, and the damage that was done.

    Of examples that are noisy themselves `clean` is NaN where the damaged ones say something of its noise.
    """

    clean: Array
    damaged: Array
    corruption: Corruption


def damage_by(corruption: str) -> str:
    """What a corruption does: all noise is one damage, and others have their names.

    >>> damage_by("poisson"), damage_by("grey")
    ('noise', 'grey')
    """
    return NOISE if issubclass(CORRUPTIONS[corruption], Noise) else corruption


def untouched_name(damage: str) -> str:
    """What damaged examples are called in a verdict."""
    return NAMES.get(damage, UNTOUCHED)


def fit_methods(damage: str, pairs: Pairs) -> dict[str, Method]:
    """The methods that undo `damage` of images, by name, fitted to `pairs`; none for other damage."""
    able = {name: fit for name, fit in METHODS.get(damage, {}).items() if name not in EXTRA or has_skimage()}
    return {name: fit(pairs) for name, fit in able.items()}


def filter_of(use: Callable[[Array, float, float], Array], strengths: tuple[float, ...], p: Pairs) -> Method:
    """A filter with the strength that restores training rows best."""
    some = slice(0, CHOSEN_ON)
    counted = ~np.isnan(p.clean[some])

    def apply(damaged: Array, strength: float) -> Array:
        return np.stack([use(image, 0.0, strength) for image in damaged])

    def error(strength: float) -> float:
        return float(((apply(p.damaged[some], strength) - p.clean[some]) ** 2)[counted].mean())

    return partial(apply, strength=min(strengths, key=error))


def colour_table(p: Pairs) -> Method:
    """The mean colour of the training pixels of the same grey level is added to each pixel."""
    grey = p.damaged[:, 0]
    low, high = float(grey.min()), float(grey.max())

    def level(image: Array) -> Array:
        share = (image - low) / (high - low or 1.0)
        return np.clip(share * LEVELS, 0, LEVELS - 1).astype(np.intp)

    levels = level(grey).ravel()
    counts = np.maximum(np.bincount(levels, minlength=LEVELS), 1)
    tints = np.stack(
        [
            np.bincount(levels, each.ravel(), LEVELS) / counts
            for each in np.moveaxis(p.clean - p.damaged, 1, 0)
        ]
    )

    def use(damaged: Array) -> Array:
        return damaged + np.moveaxis(tints[:, level(damaged[:, 0])], 0, 1).astype(damaged.dtype)

    return use


def interpolation(p: Pairs) -> Method:
    """Hidden pixels are interpolated from the others, without regard to the training rows."""
    assert isinstance(p.corruption, Mask)
    hidden = p.corruption.hidden

    def use(damaged: Array) -> Array:
        where = np.broadcast_to(hidden(torch.as_tensor(damaged)).numpy(), damaged.shape)
        return np.stack([harmonic(*pair) for pair in zip(damaged, where, strict=True)])

    return use


def linear_prediction(p: Pairs) -> Method:
    """Hidden pixels are predicted from those around them by the best weights of the training rows."""
    return LinearPrediction(p.clean[:CHOSEN_ON], p.damaged[:CHOSEN_ON]).predict


MEDIAN = partial(filter_of, median, (1, 3, 5, 7))
GAUSSIAN = partial(filter_of, gaussian, (0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8))
TV = partial(
    filter_of,
    lambda image, _, strength: total_variation(image, 1.0, strength),
    (0.001, 0.005, 0.02, 0.05, 0.08, 0.12, 0.2, 0.35, 0.6),
)

METHODS: dict[str, dict[str, Callable[[Pairs], Method]]] = {
    NOISE: {"a Gaussian filter": GAUSSIAN, "a median filter": MEDIAN},
    "grey": {"the mean colour of each grey level": colour_table},
    "mask": {"harmonic interpolation": interpolation},
    "watermark": {"a median filter": MEDIAN},
    "blind-spot": {
        "a Gaussian filter": GAUSSIAN,
        "a median filter": MEDIAN,
        "total variation": TV,
        "linear prediction from the pixels around": linear_prediction,
    },
}
"""By damage: methods for images, each fitted to training rows. The input of `downsample` is already
enlarged by bicubic interpolation."""

EXTRA = ("total variation",)
"""Methods that are left out where scikit-image is not installed."""
