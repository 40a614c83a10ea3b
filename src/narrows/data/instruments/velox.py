"""Images in the EMD files that Velox writes: frames are the last axis, and metadata are JSON in bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from narrows.data.instruments.named_axes import NamedAxis

IMAGES = "/Data/Image/"
"""Where the images are, a group for each detector."""

METRE = {"pm": 1e12, "nm": 1e9, "µm": 1e6}
"""How many of a unit are a metre."""


def is_velox(path: str) -> bool:
    """Whether a data set with this path is an image of Velox."""
    return path.startswith(IMAGES)


def velox_axes(array: Any) -> Sequence[NamedAxis]:
    """The axes of an image `(height, width, frames)`; not calibrated where its metadata cannot be read."""
    step, unit = (1.0, 1.0), ("", "")
    with suppress(KeyError, ValueError, TypeError, IndexError):
        column = np.asarray(array.parent["Metadata"][:, 0], dtype=np.uint8)
        said = json.loads(column.tobytes().rstrip(b"\x00").decode("utf-8"))["BinaryResult"]
        step = float(said["PixelSize"]["height"]), float(said["PixelSize"]["width"])
        unit = said["PixelUnitY"], said["PixelUnitX"]
    height, width, *frames = array.shape
    names = ("ky" if unit[0].startswith("1/") else "y", "kx" if unit[1].startswith("1/") else "x")
    sizes = zip(names, (height, width), step, unit, strict=True)
    return [
        *(short(NamedAxis(name, size, of, 0.0, given)) for name, size, of, given in sizes),
        *(NamedAxis("frame", size) for size in frames),
    ]


def short(axis: NamedAxis) -> NamedAxis:
    """An axis in metres in the unit of which a step is about one."""
    if axis.unit != "m" or not axis.scale:
        return axis
    unit = min(METRE, key=lambda name: abs(np.log10(abs(axis.scale) * METRE[name])))
    return axis._replace(scale=axis.scale * METRE[unit], offset=axis.offset * METRE[unit], unit=unit)
