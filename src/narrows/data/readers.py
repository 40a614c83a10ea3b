"""Reads what a person has: arrays, comma-separated tables, folders of images.

Everything is checked before it is trusted: arrays are read without pickle, a header that promises
more than the file holds is refused, and image formats are an allow-list.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from narrows.data.datasets import DATASETS, load, read_idx
from narrows.data.kinds import Array, Data, describe, show
from narrows.data.pictures import ENDINGS, natural, read_pictures
from narrows.errors import InputError
from narrows.registry import nearest


def read(source: str | Path, kind: str | None = None, resize: tuple[int, int] | None = None) -> Data:
    """The data that `source`, a dataset's name or a path, stands for.

    Args:
        source: a name in `DATASETS`; a `.npy`, `.npz` (`file.npz::array` for one of several), `.csv`
            or IDX `.gz` file; an image, a folder of images, or a pattern such as `photos/*.png`.
        kind: a name in `KINDS`; inferred from the number of axes when not given.
        resize: height and width that image files are brought to.

    Raises:
        InputError: when there is nothing at `source`, or it cannot be read as data.
    """
    if str(source) in DATASETS:
        return load(str(source), kind)
    if pictures := image_files(str(source)):
        return read_images(*pictures, kind, resize)
    path, _, part = str(source).partition("::")
    file = Path(path).expanduser()
    if not file.exists():
        raise InputError(
            f"There is no file, folder or dataset {str(source)!r}.{nearest(str(source), DATASETS)}"
        )
    if file.is_dir():
        raise InputError(f"The folder {file.name!r} holds no images ({', '.join(ENDINGS)}).")
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        known = ", ".join([*READERS, *ENDINGS])
        raise InputError(f"Files ending in {file.suffix!r} cannot be read ({file.name}). Known: {known}.")
    if file.stat().st_size == 0:
        raise InputError(f"{file.name} is empty.")
    return reader(file, part, kind)


def image_files(source: str) -> tuple[list[Path], str] | None:
    """The image files that `source` stands for, and a name for them; None if it stands for none."""
    path = Path(source).expanduser()
    if path.is_dir():
        found, name = list(path.iterdir()), path.resolve().name
    elif path.exists():
        found, name = [path], path.stem
    else:
        pattern = str(path.relative_to(path.anchor)) if path.is_absolute() else str(path)
        found = list(Path(path.anchor).glob(pattern)) if set("*?[") & set(source) else []
        name = path.parent.resolve().name
    images = [f for f in found if f.suffix.lower() in ENDINGS and f.is_file() and not f.name.startswith(".")]
    return (images, name) if images else None


def as_data(
    values: Array,
    kind: str | None = None,
    name: str = "data",
    *,
    labels: Array | None = None,
    columns: tuple[str, ...] = (),
    ids: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Data:
    """An array as data, after the checks that every source must pass.

    Raises:
        InputError: for values that are not real numbers, or with an infinity, or a NaN in images.
    """
    if values.dtype.kind not in "buif":
        raise InputError(f"{name} holds values of type {values.dtype}, but real numbers are wanted.")
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    schema = describe(values, kind, columns)
    if values.dtype.kind == "f":
        check_finite(values, name, allow_nan=schema.kind == "table")
    if labels is not None and len(labels) != len(values):
        raise InputError(f"{name} has {len(values)} rows but {len(labels)} labels.")
    return Data(values, schema, name, ids, labels, notes=notes)


def check_finite(values: Array, name: str, *, allow_nan: bool) -> None:
    """Find the first value that is no number and say where it is."""
    bad = np.isinf(values) if allow_nan else ~np.isfinite(values)
    if bad.any():
        place = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        raise InputError(
            f"{name} holds {int(bad.sum())} values that are not finite, the first ({values[place]}) in "
            f"row {place[0]} at position {place[1:]}, counted from 0; remove or replace them."
        )
    if allow_nan and (empty := np.isnan(values).all(axis=0)).any():
        raise InputError(
            f"Column {int(empty.argmax())} of {name} (from 0) holds no value at all; leave it out."
        )


def read_npy(file: Path, part: str, kind: str | None) -> Data:
    try:
        values = np.load(file, mmap_mode="r", allow_pickle=False)
        return as_data(np.array(values), kind, file.stem)
    except InputError:
        raise
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{file.name} cannot be read as an .npy array: {reason(error)}.") from error


def read_npz(file: Path, part: str, kind: str | None) -> Data:
    """One array of the archive: the named one, the only one, or `X`; `y` or `labels` colour it."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            name = pick(archive.files, part, file.name)
            label = next(
                (key for key in ("y", "labels", "label") if key in archive.files and key != name), None
            )
            values, labels = archive[name], None if label is None else archive[label]
    except InputError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{file.name} cannot be read as an .npz archive: {reason(error)}.") from error
    if labels is not None and labels.shape != (len(values),):
        labels = None
    return as_data(values, kind, file.stem, labels=labels, notes=(f"The array {name!r} of {file.name}.",))


