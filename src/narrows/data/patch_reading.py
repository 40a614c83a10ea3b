"""Images to learn from in patches: such as a single micrograph, or photographs of several sizes."""

from __future__ import annotations

from dataclasses import replace

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.readers import read
from narrows.data.reading import Reading

SIDES = (64, None, 32)
"""Sides of patches in the order in which they are tried; None is no patch but whole images."""

ENOUGH = 30
"""Examples that make other sides unnecessary."""


def read_in_patches(source: str, how: Reading) -> Data:
    """The images at `source`, as patches of 64 pixels, as they are, or as patches of 32.

    The first of these that gives `ENOUGH` examples is taken, else the one that gives the most. Where `how`
    says the side of patches, a size of whole images, or another kind of data, that holds.

    Raises:
        InputError: as `read`.
    """
    if how.patch is not None or how.resize is not None or how.kind not in (None, "images"):
        return read(source, how)
    found: list[Data] = []
    for side in SIDES:
        try:
            found.append(read(source, replace(how, patch=side)))
        except InputError:
            continue
        if len(found[-1]) >= ENOUGH:
            return found[-1]
    return max(found, key=len) if found else read(source, how)
