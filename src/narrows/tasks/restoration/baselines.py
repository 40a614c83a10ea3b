"""Methods without learning that a restoration is measured against, by the corruption that they undo.

Each maps what the encoder is shown, `seen (n, channels, height, width)` on the model's scale, to a
restoration. `known` is what it may know beside that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.model.corruptions import LUMINANCE
from narrows.tasks.restoration.filters import restoration


class Known(NamedTuple):
    """What a method may know: the images that are `wanted`, and `means (channels,)` of the training part.

    Of the wanted images only which pixels were changed is used, which is more than a model is told.
    """

    wanted: Array
    means: Array


class Method(NamedTuple):
    """`use` maps what was seen, with what is known, to a restoration; `extra`: it is scikit-image's."""

    use: Callable[[Array, Known], Array]
    extra: bool = False


def bicubic(seen: Array, known: Known) -> Array:
    """Enlarged by bicubic interpolation, which is how small images are shown."""
    return seen


def channel_means(seen: Array, known: Known) -> Array:
    """Grey, tinted: each channel differs from the luminance as it does on average over the training part."""
    tint = known.means - luminance(known.means)
    return seen + tint[:, None, None]


def luminance(means: Array) -> float:
    """The grey of a colour."""
    return float(means @ LUMINANCE) if len(means) == len(LUMINANCE) else float(means.mean())


def biharmonic(seen: Array, known: Known) -> Array:
    """The pixels that were changed are filled in smoothly from those that were not.

    Chui & Mhaskar 2010, "MRA contextual-recovery extension of smooth functions on manifolds".
    """
    fill = restoration().inpaint_biharmonic
    changed = (seen != known.wanted).any(axis=1)
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
