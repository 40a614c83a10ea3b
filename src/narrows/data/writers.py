"""Write results: arrays, tables, image files, and pictures of many examples."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from narrows.core.errors import InputError
from narrows.core.files import new_file, unfinished
from narrows.data.columns import cells, words
from narrows.data.examples import Data
from narrows.data.formats import CODES, form_for, format_of, need
from narrows.data.images.files import Images
from narrows.data.images.folders import image_files
from narrows.data.images.pictures import write_pictures
from narrows.data.schema import Array, Schema
from narrows.data.sources import Index
from narrows.data.tables.table import to_frame

if TYPE_CHECKING:
    from pandas import DataFrame


def write_examples(
    values: Array, schema: Schema, target: Path, ids: Sequence[str] = (), modes: Sequence[str] = ()
) -> None:
    """Write examples `(n, *schema.shape)` in the form that the name of `target` asks for.

    Args:
        values: the examples.
        schema: their description; its `forms` are possible.
        target: a file, or a folder for one file per example.
        ids: a name of each example, for the rows of a table and the files in a folder.
        modes: the image mode of each file that the examples came from.

    Raises:
        InputError: when a file of such a name cannot hold these examples, or it cannot be written.
        NoRoomError: when the disk is full.
    """
    form = form_for(schema.kind.capitalize(), target, schema.forms)
    if form == "array":
        write_array(values, target)
    elif form == "columns":
        write_table(values, schema, target, ids)
    else:
        write_pictures(np.moveaxis(schema.arrange(values), 1, -1), target, ids, modes)


def write_whole(images: Images, target: Path) -> None:
    """Write images of any size, each before the next is computed: one to a file, several to a folder.

    One image, and images from an array, can also be written as an array.

    Raises:
        InputError: before the first is computed, when `target` cannot hold them.
    """
    one = ("image",) if images.n == 1 else ()
    array = ("array",) if images.n == 1 or not images.files else ()
    form = form_for("Whole images", target, (*one, *array, "folder"))
    if form == "array":
        pixels = [image.pixels for image in images.each]
        write_array(pixels[0] if images.one else np.stack(pixels), target)
        return
    for image in images.each:
        folder, name = (target, image.name) if form == "folder" else (target.parent, target.name)
        write_pictures([image.pixels], folder, [name], [image.mode])


def write_picture(image: Image.Image, target: Path) -> None:
    """Write an image as PNG."""
    with new_file(target) as part:
        image.save(part, format="PNG")


def write_text(text: str, target: Path) -> None:
    """Write text as UTF-8."""
    with new_file(target) as part:
        part.write_text(text, "utf-8")


def write_array(values: Array, target: Path) -> None:
    """Write an array as `.npy`, or as `.npz` if the name of `target` ends so."""
    save = np.save if format_of(target) == "npy" else np.savez_compressed
    with new_file(target) as part, part.open("wb") as stream:
        save(stream, values)


def write_pieces(pieces: Iterable[tuple[Index, Array]], shape: tuple[int, ...], target: Path) -> None:
    """Write `pieces`, the numbers of rows and the rows, of an array of `shape` to an `.npy` file."""
    if format_of(target) != "npy":
        raise InputError(f"So many examples can only be written to .npy, not to {target.name!r}.")
    begin = 0
    with new_file(target) as part, part.open("wb") as stream:
        for rows, array in pieces:
            if not begin:
                header = np.lib.format.header_data_from_array_1_0(array)
                np.lib.format.write_array_header_1_0(stream, {**header, "shape": shape})
                begin = stream.tell()
            together = len(rows) if isinstance(rows, range) else 1  # other rows lie apart from each other
            for i in range(0, len(rows), together):
                stream.seek(begin + int(rows[i]) * array[0].nbytes)
                stream.write(np.ascontiguousarray(array[i : i + together]).data)


def write_csv(columns: Mapping[str, Array], target: Path, ids: Sequence[str] = ()) -> None:
    """Write a line of column names, then one line per row; the first column are the ids, if any."""
    named = {"id": np.array(ids, dtype=object), **columns} if ids else columns
    with new_file(target) as part, part.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(named)
        writer.writerows(zip(*(column.tolist() for column in named.values()), strict=True))


def write_codes(
    codes: Array, target: Path, ids: Sequence[str] = (), beside: Mapping[str, Array] | None = None
) -> None:
    """Write codes `(n, d)` as an array, or as columns called z0, z1 and so on, after those `beside` them."""
    if form_for("Codes", target, CODES) == "array":
        write_array(codes, target)
    else:
        numbered = {f"z{i}": column for i, column in enumerate(codes.T)}
        write_columns({**(beside or {}), **numbered}, target, ids)


def write_table(values: Array, schema: Schema, target: Path, ids: Sequence[str]) -> None:
    """Write rows `(n, columns)` of a table, with words in booleans and categories."""
    if format_of(target) == "parquet":
        write_parquet(lambda: to_frame(values, schema), target, ids)
    else:
        write_csv(words(values, schema.columns), target, ids)


def write_as_came(values: Array, data: Data, target: Path) -> None:
    """Write `values (n, columns)` made from `data`, a table in text, as text.

    Cells that have not changed are written as they came, others in the notation of their column.
    """
    columns = {
        column.name: data.cells[column.name].as_came(found, came, cells(found, column))
        for column, found, came in zip(data.schema.columns, values.T, data.array.T, strict=True)
    }
    write_csv(columns, target, data.ids)


def write_columns(columns: Mapping[str, Array], target: Path, ids: Sequence[str]) -> None:
    """Write columns `(n,)` by name; the first column are the ids, if any."""
    if format_of(target) == "parquet":
        write_parquet(lambda: data_frame(columns), target, ids)
    else:
        write_csv(columns, target, ids)


def data_frame(columns: Mapping[str, Array]) -> DataFrame:
    import pandas

    return pandas.DataFrame(columns)


def write_parquet(make: Callable[[], DataFrame], target: Path, ids: Sequence[str]) -> None:
    """Write the data frame that `make` returns; the first column are the ids, if any."""
    try:
        import pyarrow  # noqa: F401

        frame = make()
    except ImportError as error:
        raise InputError(f"Parquet {need('parquet')}.") from error
    if ids:
        frame.insert(0, "id", list(ids))
    with new_file(target) as part:
        frame.to_parquet(part, index=False)


def picture(
    images: Array,
    columns: int | None = None,
    least: int = 56,
    low: float | None = None,
    high: float | None = None,
) -> Image.Image:
    """All of `images (n, channels, height, width)` side by side in one picture.

    Args:
        images: of one size.
        columns: images in a row; by default the picture is about square.
        least: small images are enlarged by an integer until their longer side has this many pixels.
        low: what is black, as for `displayed`.
        high: what is white.
    """
    shown = displayed(images, low, high)
    n, height, width, _ = shown.shape
    factor = max(1, ceil(least / max(height, width)))
    columns = columns or ceil(sqrt(n))
    rows = ceil(n / columns)
    gap = 2
    canvas = np.full(
        (rows * (height * factor + gap) + gap, columns * (width * factor + gap) + gap, 3), 255, np.uint8
    )
    for i, image in enumerate(shown):
        top, left = (
            gap + (i // columns) * (height * factor + gap),
            gap + (i % columns) * (width * factor + gap),
        )
        canvas[top : top + height * factor, left : left + width * factor] = image.repeat(factor, 0).repeat(
            factor, 1
        )
    return Image.fromarray(canvas)


LABEL_WIDTH = 110
"""The width in pixels of the names in front of the rows of a strip."""


def strip(
    rows: Mapping[str, Array], columns: int, low: float | None = None, high: float | None = None
) -> Image.Image:
    """Rows of images below each other, each with its name in front: Damaged, Restored, Original.

    Args:
        rows: by name, images `(n, channels, height, width)`, all of one size; a row of more than `columns`
            takes several lines.
        columns: images side by side.
        low: what is black, as for `displayed`.
        high: what is white.
    """
    parts = {name: picture(images, columns, low=low, high=high) for name, images in rows.items()}
    width = LABEL_WIDTH + max(part.width for part in parts.values())
    canvas = Image.new("RGB", (width, sum(part.height for part in parts.values())), "white")
    draw, top = ImageDraw.Draw(canvas), 0
    for name, part in parts.items():
        canvas.paste(part, (LABEL_WIDTH, top))
        draw.text((4, top + part.height // 2), name, fill="black", anchor="lm", font_size=14)
        top += part.height
    return canvas


def displayed(images: Array, low: float | None = None, high: float | None = None) -> Array:
    """Images `(n, channels, height, width)` as RGB bytes `(n, height, width, 3)`.

    One channel is grey; of two the mean is shown, of more than three the first three. `low` becomes
    black and `high` white; by default the smallest and largest value, of bytes 0 and 255.
    """
    x = images.astype(np.float64)
    if images.dtype == np.uint8 and low is None and high is None:
        low, high = 0.0, 255.0
    low = float(x.min()) if low is None else low
    high = float(x.max()) if high is None else high
    scaled = np.clip((x - low) / (high - low or 1.0), 0, 1) * 255
    channels = scaled.shape[1]
    colours = scaled[:, :3] if channels >= 3 else scaled.mean(axis=1, keepdims=True).repeat(3, axis=1)
    return np.moveaxis(np.rint(colours).astype(np.uint8), 1, -1)


def check_target(target: Path, source: str = "") -> None:
    """Refuse an output that would overwrite the input `source`, or lie in a run folder."""
    if not target.name:
        raise InputError(f"The output {str(target)!r} names no file or folder.")
    found = image_files(source) if source else None
    images = found.files if found else []
    # Images are written to a folder under the names that they have.
    inputs = {Path(source), *(f.parent for f in images), *(f for f in images if f.name == target.name)}
    if source and target.exists() and any(file.exists() and target.samefile(file) for file in inputs):
        raise InputError(f"{target} is the input; choose another place for the output.")
    if any((t / "model.safetensors").exists() or unfinished(t) for t in (target, target.parent)):
        raise InputError(f"{target} lies in a run folder; choose another place for the output.")
    if target.suffix and target.is_dir():
        raise InputError(f"{target} is a folder; choose the name of a file.")
