"""Interpolation with a known answer: between an image turned to the left and the same turned to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Figure
from narrows.reproduce.lab import mse
from narrows.reproduce.tables import number, table
from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import interpolate

ANGLES = (10, 20, 30)
"""Degrees by which an image is turned to either side."""

JUDGED = 20
"""The angle that is judged: an average of pixels shows two images there. Chosen on glyphs and letters."""

ON_STRIP = 10

Halfway = Callable[[Array, Array], Array]
"""From two sets of 8-bit images `(n, height, width)` to those halfway, of the same shape in [0, 1]."""

ByAngle = Mapping[int, float]
"""By angle, the mean squared error per pixel of the images halfway against the images themselves."""


def turned(images: Array, degrees: float) -> Array:
    """8-bit images `(n, height, width)`, turned about their middle."""
    from scipy.ndimage import rotate

    return np.asarray(rotate(images, degrees, axes=(1, 2), reshape=False, order=1))


def errors_halfway(images: Array, halfway: Halfway) -> dict[int, float]:
    """The error halfway between `images` turned to both sides; it is 0 if turning is undone."""
    return {
        angle: mse(images / 255, halfway(turned(images, angle), turned(images, -angle))) for angle in ANGLES
    }


def by_codes(run: Run) -> Halfway:
    """Halfway between the codes of a model, by the task of the package."""

    def halfway(first: Array, second: Array) -> Array:
        pairs = zip(first, second, strict=True)
        return (
            np.stack([interpolate(run, np.stack(p), alphas=[0.5])["linear"].values[0] for p in pairs]) / 255
        )

    return halfway


def by_pixels(first: Array, second: Array) -> Array:
    """The mean of two sets of images."""
    return (first.astype(np.float32) + second) / 510


def turned_strip(images: Array, models: Mapping[str, Halfway]) -> Figure:
    """Some images, turned to both sides, and what each model shows halfway."""
    some = images[:ON_STRIP]
    left, right = turned(some, JUDGED), turned(some, -JUDGED)
    rows = {f"Halfway, {name}": halfway(left, right) for name, halfway in models.items()}
    return strip(
        {"Original": some / 255, "Turned left": left / 255, "Turned right": right / 255, **rows},
        f"Test images turned by {JUDGED}° to the left and to the right, and the images halfway: between the "
        "codes, and between the pixels. The original is the right answer.",
    )


def turned_table(errors: Mapping[str, ByAngle]) -> Figure:
    return table(
        ("halfway between images turned by", *(f"±{angle}°" for angle in ANGLES)),
        [(name, *(number(each[angle]) for angle in ANGLES)) for name, each in errors.items()],
        "The mean squared error per pixel against the image that was not turned. Codes cannot do better than "
        "the reconstruction of that image; an average of pixels is nearly right after small turns.",
    )