def pick(names: list[str], wanted: str, file: str) -> str:
    """Which array of an archive is meant."""
    if wanted:
        if wanted not in names:
            raise InputError(f"{file} holds no array {wanted!r}.{nearest(wanted, names)}")
        return wanted
    likely = [name for name in ("X", "x", "data", "images") if name in names]
    if len(names) == 1 or likely:
        return likely[0] if likely else names[0]
    raise InputError(
        f"{file} holds {len(names)} arrays; say which: {', '.join(f'{file}::{n}' for n in names)}."
    )


def read_csv(file: Path, part: str, kind: str | None) -> Data:
    """A table of numbers, with or without a line of column names; an empty cell is missing."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file.name} cannot be read as comma-separated text: {reason(error)}.") from error
    if not rows:
        raise InputError(f"{file.name} holds no rows.")
    header = rows[0] if any(number(cell) is None for cell in rows[0]) else None
    body = rows[1:] if header else rows
    columns = tuple(header) if header else tuple(f"x{i}" for i in range(len(rows[0])))
    if len(set(columns)) < len(columns):
        raise InputError(
            f"{file.name} names a column twice: {sorted(c for c in columns if columns.count(c) > 1)[0]!r}."
        )
    values = np.array([numbers(row, columns, i + bool(header) + 1, file.name) for i, row in enumerate(body)])
    return as_data(values.reshape(len(body), -1), kind or "table", file.stem, columns=columns)


MISSING = {"", "na", "nan", "null", "none", "n/a"}


def number(cell: str) -> float | None:
    """The number in a cell, NaN for a missing one, None for text."""
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return None


def numbers(row: list[str], columns: tuple[str, ...], line: int, file: str) -> list[float]:
    """A row as numbers, or the sentence that says which cell is none."""
    if len(row) != len(columns):
        raise InputError(
            f"Line {line} of {file} has {len(row)} cells, but the first line has {len(columns)}."
        )
    values = []
    for name, cell in zip(columns, row, strict=True):
        value = number(cell)
        if value is None:
            raise InputError(
                f"Line {line} of {file} has the text {cell!r} in column {name!r}, where numbers are wanted."
            )
        values.append(value)
    return values


def read_images(files: list[Path], name: str, kind: str | None, resize: tuple[int, int] | None) -> Data:
    """Images of one size and mode, in the natural order of their names."""
    files = sorted(files, key=natural)
    values, modes = read_pictures(files, resize)
    found = as_data(values, kind or "images", name, ids=tuple(file.name for file in files))
    notes = () if resize is None else (f"All images were brought to {show(resize)}.",)
    return replace(found, modes=modes, notes=notes)


def read_idx_gz(file: Path, part: str, kind: str | None) -> Data:
    return as_data(read_idx(file), kind, file.name.split(".")[0])


def reason(error: BaseException) -> str:
    """The first line of a library's message, without its full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")


Reader = Callable[[Path, str, str | None], Data]

READERS: dict[str, Reader] = {".npy": read_npy, ".npz": read_npz, ".csv": read_csv, ".gz": read_idx_gz}
