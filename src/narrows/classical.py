"""Methods without learning that a restoration is measured against, by the corruption that they undo.

Each maps what the encoder is shown, `seen (n, channels, height, width)` on the model's scale, to a
restoration. It may look at the `wanted` images where it could not do without: for the pixels that were
changed, or the mean of each channel. That is more than a model is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from narrows.data.kinds import Array
from narrows.errors import InputError
from narrows.filters import restoration


class Method(NamedTuple):
    """`use` maps what was seen and what is wanted to a restoration; `extra`: it is scikit-image's."""

    use: Callable[[Array, Array], Array]
    extra: bool = False


def bicubic(seen: Array, wanted: Array) -> Array:
    """Enlarged by bicubic interpolation, which is how small images are shown."""
    return seen


def channel_means(seen: Array, wanted: Array) -> Array:
    """Grey, tinted: each channel is shifted to its mean over all wanted images."""
    axes = (0, 2, 3)
    return seen + (wanted - seen).mean(axis=axes, keepdims=True)


def biharmonic(seen: Array, wanted: Array) -> Array:
    """The pixels that were changed are filled in smoothly from those that were not.

    Chui & Mhaskar 2010, "MRA contextual-recovery extension of smooth functions on manifolds".
    """
    fill = restoration().inpaint_biharmonic
    changed = (seen != wanted).any(axis=1)
    filled = [
        fill(image, where, channel_axis=0) if not where.all() else image
        for image, where in zip(seen, changed, strict=True)
    ]
    return np.stack(filled)


CLASSICAL: dict[str, dict[str, Method]] = {
    "grey": {"channel means": Method(channel_means)},
    "downsample": {"bicubic": Method(bicubic)},
    "mask": {"biharmonic": Method(biharmonic, extra=True)},
    "watermark": {"biharmonic": Method(biharmonic, extra=True)},
}
"""The methods by name, for each corruption that there are some for."""


def available(corruption: str) -> tuple[dict[str, Method], str]:
    """The methods that undo `corruption` and are installed, and a sentence about those that are not."""
    methods, note = CLASSICAL.get(corruption, {}), ""
    if any(method.extra for method in methods.values()):
        try:
            restoration()
        except InputError as error:
            methods, note = {name: how for name, how in methods.items() if not how.extra}, str(error)
    return dict(methods), note
