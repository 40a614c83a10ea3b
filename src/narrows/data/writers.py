"""Write results: arrays, tables, image files, and pictures of many examples."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from math import ceil, prod, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw

from narrows.core.errors import InputError, show
from narrows.core.files import new_file, unfinished
from narrows.data.calibration import Axes
from narrows.data.columns import cells, words
from narrows.data.examples import Data
from narrows.data.formats import CODES, form_for, format_of, is_file_name, need
from narrows.data.graphs.numbering import Numbering, write_graphs
from narrows.data.images.files import Images
from narrows.data.images.folders import Found, array_files, image_files
from narrows.data.images.modes import as_came
from narrows.data.images.picture_writing import PictureFolder, squeezed, write_image, write_pictures
from narrows.data.instruments.writing import CREATED, created
from narrows.data.layout import of_images, of_size, unnamed
from narrows.data.schema import Array, Schema
from narrows.data.shards import shards_at
from narrows.data.sources import Index
from narrows.data.sources.on_disk import boxes_of
from narrows.data.tables.remainder import Remainder
from narrows.data.tables.table import to_frame

if TYPE_CHECKING:
    from pandas import DataFrame


def write_examples(
    values: Array,
    schema: Schema,
    target: Path,
    ids: Sequence[str] = (),
    modes: Sequence[str] = (),
    axes: Axes = (),
    numberings: Sequence[Numbering] = (),
) -> dict[str, str]:
    """Write examples `(n, *schema.shape)` in the form that the name of `target` asks for.

    Args:
        values: the examples.
        schema: their description; its `forms` are possible.
        target: a file, or a folder for one file per example.
        ids: a name of each example, for the rows of a table and the files in a folder.
        modes: the image mode of each file that the examples came from.
        axes: of the array that they came from, as `Data` has them.
        numberings: of graphs, how their nodes were numbered as they came.

    Returns:
        The names of files in a folder that are not called as their images, by these.

    Raises:
        InputError: when a file of such a name cannot hold these examples, or it cannot be written.
        NoRoomError: when the disk is full.
    """
    form = form_for(schema.kind.capitalize(), target, schema.forms)
    if form == "stack" or (form == "array" and "stack" in schema.forms and format_of(target) in CREATED):
        write_stack(np.moveaxis(schema.arrange(values), 1, -1), len(values), axes, target)
    elif form == "array":
        write_array(values, target, axes)
    elif form == "graphs":
        write_graphs(values, schema.shape[1] - schema.shape[0], target, numberings, ids)
    elif form == "columns":
        write_table(values, schema, target, ids)
    else:
        return write_pictures(np.moveaxis(schema.arrange(values), 1, -1), target, ids, modes, axes)
    return {}


def write_whole(images: Images, target: Path) -> dict[str, str]:
    """Write images of any size, each before the next is computed: one to a file, several to a folder.

    One image, and images from an array, can also be written as an array.

    Returns:
        As `write_examples`.

    Raises:
        InputError: before the first is computed, when `target` cannot hold them.
    """
    one = ("image",) if images.n == 1 and not images.axes else ()
    array = ("array",) if images.n == 1 or not images.files else ()
    form = form_for("Whole images", target, (*one, *array, "stack", "folder"))
    if form == "array" and format_of(target) not in CREATED:
        pixels = [image.pixels for image in images.each]
        write_array(pixels[0] if images.one else np.stack(pixels), target)
    elif form in ("array", "stack"):
        write_stack((image.pixels for image in images.each), images.n, images.axes, target)
    elif form == "image":
        for image in images.each:
            write_image(
                as_came(image.pixels, image.mode), target, image.mode, of_size(images.axes, image.size)
            )
    else:
        folder = PictureFolder(target)
        for image in images.each:
            folder.write(image.pixels, image.name, image.mode, of_size(images.axes, image.size))
        return folder.renamed
    return {}


def write_picture(image: Image.Image, target: Path) -> None:
    """Write an image as PNG."""
    with new_file(target) as part:
        image.save(part, format="PNG")


def write_text(text: str, target: Path) -> None:
    """Write text as UTF-8."""
    with new_file(target) as part:
        part.write_text(text, "utf-8")


def write_stack(images: Iterable[Array], n: int, known: Axes, target: Path) -> None:
    """Write `n` images `(height, width[, channels])` of one size to a file, with the axes that are known.

    Raises:
        InputError: for images of several sizes or types, and as `created`.
    """
    rest = iter(images)
    first = squeezed(next(rest))
    axes = of_images(n, first.shape, known)
    with created(target, axes, first.dtype) as array:
        for i, image in enumerate(map(squeezed, chain([first], rest))):
            if (image.shape, image.dtype) != (first.shape, first.dtype):
                raise InputError(
                    f"{target.name} holds images of one size and type, but these are {show(first.shape)} of "
                    f"{first.dtype} and {show(image.shape)} of {image.dtype}; write a folder."
                )
            grid = tuple(axis.size for axis in axes[: len(axes) - first.ndim])
            array[(*np.unravel_index(i, grid), ...) if grid else ...] = image


def write_array(values: Array, target: Path, axes: Axes = ()) -> None:
    """Write an array: as `.npy` or `.npz`, or to a file that also holds what its axes are.

    Args:
        values: the array, or examples along one axis of several `axes`.
        target: a file.
        axes: of the array; none where nothing is known of them.
    """
    fits = prod(axis.size for axis in axes) == values.size and values.size > 0
    values = values.reshape([axis.size for axis in axes]) if fits else values
    if format_of(target) in CREATED:
        with created(target, axes if fits else unnamed(values.shape), values.dtype) as array:
            array[...] = values
        return
    save = np.save if format_of(target) == "npy" else np.savez_compressed
    with new_file(target) as part, part.open("wb") as stream:
        save(stream, values)


def write_pieces(
    pieces: Iterable[tuple[Index, Array]], shape: tuple[int, ...], target: Path, axes: Axes = ()
) -> None:
    """Write `pieces`, the numbers of rows and the rows, of an array of `shape`.

    Args:
        pieces: in any order.
        shape: of all rows together, `(n, …)`.
        target: a file; an `.npy` file has that shape, others that of `axes`, if they have as many values.
        axes: of the array that the rows came from, as `Data` has them.
    """
    if format_of(target) in CREATED:
        fits = prod(axis.size for axis in axes) == prod(shape)
        write_places(pieces, axes if fits else unnamed(shape), len(shape) - 1, target)
        return
    if format_of(target) != "npy":
        raise InputError(
            f"So many examples can only be written to .npy, .h5 or .zarr, not to {target.name!r}."
        )
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


def write_places(pieces: Iterable[tuple[Index, Array]], axes: Axes, inner: int, target: Path) -> None:
    """Write rows to the places of their numbers along the first axes; `inner` axes are those of a row."""
    grid = tuple(axis.size for axis in axes[: len(axes) - inner])
    rest = iter(pieces)
    first = next(rest)
    with created(target, axes, first[1].dtype) as array:
        for rows, values in chain([first], rest):
            if isinstance(rows, range):
                begin = 0
                for box in boxes_of(rows.start, rows.stop, grid):
                    sizes = [place.stop - place.start for place in box]
                    array[tuple(box)] = values[begin : begin + prod(sizes)].reshape(*sizes, *values.shape[1:])
                    begin += prod(sizes)
                continue
            for row, value in zip(rows.tolist(), values, strict=True):
                array[np.unravel_index(row, grid)] = value


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


def write_whole_table(values: Array, schema: Schema, remainder: Remainder, target: Path) -> None:
    """Write rows `(n, columns)` with what the table said beside them, to a `.csv` or `.parquet` file.

    Raises:
        InputError: for a file of another form, or one that cannot be written.
    """
    form_for("Whole tables", target, ("columns",))
    if format_of(target) == "parquet":
        write_parquet(lambda: data_frame(remainder.joined(dict(to_frame(values, schema)))), target, ())
    else:
        write_csv(remainder.joined(words(values, schema.columns)), target)


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


def data_frame(columns: Mapping[str, Any]) -> DataFrame:
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


def files_of(source: str) -> Found | None:
    """The files that hold the examples at `source`, if these are several."""
    return image_files(source) or array_files(source.partition("::")[0]) or shards_at(source)


def check_target(target: Path, source: str = "") -> None:
    """Refuse an output that would overwrite the input `source`, or lie in a run folder."""
    if not target.name:
        raise InputError(f"The output {str(target)!r} names no file or folder.")
    found = files_of(source) if source else None
    images = found.files if found else []
    # Images are written to a folder under the names that they have.
    inputs = {Path(source), *(f.parent for f in images), *(f for f in images if f.name == target.name)}
    if source and target.exists() and any(file.exists() and target.samefile(file) for file in inputs):
        raise InputError(f"{target} is the input; choose another place for the output.")
    if any((t / "model.safetensors").exists() or unfinished(t) for t in (target, target.parent)):
        raise InputError(f"{target} lies in a run folder; choose another place for the output.")
    if is_file_name(target) and target.is_dir():
        raise InputError(f"{target} is a folder that is called like a file; choose another name.")
