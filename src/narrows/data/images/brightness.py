"""Brightness in another type than that of the training data: 0 to 255 in 8 bits is 0 to 1 in floats.

Other packages have the same convention, as `img_as_float` of scikit-image and `ToTensor` of torchvision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.core.numbers import number
from narrows.data.columns import Array
from narrows.data.scaling import Scaling

BYTES = np.dtype(np.uint8)
"""The type of 8 bits."""

FURTHEST = 16.0
"""The largest absolute value of floats from 0 to 1 with noise, or of images several times as bright."""


def convertible(came: np.dtype[Any], fitted: np.dtype[Any]) -> bool:
    """Whether images of the type `came` can be given to a model of images of the type `fitted`.

    >>> convertible(np.dtype("f4"), BYTES), convertible(np.dtype("u2"), BYTES)
    (True, False)
    """
    return (
        came == fitted
        or {came.kind, fitted.kind} == {"f"}
        or (BYTES in (came, fitted) and "f" in (came.kind, fitted.kind))
    )


def factor(came: np.dtype[Any], scaling: Scaling) -> float:
    """What a brightness of type `came` is multiplied with to be one of the training data.

    Raises:
        InputError: for types that have no common scale.
    """
    fitted = np.dtype(scaling.dtype)
    if came == fitted or came.kind == fitted.kind == "f":
        return 1.0
    if fitted == BYTES and came.kind == "f":
        return 255.0
    if came == BYTES and fitted.kind == "f" and (float(scaling.floor), float(scaling.ceiling)) == (0, 1):
        return 1 / 255
    raise InputError(unlike(came, fitted))


def unlike(came: np.dtype[Any], fitted: np.dtype[Any]) -> str:
    """The message about images of a type whose numbers mean another brightness."""
    return (
        f"The images are of {came}, but the model was fitted to {fitted}, where the same number means "
        f"another brightness; convert them first."
    )


def converted(values: Array, scaling: Scaling) -> Array:
    """Images `values` with the brightness of the training data, as floats if that is another one.

    Raises:
        InputError: as `factor`, and for floats on another scale than 0 to 1 for a model of 8 bits.
    """
    by = factor(values.dtype, scaling)
    if by == 1:
        return values
    furthest = float(np.abs(values).max(initial=0)) if by > 1 else 0.0
    if furthest > FURTHEST:
        raise InputError(
            f"The images are of {values.dtype} with values up to {number(furthest)}, but a model of "
            f"{scaling.dtype} takes floats on the scale from 0 to 1; divide them by 255, or convert them to "
            f"{scaling.dtype}."
        )
    return values * np.asarray(by, values.dtype if values.dtype.kind == "f" else np.float32)
