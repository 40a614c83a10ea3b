"""Recordings in files of their own: one, a folder, or a pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from narrows.core.errors import InputError, show
from narrows.data.arrays import load_npy, load_npz
from narrows.data.formats import FORMATS, ending_of, format_of, without_ending
from narrows.data.images.folders import below, in_order, matching, named, shown
from narrows.data.reading import Reading
from narrows.data.recordings.arrays import loaded, mapped, refuse_times
from narrows.data.recordings.merged import merged
from narrows.data.recordings.recording import Loaded
from narrows.data.recordings.tables import whole_table
from narrows.data.recordings.ts import read_ts
from narrows.data.recordings.wav import read_wav
from narrows.data.tables.opening import open_table
from narrows.data.tables.table import Table

RECORDED: dict[str, Callable[[Path], Loaded]] = {"ts": read_ts, "wav": read_wav}
"""The readers of formats that hold nothing but recordings."""

HOLDING = {"columns", "array", "recordings"}
"""What a file holds that may be a recording."""


def recordings_in(source: str, how: Reading) -> Loaded | None:
    """The recordings of a folder or a pattern, one in a file; None for other sources, or without such files.

    A folder without such files stands for those in its folders, whose names are the labels. The files with
    the most frequent ending are read.

    Raises:
        InputError: for files that cannot be read, or do not fit to each other.
    """
    found = files_at(source)
    if found is None:
        return None
    name, paths = found
    ending = Counter(map(ending_of, paths)).most_common(1)[0][0]
    files = in_order([path for path in paths if ending_of(path) == ending])
    others = [path for path in paths if ending_of(path) != ending]
    left = f"Left out of {name}: {named(others, 'file')}, because most end in {ending}." if others else ""
    each = merged(read_all(files, how), name, how)
    return each._replace(notes=(*each.notes, *filter(None, [left])))


def files_at(source: str) -> tuple[str, list[Path]] | None:
    """A name and the files of a folder or a pattern that may be recordings; None if there are none."""
    path = Path(source).expanduser()
    if path.is_dir():
        top = list(filter(may_be_recording, shown(path.iterdir(), path)))
        files = top or list(filter(may_be_recording, below(path)))
        return (path.resolve().name, files) if files else None
    if path.exists() or not set("*?[") & set(source):
        return None
    files = list(filter(may_be_recording, shown(matching(path), Path(path.anchor))))
    return (path.parent.resolve().name, files) if files else None


def may_be_recording(path: Path) -> bool:
    """Whether a file has a format that holds a table, an array or recordings."""
    known = FORMATS.get(format_of(path))
    return (
        known is not None and bool(HOLDING & {*known.holds}) and format_of(path) != "idx" and path.is_file()
    )


def read_all(files: Mapping[str, Path], how: Reading) -> dict[str, Loaded]:
    """The recordings of files of one format: one in each, or with `how.id` several."""
    form = format_of(next(iter(files.values())))
    if "columns" not in FORMATS[form].holds:
        refuse_columns(how, form)
    if form in RECORDED:
        return {name: RECORDED[form](file) for name, file in files.items()}
    if form in ("npy", "npz"):
        return {name: read_array(file, how) for name, file in files.items()}
    tables = {name: open_table(file, "", how, index=True) for name, file in files.items()}
    first = next(iter(tables.values()))
    for column in how.drop:
        if not any(column in table.columns for table in tables.values()):
            first[column]  # an error that names the nearest
    return {name: read_table(table, without_ending(files[name]), how) for name, table in tables.items()}


def refuse_columns(how: Reading, form: str) -> None:
    """Refuse options that name columns for files without columns.

    Raises:
        InputError: with the option.
    """
    wanted = {"--columns": how.columns, "--drop": how.drop, "--label": how.label, "--id": how.id}
    for option, value in wanted.items():
        if value:
            raise InputError(f"{option} names a column of a table's file, but .{form} files have none.")


def read_table(table: Table, name: str, how: Reading) -> Loaded:
    """The recordings of one of several tables, of which some lack a column that is left out."""
    dropped = tuple(column for column in how.drop if column in table.columns)
    return whole_table(table, name, replace(how, drop=dropped, groups=None))


def read_array(file: Path, how: Reading) -> Loaded:
    """The recording `(time[, channels])` in a file of an array.

    Raises:
        InputError: for an array with other axes.
    """
    refuse_times(how, file.name)
    values = mapped(load_npy(file)) if format_of(file) == "npy" else load_npz(file, "").values
    if values.ndim not in (1, 2):
        raise InputError(
            f"{file.name} is {show(values.shape)}, but a file of a folder is one recording, (time) or (time, "
            f"channels); give the file itself."
        )
    return loaded([values if values.ndim == 2 else values[:, None]], file.stem)
