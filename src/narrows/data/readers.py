"""Reads what a person has: arrays, comma-separated tables, folders of images.

Everything is checked before it is trusted: arrays are read without pickle, a header that promises
more than the file holds is refused, and image formats are an allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError, reason, show
from narrows.core.memory import check_room
from narrows.core.registry import nearest
from narrows.data.checks import check_finite, check_real, real
from narrows.data.columns import Column, numbered
from narrows.data.datasets import DATASETS, load, read_idx
from narrows.data.examples import Data
from narrows.data.formats import FORMS, format_of, listed, readable
from narrows.data.kinds import describe
from narrows.data.pictures import ENDINGS, Size, in_order, read_pictures, read_unlike_pictures
from narrows.data.schema import Array, Schema
from narrows.data.sources import SOURCES, InMemory, Source
from narrows.data.tables import Table, number, read_parquet, read_text
from narrows.data.windows import cut, groups


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
        patch: height and width of the square pieces that large images are cut into.
        test: another source, held out of the training and judged on.
        like: what the examples must be, where a model or a training part is there already.
    """

    kind: str | None = None
    resize: Size | None = None
    columns: tuple[str, ...] = ()
    label: str | None = None
    id: str | None = None
    groups: str | None = None
    patch: int | None = None
    test: str | None = None
    like: Schema | None = None


