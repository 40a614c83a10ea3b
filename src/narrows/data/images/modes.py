"""The channels of image files: which mode each has, and images of several modes brought to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from PIL import Image

from narrows.core.errors import InputError, few
from narrows.data.columns import Array
from narrows.data.schema import Schema

CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
"""The modes that images are converted to and from, with their number of channels; A is opacity."""

ONE_BIT = "1"
"""The mode of black and white, which images are converted from only."""

MODES = {
    "1": "1",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBX": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "I": "I",
    "I;16": "I;16",
    "I;16L": "I;16L",
    "I;16B": "I;16B",
    "F": "F",
}
"""Pillow's image modes that can be read, and the mode that each is converted to."""

COLOUR_SPACES = ("CMYK", "YCbCr", "RGBX", "RGBa", "La")
"""Modes whose values change when they are read."""

LUMA = (0.299, 0.587, 0.114)
"""The weights of red, green and blue in grey (ITU-R BT.601), those of Pillow."""


def mode_to_read(image: Image.Image) -> str:
    """The mode in which the pixels of `image` are read: without a palette, with the opacity if there is one.

    A palette of greys gives grey.
    """
    if image.mode in ("P", "PA"):
        palette = np.reshape(image.getpalette("RGB") or [0, 0, 0], (-1, 3))
        base = "L" if (palette == palette[:, :1]).all() else "RGB"
        return base + "A" * image.has_transparency_data
    if image.mode in ("L", "RGB") and image.has_transparency_data:
        return f"{image.mode}A"
    return MODES[image.mode]


def layout_of(mode: str) -> str:
    """The channels of images read in `mode`: a key of `CHANNELS`, or ONE_BIT."""
    return mode if mode in (*CHANNELS, ONE_BIT) else "L"


def common_layout(layouts: Sequence[str]) -> str:
    """The most frequent of `layouts`, of equally frequent ones that with the most channels.

    Black and white is chosen only if no image has more, because grey cannot be converted to it.

    >>> common_layout(["1", "1", "L"]), common_layout(["L", "RGB"])
    ('L', 'RGB')
    """
    counts = Counter(layouts)
    others = [layout for layout in counts if layout != ONE_BIT] or [ONE_BIT]
    return max(others, key=lambda layout: (counts[layout], CHANNELS.get(layout, 0)))


def check_layouts(layouts: Mapping[str, str], wanted: str) -> None:
    """Refuse images, `layouts` by their names, that cannot be converted to `wanted`."""
    for name, layout in layouts.items():
        if layout != wanted and not {layout, wanted} <= {*CHANNELS, ONE_BIT}:
            raise InputError(
                f"{name} has {layout}, which cannot be converted to {wanted}; all images must have the same "
                f"channels."
            )


def converted(pixels: Array, layout: str, wanted: str) -> Array:
    """`pixels (height, width[, channels])` of `layout`, with the channels of `wanted`.

    Colours become grey by `LUMA`, grey becomes three equal channels, a new opacity is full, and what is
    transparent becomes white where the opacity is removed. The dtype stays.
    """
    if layout == wanted:
        return pixels
    if layout == ONE_BIT:
        return converted(pixels.astype(np.uint8) * 255, "L", wanted)
    most = most_of(pixels.dtype)
    values = pixels[..., None] if layout == "L" else pixels
    alpha = values[..., -1:] if layout.endswith("A") else None
    colours = values if alpha is None else values[..., :-1]
    if alpha is not None and not wanted.endswith("A"):
        share = alpha / most
        colours = rounded(colours * share + most * (1 - share), pixels.dtype)
    if wanted.startswith("L") and layout.startswith("RGB"):
        colours = rounded((colours @ np.array(LUMA))[..., None], pixels.dtype)
    elif wanted.startswith("RGB") and layout.startswith("L"):
        colours = colours.repeat(3, axis=-1)
    if not wanted.endswith("A"):
        return colours[..., 0] if wanted == "L" else colours
    opacity = np.full_like(colours[..., :1], most) if alpha is None else alpha
    return np.concatenate([colours, opacity], axis=-1)


def as_came(pixels: Array, mode: str) -> Array:
    """`pixels (height, width[, channels])` with the channels that images of a `mode` have, and no others.

    Grey images that were read as colours are grey again, and black and white ones have two values.
    """
    names = {channels: layout for layout, channels in CHANNELS.items()}
    layout = names.get(prod(pixels.shape[2:]), "")
    if mode not in (*CHANNELS, ONE_BIT) or not layout or pixels.dtype == np.bool_:
        return pixels
    if mode == ONE_BIT:
        return converted(pixels, layout, "L") > most_of(pixels.dtype) / 2
    colours = "L" if "L" in (layout[0], mode[0]) else "RGB"
    return converted(pixels, layout, colours + "A" * (layout.endswith("A") and mode.endswith("A")))


def most_of(dtype: np.dtype[Any]) -> float:
    """The value of white and of full opacity."""
    return int(np.iinfo(dtype).max) if dtype.kind in "ui" else 1


def rounded(values: Array, dtype: np.dtype[np.generic]) -> Array:
    """`values` in `dtype`, whole numbers to the nearest."""
    return (np.rint(values) if dtype.kind in "ui" else values).astype(dtype)


def mode_for(schema: Schema | None) -> str | None:
    """The mode with the channels of a model's images; None where its files need not be converted.

    Two channels are not grey with opacity, but mostly two stains.
    """
    if schema is None or schema.spatial != 2 or schema.dtype == "bool":
        return None
    return {1: "L", 3: "RGB", 4: "RGBA"}.get(schema.model_shape[0])


def check_mode(mode: str | None) -> None:
    """Refuse a mode that images cannot be converted to."""
    if mode is not None and mode not in CHANNELS:
        raise InputError(f"--mode takes {', '.join(CHANNELS)}, but got {mode!r}.")


def what_changed(modes: Mapping[str, str], layouts: Mapping[str, str], wanted: str) -> str:
    """A sentence about the images that were converted to `wanted`, given modes and layouts by name.

    It is empty if there are none, or only palettes.
    """
    changed = {name: mode for name, mode in modes.items() if layouts[name] != wanted or mode in COLOUR_SPACES}
    if not changed:
        return ""
    counts = Counter(changed.values())
    names = {mode: few([name for name in changed if modes[name] == mode], 3) for mode in counts}
    parts = ", ".join(f"{count:,} {mode} ({names[mode]})" for mode, count in counts.items())
    kinds = {layouts[name] for name in changed}
    lost = what_is_lost(kinds, wanted)
    return f"Converted to {wanted}: {parts} of {len(modes):,} files{lost}; --mode chooses another mode."


def what_is_lost(layouts: Collection[str], wanted: str) -> str:
    """What images of `layouts` lose when they are converted to `wanted`, as a part of a sentence."""
    white = wanted[-1] != "A" and any(layout[-1] == "A" for layout in layouts)
    grey = wanted[0] == "L" and any(layout.startswith("RGB") for layout in layouts)
    return "; transparent parts are white" * white + "; colours are grey" * grey
