"""The same values in fewer bytes by PNG, WebP, JPEG XL, bz2, xz, zstd, brotli and Parquet.

Images of one size are laid out in one mosaic, so that a format for one image is not charged for thousands of
headers.
"""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any

import numpy as np
from PIL import Image, features

from narrows.data.columns import Array
from narrows.data.schema import Schema
from narrows.data.tables.table import to_frame
from narrows.evaluation.lossy_codecs import LONGEST, mosaic, pixels


@dataclass(frozen=True, slots=True)
class Packed:
    """What a codec made of the values.

    Attributes:
        name: of the codec.
        size: in bytes; None where it could not be used.
        why: the reason for that.
    """

    name: str
    size: int | None
    why: str = ""


class UnusableError(Exception):
    """A codec cannot be used; the message says why."""


def packed(stacks: Sequence[Array], schema: Schema) -> list[Packed]:
    """The size of examples by every codec for their kind, without loss.

    Images of whole numbers in a larger type than they need are given to codecs in the smallest.

    Args:
        stacks: arrays `(n, *shape)`, of images one for each size.
        schema: of the examples, whatever their size.
    """
    small = [in_fewer_bytes(values) if schema.spatial == 2 else values for values in stacks]
    return [attempted(name, codec, small, schema) for name, codec in CODECS.items()]


def in_fewer_bytes(values: Array) -> Array:
    """`values` in the smallest type of whole numbers that holds them; as they are if there is none.

    >>> in_fewer_bytes(np.array([0.0, 16.0])).dtype, in_fewer_bytes(np.array([-1.0, 300.0])).dtype
    (dtype('uint8'), dtype('int16'))
    """
    low, high = values.min(), values.max()
    for kind in (np.dtype(np.uint8), np.dtype(np.int8), np.dtype(np.uint16), np.dtype(np.int16)):
        ends = np.iinfo(kind)
        holds = kind.itemsize < values.dtype.itemsize and ends.min <= low <= high <= ends.max
        if holds and np.array_equal(typed := values.astype(kind), values):
            return typed
    return values


def attempted(
    name: str, codec: Callable[[Array, Schema], int], stacks: Sequence[Array], schema: Schema
) -> Packed:
    """The size by one `codec`, or why there is none."""
    try:
        return Packed(name, sum(codec(values, schema) for values in stacks))
    except UnusableError as error:
        return Packed(name, None, str(error))


def best(found: list[Packed]) -> Packed | None:
    """The smallest of what was `found`."""
    return min(
        (each for each in found if each.size is not None), key=lambda each: each.size or 0, default=None
    )


def pays_after(ours: float, theirs: float, model: int) -> int | None:
    """After how many examples a model of so many bytes pays, by the bytes of one example; None for never.

    >>> pays_after(100.0, 150.0, 5000)
    100
    >>> pays_after(150.0, 100.0, 5000) is None
    True
    """
    return ceil(model / (theirs - ours)) if ours < theirs else None


def picture(values: Array, schema: Schema) -> Array:
    """Images side by side, as one `(height, width[, channels])`.

    Raises:
        UnusableError: for other data than images of 8 or 16 bits.
    """
    if schema.spatial != 2 or values.dtype not in (np.uint8, np.uint16, np.bool_):
        raise UnusableError("it is for images of 8 or 16 bits")
    images = pixels(values, schema)
    if images.shape[3:] not in ((), (3,)):
        raise UnusableError("it is for images of 1 or 3 channels")
    return mosaic(images)


def as_image(values: Array, schema: Schema) -> Image.Image:
    """The mosaic of images, of one bit where they have two values."""
    pixels = picture(values, schema)
    levels = np.unique(pixels[:: max(1, len(pixels) // 64)])
    if pixels.ndim == 2 and len(levels) <= 2 and len(np.unique(pixels)) <= 2:
        return Image.fromarray(pixels > pixels.min())
    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        raise UnusableError("Pillow has no colours of 16 bits")
    return Image.fromarray(pixels)


def saved(image: Image.Image, form: str, **options: Any) -> int:
    """The size of `image` in a file."""
    stream = BytesIO()
    image.save(stream, form, **options)
    return len(stream.getvalue())


def png(values: Array, schema: Schema) -> int:
    return saved(as_image(values, schema), "PNG", optimize=True)


def webp(values: Array, schema: Schema) -> int:
    image = as_image(values, schema)
    if not features.check("webp"):
        raise UnusableError("Pillow was built without it")
    if image.mode.startswith("I") or max(image.size) > LONGEST["WebP"]:
        raise UnusableError(f"it is for 8 bits and sides of up to {LONGEST['WebP']:,} pixels")
    return saved(image.convert("RGB"), "WEBP", lossless=True, quality=100, method=4)


def jpeg_xl(values: Array, schema: Schema) -> int:
    image = as_image(values, schema)
    try:
        import pillow_jxl  # noqa: F401
    except ImportError as error:
        raise UnusableError("Pillow's plugin is not installed: pip install pillow-jxl-plugin") from error
    return saved(image.convert("L") if image.mode == "1" else image, "JXL", lossless=True, effort=9)


def plain(values: Array, schema: Schema) -> list[bytes]:
    """The bytes of an array, of two values also their bits; of tables also column by column, and as CSV."""
    raw = np.ascontiguousarray(values).tobytes()
    few = values.dtype.kind in "bui" and values.dtype.itemsize == 1 and len(np.unique(values)) == 2
    bits = [np.packbits(values > values.min()).tobytes()] if few else []
    return [raw, *bits, *(as_text(values, schema) if schema.columns and not schema.spatial else [])]


def as_text(values: Array, schema: Schema) -> list[bytes]:
    """The bytes of a table column by column, and its CSV file, where pandas is installed."""
    columns = np.ascontiguousarray(values.T).tobytes()
    try:
        return [columns, to_frame(values, schema).to_csv(index=False).encode()]
    except ImportError:
        return [columns]


def bzip2(values: Array, schema: Schema) -> int:
    return min(len(bz2.compress(raw, 9)) for raw in plain(values, schema))


def xz(values: Array, schema: Schema) -> int:
    return min(len(lzma.compress(raw, preset=9)) for raw in plain(values, schema))


def by_arrow(codec: str, level: int) -> Callable[[Array, Schema], int]:
    """The size by a `codec` that pyarrow has, at its highest level."""

    def size(values: Array, schema: Schema) -> int:
        try:
            import pyarrow
        except ImportError as error:
            raise UnusableError("it needs pyarrow: pip install 'narrows[tables]'") from error
        made = pyarrow.Codec(codec, compression_level=level)
        return min(len(made.compress(raw)) for raw in plain(values, schema))

    return size


def parquet(values: Array, schema: Schema) -> int:
    if not schema.columns:
        raise UnusableError("it is for tables")
    try:
        import pyarrow
        from pyarrow import parquet as files

        table = pyarrow.Table.from_pandas(to_frame(values, schema), preserve_index=False)
    except ImportError as error:
        raise UnusableError("it needs pyarrow and pandas: pip install 'narrows[tables]'") from error
    stream = BytesIO()
    files.write_table(table, stream, compression="zstd", compression_level=19)
    return len(stream.getvalue())


CODECS: Mapping[str, Callable[[Array, Schema], int]] = {
    "PNG": png,
    "WebP": webp,
    "JPEG XL": jpeg_xl,
    "bz2": bzip2,
    "xz": xz,
    "zstd": by_arrow("zstd", 19),
    "brotli": by_arrow("brotli", 11),
    "Parquet, zstd": parquet,
}
"""By name; each gives the size in bytes, without loss, or says why it cannot."""
