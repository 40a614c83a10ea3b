"""The axes of results that are written: those of the array that the examples came from, where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from narrows.data.calibration import Axes, Axis

INNER = ("Y", "X", "S")
"""The letters of the axes of an image."""


def unnamed(shape: Sequence[int]) -> Axes:
    """Axes about which nothing is known.

    >>> [axis.letter for axis in unnamed((5, 3))]
    ['', '']
    """
    return tuple(Axis("", size) for size in shape)


def of_images(n: int, shape: Sequence[int], known: Axes) -> Axes:
    """The axes of `n` images of `shape` that were made of others with the axes `known`.

    An image that has more or fewer pixels covers the same area. Where the images are not as many as the axes
    say, frames are numbered.

    Args:
        n: the number of images.
        shape: `(height, width[, channels])`.
        known: of the array that they came from: those that number images, if any, then those of an image,
            which are height and width, or in a scan those of a pattern.
    """
    of_patterns = bool(known) and known[-1].letter not in (*INNER, "C")
    inner = tuple(axis.letter for axis in known[-2:]) if of_patterns else INNER[:2]
    before = known[:-2] if of_patterns else tuple(a for a in known if a.letter not in (*INNER, "C"))
    outer = before if before and prod(axis.size for axis in before) == n else frames(n)
    by_letter = {axis.letter: axis for axis in known}
    letters = [*inner, *(["C" if "C" in by_letter else "S"] if len(shape) > 2 else [])]
    return (*outer, *(resized(by_letter.get(a, Axis(a, s)), s) for a, s in zip(letters, shape, strict=True)))


def of_size(known: Axes, size: Sequence[int]) -> Axes:
    """Axes of images of several sizes for one of height and width `size`.

    >>> [axis.text for axis in of_size((Axis("Y", 9, 0.5, unit="nm"), Axis("X", 9, 0.5, unit="nm")), (4, 6))]
    ['Y 4 (0.5 nm)', 'X 6 (0.5 nm)']
    """
    sizes = dict(zip(("Y", "X"), size, strict=False)) | dict(zip(("Ky", "Kx"), size, strict=False))
    return tuple(replace(axis, size=sizes.get(axis.letter, axis.size)) for axis in known)


def frames(n: int) -> Axes:
    """An axis that numbers `n` images; none for one image."""
    return (Axis("T", n),) if n > 1 else ()


def resized(axis: Axis, size: int) -> Axis:
    """The same axis in another number of places.

    >>> resized(Axis("X", 100, 0.2, unit="nm"), 200)
    Axis(letter='X', size=200, scale=0.1, offset=0.0, unit='nm')
    """
    return replace(axis, size=size, scale=axis.scale * (axis.size / size))
