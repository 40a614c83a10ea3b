"""Restoration methods without learning, by the corruption that they undo.

Each maps the encoder's input `(n, channels, height, width)` on the model's scale to a restoration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.evaluation.filters import skimage_restoration
from narrows.model.corruptions import LUMINANCE


class Known(NamedTuple):
    """What a method is given beside the corrupted images.

    Attributes:
        reference: the uncorrupted images. Only which pixels were changed is used; a model is not told that.
        means: `(channels,)`, of the training part.
    """

    reference: Array
    means: Array


class Method(NamedTuple):
    """`use` maps corrupted images and what is known to a restoration; `extra`: it needs scikit-image."""

    use: Callable[[Array, Known], Array]
    extra: bool = False


def bicubic(corrupted: Array, known: Known) -> Array:
    """Enlarged by bicubic interpolation, which the encoder's input already is."""
    return corrupted


def channel_means(corrupted: Array, known: Known) -> Array:
    """Grey plus a constant for each channel: its mean difference from the luminance in the training part."""
    tint = known.means - luminance(known.means)
    return corrupted + tint[:, None, None]


def luminance(means: Array) -> float:
    """The luminance of a colour; of other than three channels the mean."""
    return float(means @ LUMINANCE) if len(means) == len(LUMINANCE) else float(means.mean())


def biharmonic(corrupted: Array, known: Known) -> Array:
    """Changed pixels are interpolated by biharmonic functions from the others.

    Chui & Mhaskar 2010, "MRA contextual-recovery extension of smooth functions on manifolds".
    """
    inpaint = skimage_restoration().inpaint_biharmonic
    changed = (corrupted != known.reference).any(axis=1)
    filled = [
        inpaint(image, where, channel_axis=0) if not where.all() else image
        for image, where in zip(corrupted, changed, strict=True)
    ]
    return np.stack(filled)


BASELINES: dict[str, dict[str, Method]] = {
    "grey": {"channel means": Method(channel_means)},
    "downsample": {"bicubic": Method(bicubic)},
    "mask": {"biharmonic": Method(biharmonic, extra=True)},
    "watermark": {"biharmonic": Method(biharmonic, extra=True)},
}
"""Methods by name, for each corruption that has any."""


def available(corruption: str) -> tuple[dict[str, Method], str]:
    """The methods that undo `corruption` and are installed, and a sentence about those that are not."""
    methods, note = BASELINES.get(corruption, {}), ""
    if any(method.extra for method in methods.values()):
        try:
            skimage_restoration()
        except InputError as error:
            methods, note = {name: how for name, how in methods.items() if not how.extra}, str(error)
    return dict(methods), note
