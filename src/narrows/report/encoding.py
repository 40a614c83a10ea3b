"""Bytes, columns and records as text inside a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from narrows.data.schema import Array


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes as text for HTML: five letters for four bytes, none of them a <."""

    text: str
    size: int


def as_text(content: bytes) -> Carried:
    """`content` in base 85, which takes a sixteenth less than base 64.

    >>> as_text(b"abcde")
    Carried(text='F@Ke]GN7c6', size=5)
    """
    words = np.frombuffer(content + bytes(-len(content) % 4), ">u4").astype(np.uint32)
    letters = np.empty((len(words), 5), np.uint8)
    for i in range(4, -1, -1):
        words, digits = np.divmod(words, 85)
        letters[:, i] = FIRST + digits + (digits >= ord("<") - FIRST)
    return Carried(letters.tobytes().decode(), len(content))


FIRST = ord("&")
"""The letter that stands for the digit 0."""


def as_script_text(record: Any) -> str:
    """JSON that cannot end the HTML element around it."""
    return json.dumps(record, allow_nan=False).replace("<", "\\u003c")


ALIGNED = 8
"""Columns begin at multiples of so many bytes, as typed arrays require."""


def pack(columns: Mapping[str, Array]) -> tuple[bytes, dict[str, Any]]:
    """All columns in one piece, and the type, shape and first byte of each.

    Long columns of real numbers are stored in lanes, which compress better.
    """
    pieces: list[bytes] = []
    places, end = {}, 0
    for name, values in columns.items():
        values = np.ascontiguousarray(plain(values))
        in_lanes = name in IN_LANES
        places[name] = {"dtype": values.dtype.name, "shape": values.shape, "at": end, "lanes": in_lanes}
        content = lanes(values.tobytes()) if in_lanes else values.tobytes()
        pieces += [content, bytes(-len(content) % ALIGNED)]
        end += len(content) + len(pieces[-1])
    return b"".join(pieces), places


IN_LANES = ("encoder", "decoder", "codes")


def lanes(content: bytes) -> bytes:
    """The first bytes of all groups of four, then the second ones, and so on; up to three stay at the end.

    >>> lanes(b"abcdABCD.")
    b'aAbBcCdD.'
    """
    whole = len(content) // 4 * 4
    return np.frombuffer(content[:whole], np.uint8).reshape(-1, 4).T.tobytes() + content[whole:]


def plain(values: Array) -> Array:
    """`values` in a type that browsers have: 8 to 32 bits, or real numbers."""
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.name == "float16":
        return values.astype(np.float32)
    return values.astype(np.float64) if values.dtype.kind in "iu" and values.dtype.itemsize > 4 else values