def read(source: str | Path, how: Reading = Reading()) -> Data:
    """The data that `source`, a dataset's name or a path, stands for.

    Args:
        source: a name in `DATASETS`; a file in one of `FORMATS` (`file.npz::array` is one of several
            arrays); a folder of images, or a pattern such as `photos/*.png`.
        how: what the source does not tell itself.

    Raises:
        InputError: when there is nothing at `source`, or it cannot be read as data.
    """
    try:
        found = read_any(source, how)
    except (OSError, RuntimeError) as error:  # a home folder that cannot be found is a RuntimeError
        raise InputError(f"{source} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if how.like is not None:
        how.like.check(found.array if found.source.in_memory else found.source.take(range(1)))
    if how.test is None:
        return found
    test = read(how.test, replace(how, test=None, like=found.schema)).drawn()
    return replace(
        found, test=test, notes=(*found.notes, f"{len(test):,} examples to judge on: {test.name}.")
    )


def read_any(source: str | Path, how: Reading) -> Data:
    """The data of a dataset's name or a path; the system's refusals are not yet sentences."""
    if str(source) in DATASETS:
        return refuse_columns(how, load(str(source), how.kind))
    if pictures := image_files(str(source)):
        return read_images(*pictures, how)
    path, _, part = (str(source), "", "") if Path(source).exists() else str(source).partition("::")
    file = Path(path).expanduser()
    if not file.exists():
        raise InputError(
            f"There is no file, folder or dataset {str(source)!r}.{nearest(str(source), DATASETS)}"
        )
    if file.is_dir():
        raise InputError(f"The folder {file.name!r} holds no images ({', '.join(ENDINGS)}).")
    reader = READERS.get(format_of(file))
    if reader is None:
        known = listed(readable(*FORMS))
        raise InputError(f"Files ending in {file.suffix!r} cannot be read ({file.name}). Known: {known}.")
    if file.stat().st_size == 0:
        raise InputError(f"{file.name} is empty.")
    found = reader(file, part, how)
    return found if reader in TABULAR or how.like is not None else refuse_columns(how, found)


def refuse_columns(how: Reading, data: Data) -> Data:
    """`data`, unless columns were asked for by name where columns have no names."""
    wanted = {"--columns": how.columns, "--label": how.label, "--id": how.id, "--groups": how.groups}
    for option, value in wanted.items():
        if value:
            raise InputError(f"{option} names a column of a table's file, but {data.name} is none.")
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
    columns: Sequence[str | Column] = (),
    ids: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Data:
    """An array as data, after the checks that every source must pass.

    Raises:
        InputError: for values that are not real numbers, or with an infinity, or a NaN in images.
    """
    values = real(values, name)
    schema = describe(values, kind, columns)
    check_finite(values, name, allow_nan=schema.may_miss)
    if labels is not None and len(labels) != len(values):
        raise InputError(f"{name} has {len(values)} rows but {len(labels)} labels.")
    texts = tuple(printable(text) for text in ids)
    return Data(InMemory(values), schema, printable(name), texts, labels, notes=notes)


def printable(text: str) -> str:
    """`text`, without the bytes of a file name that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_npy(file: Path, part: str, how: Reading) -> Data:
    values = load_npy(file)
    if how.patch is not None:
        return cut_array(values.all(), file.stem, how)
    return (
        as_data(values.all(), how.kind, file.stem)
        if values.in_memory
        else from_source(values, file.stem, how)
    )


def read_labels(file: Path) -> Array:
    """A label `(n,)` for each example: an `.npy` array, an IDX `.gz`, or text with one in each line.

    Raises:
        InputError: for a file that holds no such labels.
    """
    if format_of(file) == "npy":
        labels = load_npy(file).all()
    elif format_of(file) == "idx":
        labels = read_idx(file)
    else:
        lines = file.read_text("utf-8", errors="replace").split("\n")
        labels = np.array([line.strip() for line in lines if line.strip()])
    if labels.ndim != 1 or labels.dtype.kind not in "buifU":
        raise InputError(
            f"{file.name} holds {show(labels.shape)} of {labels.dtype}, not a label for each example."
        )
    return labels


def load_npy(file: Path) -> Source:
    """The array of `file`; a large one stays in its file."""
    try:
        large = SOURCES[".npy"](file)
        return InMemory(np.load(file, allow_pickle=False)) if large is None else large
    except InputError:
        raise
    except Exception as error:  # whatever a broken header makes of the parser
        raise InputError(f"{file.name} cannot be read as an .npy array: {reason(error)}.") from error


def from_source(values: Source, name: str, how: Reading) -> Data:
    """Examples that stay where they are; their values are checked when they are used."""
    check_real(values.dtype, name)
    gib = prod(values.shape) * values.dtype.itemsize / 2**30
    found = Data(values, describe(values, how.kind), name)
    note = (
        f"{gib:.1f} GiB stay on disk and are read in blocks; scaling, density and pictures rest on "
        f"{len(found.drawn()):,} rows drawn at random."
    )
    return replace(found, notes=(note,))


def read_npz(file: Path, part: str, how: Reading) -> Data:
    """One array of the archive: the named one, the only one, or `X`; `y` or `labels` colour it."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            name = pick(list(archive), part, file.name)
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            check_room(unpacked, f"{file.name} unpacks to")
            values = np.asarray(archive[name])
            keys = [key for key in ("y", "labels", "label") if key in archive and key != name]
            labels = np.asarray(archive[keys[0]]) if keys else None
    except InputError:
        raise
    except Exception as error:  # whatever a broken archive makes of the parser
        raise InputError(f"{file.name} cannot be read as an .npz archive: {reason(error)}.") from error
    if labels is not None and (values.ndim == 0 or labels.shape != (len(values),)):
        labels = None
    note = f"The array {name!r} of {file.name}."
    if how.patch is not None:
        return cut_array(values, file.stem, how)
    return as_data(values, how.kind, file.stem, labels=labels, notes=(note,))


def pick(names: list[str], wanted: str, file: str) -> str:
    """Which array of an archive is meant."""
    if not names:
        raise InputError(f"{file} holds no arrays.")
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
    refuse_part(file, part)
    return from_table(read_text(file), file.stem, how)


def read_columns(file: Path, part: str, how: Reading) -> Data:
    refuse_part(file, part)
    return from_table(read_parquet(file), file.stem, how)


def refuse_part(file: Path, part: str) -> None:
    if part:
        raise InputError(f"{file.name} is one table and has no part {part!r}.")


def from_table(table: Table, name: str, how: Reading = Reading()) -> Data:
    """The columns of a table that are data, and those that name, colour or group the rows."""
    beside = [column for column in (how.label, how.id, how.groups) if column is not None]
    # A column without a name in front is what spreadsheets and pandas number their rows by.
    lacks = how.like is not None and how.id not in table.columns  # rows to be used need no names
    id_column = (None if lacks else how.id) or ("" if next(iter(table.columns)) == "" else None)
    others = tuple(column for column in table.columns if column not in beside and column != "")
    if not (how.columns or others):
        raise InputError(f"{table.file} has no columns left beside {', '.join(beside)}.")
    columns: Sequence[Column]
    named = tuple(how.columns or others)
    known = () if how.like is None else how.like.columns
    if how.like is None or how.like.names == numbered(len(known)) != numbered(len(named)):
        values, columns = table.read(named)
    else:
        columns, values = known, table.known_as(how.like.names, named).read_as(known)
    found = as_data(values, how.kind or "table", name, columns=columns)
    groups = None if how.groups is None else np.unique(table.text(how.groups), return_inverse=True)[1]
    return replace(
        found,
        ids=() if id_column is None else tuple(map(printable, table.text(id_column))),
        labels=None if how.label is None else classes(table, how.label),
        groups=groups,
    )


def classes(table: Table, column: str) -> Array:
    """A column of labels: numbers where all are, else text."""
    cells = table.text(column)
    found = [number(cell) for cell in cells]
    return np.array(cells if None in found else found)


def read_images(files: list[Path], name: str, how: Reading) -> Data:
    """Images of one size and mode, in the natural order of their names."""
    by_name = in_order(files)
    names, files = tuple(by_name), list(by_name.values())
    if how.patch is not None:
        pictures = read_unlike_pictures(files)
        return from_patches([p.pixels for p in pictures], names, [p.mode for p in pictures], name, how)
    values, modes = read_pictures(files, how.resize)
    found = as_data(values, how.kind or "images", name, ids=names)
    notes = () if how.resize is None else (f"All images were brought to {show(how.resize)}.",)
    groups = None if how.groups is None else name_groups(names, how.groups)
    return replace(found, modes=modes, notes=notes, groups=groups)


def from_patches(
    images: Sequence[Array], names: Sequence[str], modes: Sequence[str], name: str, how: Reading
) -> Data:
    """Square pieces of `images`, grouped by image, of few images in blocks, or as `how` says."""
    assert how.patch is not None
    pieces, patches = cut(images, names, modes, how.patch)
    found = as_data(pieces, "images", name, ids=patches.ids)
    belong = groups(patches, how.patch)
    if how.groups is not None:
        belong = name_groups(tuple(names), how.groups)[patches.owner]
    note = f"{len(images):,} images were cut into {len(pieces):,} patches, kept together in {{}} groups."
    return replace(found, groups=belong, patches=patches, notes=(note.format(f"{len(np.unique(belong)):,}"),))


def cut_array(values: Array, name: str, how: Reading) -> Data:
    """Patches of one image, `(height, width[, channels])`, or of several, with their number in front."""
    one = is_one_image(values.shape)
    if not one and values.ndim not in (3, 4):
        raise InputError(f"Only images are cut into patches, but {name} has the shape {show(values.shape)}.")
    images = list(real(values[None] if one else values, name))
    return from_patches(images, [f"{name}-{i}" for i in range(len(images))], (), name, how)


def is_one_image(shape: tuple[int, ...]) -> bool:
    """Whether an array of `shape` is one image, `(height, width[, channels])`, and not several."""
    return len(shape) == 2 or (len(shape) == 3 and shape[2] <= 4)


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


Reader = Callable[[Path, str, Reading], Data]

READERS: dict[str, Reader] = {
    "npy": read_npy,
    "npz": read_npz,
    "csv": read_csv,
    "tsv": read_csv,
    "parquet": read_columns,
    "idx": read_idx_gz,
}
"""By format; image files are read together, by `read_images`."""

TABULAR = (read_csv, read_columns)
"""The readers of files whose columns have names."""
