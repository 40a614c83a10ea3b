"""What a file says of whole images beside their pixels, so that they come back as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from narrows.data.calibration import Axis
from narrows.data.images.files import Images, Whole
from narrows.data.schema import Array


def told_of(images: Images, each: Sequence[Whole]) -> dict[str, Any]:
    """JSON values for the header: the names of `each` of `images`, modes, axes, and the sizes they had."""
    modes, sizes = [one.mode for one in each], [list(one.size) for one in each]
    resized = sizes != [list(one.pixels.shape[:2]) for one in each]
    return {
        "ids": [one.name for one in each],
        "images": {
            "files": images.files,
            "one": images.one,
            **({"modes": modes} if any(modes) else {}),
            **({"axes": [axis.to_json() for axis in images.axes]} if images.axes else {}),
            **({"sizes": sizes} if resized else {}),
        },
    }


def images_of(values: Array | list[Array], told: Mapping[str, Any], names: Sequence[str]) -> Images:
    """The images with pixels `values` of which a header has `told`."""
    axes = tuple(Axis.from_json(record) for record in told.get("axes", ()))
    modes, sizes = told.get("modes") or repeat(""), told.get("sizes") or [one.shape[:2] for one in values]
    each = [Whole(*one) for one in zip(names, values, modes, map(tuple, sizes), strict=False)]
    # Images of one size can be written as an array, whatever they came as.
    files = told["files"] and not isinstance(values, np.ndarray)
    return Images(len(values), files, told["one"], each, {}, (), axes)
