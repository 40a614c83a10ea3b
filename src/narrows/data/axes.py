"""The axes of an array by letters, and arrays whose axes are in any order as examples."""

from __future__ import annotations

from typing import NamedTuple

from narrows.core.errors import InputError, show
from narrows.data.columns import Array
from narrows.data.scan_axes import is_scan, parse_scan_axes

MEANINGS = {"Y": "H", "H": "H", "X": "W", "W": "W", "C": "C", "S": "C", "F": "F"}
"""Letters, also those of TIFF files, of height, width, channels and columns; others number examples."""

NOUNS = {"H": "height", "W": "width", "C": "channels", "F": "columns", "N": "examples"}

EXAMPLES = "NHW, NCHW, NHWC, YXC, ZYX or YXF, or of a scan YX|E or YX|KyKx"


class Arranged(NamedTuple):
    """Examples `(n, …)`, the axes of one ("HW", "HWC", "CHW" or "F"), and whether it is one example only."""

    values: Array
    axes: str
    single: bool


def parse_axes(text: str) -> str:
    """The letters of axes that a person gives, in capitals; those of a scan as `ScanAxes.text`.

    >>> parse_axes("nchw")
    'NCHW'

    Raises:
        InputError: when they describe neither images nor a table.
    """
    if isinstance(text, str) and is_scan(text):
        return parse_scan_axes(text).text
    letters = text.strip().upper() if isinstance(text, str) else ""
    inner = inner_axes(letters)
    if letters.isascii() and letters.isalpha() and sorted(inner) in (["F"], ["H", "W"], ["C", "H", "W"]):
        return letters
    raise InputError(
        f"The axes are a letter for each axis of the array, as {EXAMPLES}: Y or H height, X or W width, C "
        f"channels, F columns of a table, any other letter examples; but got {text!r}."
    )


def number_of(axes: str) -> int:
    """How many axes the letters name.

    >>> number_of("NCYX"), number_of("YX|KyKx")
    (4, 4)
    """
    return len(parse_scan_axes(axes).letters) if is_scan(axes) else len(axes)


def inner_axes(letters: str) -> str:
    """The meanings of the axes of one example, in the order of the array.

    With columns all other axes number examples.

    >>> inner_axes("TCYX"), inner_axes("YXS"), inner_axes("YXF")
    ('CHW', 'HWC', 'F')
    """
    wanted = "F" if "F" in letters else "HWC"
    return "".join(m for letter in letters if (m := MEANINGS.get(letter, "N")) in wanted)


def order_of(letters: str) -> str:
    """The axes of one example after `arrange`: height before width, channels before or after both.

    >>> order_of("NCYX"), order_of("TXY"), order_of("CTYX"), order_of("YXF")
    ('CHW', 'HW', 'CHW', 'F')
    """
    found = inner_axes(letters)
    return found if found == "F" else "CHW" if found[0] == "C" else "HWC"[: len(found)]


class Order(NamedTuple):
    """Which axes of an array number examples, those of one example in order, and the meanings of these."""

    outer: tuple[int, ...]
    inner: tuple[int, ...]
    meanings: str


def in_order(shape: tuple[int, ...], letters: str, inner: str | None = None) -> Order:
    """The order into which `arrange` brings the axes of an array.

    >>> in_order((3, 30, 20), "CXY")
    Order(outer=(), inner=(0, 2, 1), meanings='CHW')

    Raises:
        InputError: when there are more or fewer axes than letters.
    """
    if len(shape) != len(letters):
        raise InputError(
            f"The axes {letters} are {len(letters)}, but the array has the shape {show(shape)}; give "
            f"a letter for each of its {len(shape)} axes."
        )
    meanings = [MEANINGS.get(letter, "N") for letter in letters]
    found = inner_axes(letters)
    kept = "".join(axis for axis in inner or order_of(letters) if axis in found)
    last = tuple(meanings.index(axis) for axis in kept)
    return Order(tuple(axis for axis in range(len(shape)) if axis not in last), last, kept)


def arrange(values: Array, letters: str, inner: str | None = None) -> Arranged:
    """`values`, whose axes are `letters`, as examples.

    Axes of examples come first and become one, in the order of the array. Height comes before width, and
    channels stay before or after both.

    Args:
        values: an array with as many axes as there are `letters`.
        letters: as `parse_axes` gives them.
        inner: the axes that one example shall have; by default those next to the order of `values`.

    Raises:
        InputError: when `values` have another number of axes.
    """
    order = in_order(values.shape, letters, inner)
    moved = values.transpose(*order.outer, *order.inner)
    shape = moved.shape[len(order.outer) :]
    return Arranged(moved.reshape(-1, *shape), order.meanings, not order.outer)


def explain(shape: tuple[int, ...], letters: str) -> str:
    """The size and meaning of each axis of an array of `shape`.

    >>> explain((30, 8, 32, 24), "NCHW")
    'NCHW: 30 examples, 8 channels, height 32, width 24'
    """
    wanted = {*inner_axes(letters)}
    parts = []
    for size, letter in zip(shape, letters, strict=True):
        meaning = MEANINGS.get(letter, "N")
        noun = NOUNS[meaning if meaning in wanted else "N"]
        kind = f" ({letter})" if noun == "examples" and letter != "N" else ""
        counted = f"{size:,} {noun if size > 1 else noun[:-1]}{kind}"
        parts.append(f"{noun} {size}" if noun in ("height", "width") else counted)
    return f"{letters}: {', '.join(parts)}"
