"""Reads what a person has: arrays, comma-separated tables, folders of images.

Everything is checked before it is trusted: arrays are read without pickle, a header that promises
more than the file holds is refused, and image formats are an allow-list.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from narrows.data.datasets import DATASETS, load, read_idx
from narrows.data.kinds import Array, Data, describe, show
from narrows.data.pictures import ENDINGS, Size, natural, read_pictures
from narrows.data.tables import Table, number, read_table
from narrows.errors import InputError
from narrows.registry import nearest


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is to be read, where it does not tell itself.

    Attributes:
        kind: a name in `KINDS`; inferred from the number of axes when not given.
        resize: height and width that image files are brought to.
        columns: of a table the ones to use, in this order; all others when not given.
        label: of a table the column that colours pictures; the model never sees it.
        id: of a table the column that names the rows.
        groups: rows that belong together and stay in one part: of a table the column that says so,
            of image files a regular expression, whose first group in the name says so.
    """

    kind: str | None = None
    resize: Size | None = None
    columns: tuple[str, ...] = ()
    label: str | None = None
    id: str | None = None
    groups: str | None = None


def read(source: str | Path, how: Reading = Reading()) -> Data:
    """The data that `source`, a dataset's name or a path, stands for.

    Args:
        source: a name in `DATASETS`; a `.npy`, `.npz` (`file.npz::array` for one of several), `.csv`
            or IDX `.gz` file; an image, a folder of images, or a pattern such as `photos/*.png`.
        how: what the source does not tell itself.

    Raises:
        InputError: when there is nothing at `source`, or it cannot be read as data.
    """
    if str(source) in DATASETS:
        return refuse_columns(how, load(str(source), how.kind))
    if pictures := image_files(str(source)):
        return read_images(*pictures, how)
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
    found = reader(file, part, how)
    return found if reader is read_csv else refuse_columns(how, found)


def refuse_columns(how: Reading, data: Data) -> Data:
    """`data`, unless columns were asked for by name where columns have no names."""
    wanted = {"--columns": how.columns, "--label": how.label, "--id": how.id, "--groups": how.groups}
    for option, value in wanted.items():
        if value:
            raise InputError(f"{option} names a column of a .csv file, but {data.name} is none.")
    return data


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


def read_npy(file: Path, part: str, how: Reading) -> Data:
    try:
        values = np.load(file, mmap_mode="r", allow_pickle=False)
        return as_data(np.array(values), how.kind, file.stem)
    except InputError:
        raise
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{file.name} cannot be read as an .npy array: {reason(error)}.") from error


def read_npz(file: Path, part: str, how: Reading) -> Data:
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
    return as_data(values, how.kind, file.stem, labels=labels, notes=(f"The array {name!r} of {file.name}.",))


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


def read_csv(file: Path, part: str, how: Reading) -> Data:
    """A table of numbers; an empty cell is missing."""
    table = read_table(file)
    beside = [name for name in (how.label, how.id, how.groups) if name is not None]
    columns = how.columns or tuple(name for name in table.columns if name not in beside)
    if not columns:
        raise InputError(f"{file.name} has no columns left beside {', '.join(beside)}.")
    values = table.numbers(columns)
    found = as_data(values, how.kind or "table", file.stem, columns=columns)
    return replace(
        found,
        ids=tuple(table.text(how.id)) if how.id else (),
        labels=None if how.label is None else classes(table, how.label),
        groups=None if how.groups is None else np.unique(table.text(how.groups), return_inverse=True)[1],
    )


def classes(table: Table, column: str) -> Array:
    """A column of labels: numbers where all are, else text."""
    cells = table.text(column)
    found = [number(cell) for cell in cells]
    return np.array(cells if None in found else found)


def read_images(files: list[Path], name: str, how: Reading) -> Data:
    """Images of one size and mode, in the natural order of their names."""
    files = sorted(files, key=natural)
    values, modes = read_pictures(files, how.resize)
    ids = tuple(file.name for file in files)
    found = as_data(values, how.kind or "images", name, ids=ids)
    notes = () if how.resize is None else (f"All images were brought to {show(how.resize)}.",)
    groups = None if how.groups is None else name_groups(ids, how.groups)
    return replace(found, modes=modes, notes=notes, groups=groups)


def name_groups(names: tuple[str, ...], pattern: str) -> Array:
    """Which images belong together: those whose names have the same text where `pattern` matches.

    >>> name_groups(("a-1.png", "a-2.png", "b-1.png"), "([a-z]+)-").tolist()
    [0, 0, 1]
    """
    try:
        matches = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise InputError(f"--groups takes a regular expression, but {pattern!r} is none: {error}.") from error
    for name, match in zip(names, matches, strict=True):
        if match is None:
            raise InputError(f"--groups {pattern!r} matches nothing in the name {name!r}.")
    texts = ["/".join(match.groups() or (match[0],)) for match in matches if match is not None]
    return np.unique(texts, return_inverse=True)[1]


def read_idx_gz(file: Path, part: str, how: Reading) -> Data:
    return as_data(read_idx(file), how.kind, file.name.split(".")[0])


def reason(error: BaseException) -> str:
    """The first line of a library's message, without its full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")


Reader = Callable[[Path, str, Reading], Data]

READERS: dict[str, Reader] = {".npy": read_npy, ".npz": read_npz, ".csv": read_csv, ".gz": read_idx_gz}
