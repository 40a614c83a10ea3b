"""Read data: arrays, tables, image files and datasets.

Files are not trusted: arrays are read without pickle, a file that is shorter than its header says is
refused, and only listed image formats are opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.core.numbers import count
from narrows.core.registry import nearest
from narrows.core.steps import step
from narrows.data.array_data import array_data
from narrows.data.arrays import (
    arranged,
    check_number_of_axes,
    inferred,
    kind_with,
    load_npy,
    load_npz,
    on_disk,
    with_axes,
)
from narrows.data.axes import order_of
from narrows.data.checks import real
from narrows.data.columns import Column, default_names
from narrows.data.cutting import cut_array, cut_dataset, from_array_files
from narrows.data.datasets import DATASETS, load, read_idx
from narrows.data.examples import Data
from narrows.data.formats import FORMATS, FORMS, format_of, listed, readable, without_ending
from narrows.data.graphs.reading import graphs_in
from narrows.data.image_reading import read_images
from narrows.data.images.folders import (
    ENDINGS,
    Found,
    array_files,
    contents,
    image_files,
    printable,
)
from narrows.data.images.gaps import filled_images
from narrows.data.images.sets import note_of_calibration
from narrows.data.images.tiff_axes import in_order as images_in_order
from narrows.data.instruments.files import STORED
from narrows.data.instruments.sets import ArrayFiles
from narrows.data.instruments.signals import from_signal, is_signal
from narrows.data.kinds import describe
from narrows.data.movie_reading import as_movies
from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.arrays import in_array
from narrows.data.recordings.examples import from_loaded, lengthened
from narrows.data.recordings.files import RECORDED, recordings_in
from narrows.data.recordings.tables import in_table
from narrows.data.scan_axes import is_scan, parse_scan_axes
from narrows.data.scan_reading import scan_in
from narrows.data.schema import Array
from narrows.data.shards import ordered, read_shards, rows_on_disk, shards_at
from narrows.data.sources import InMemory, Source
from narrows.data.sources.parquet import large
from narrows.data.split import blocks, name_groups
from narrows.data.stored import Stored
from narrows.data.stored_reading import image_letters, in_memory_if_small, notes_of, scan_axes, source_of
from narrows.data.tables.files import read_frames
from narrows.data.tables.opening import open_table
from narrows.data.tables.remainder import Remainder
from narrows.data.tables.table import Table
from narrows.data.tables.unknown import Use
from narrows.data.tables.use import classes, nameless, refuse_words, stand_ins, without
from narrows.data.unfit_options import refuse_columns, refuse_preparation, refuse_times


def read(source: str | Path, how: Reading = INFERRED) -> Data:
    """Read the dataset or the files at `source`.

    Args:
        source: a name in `DATASETS`; a file in one of `FORMATS` (`file.npz::array` is one of several
            arrays); a folder of images, or a pattern such as `photos/*.png`.
        how: options.

    Raises:
        InputError: when there is nothing at `source`, or it cannot be read as data.
    """
    try:
        data = read_any(source, how)
    except (OSError, RuntimeError) as error:  # a home folder that cannot be found is a RuntimeError
        raise InputError(f"{source} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if how.like is not None:
        how.like.check(data.array if data.source.in_memory else data.source.take(range(1)))
    if how.blocks is not None:
        data = replace(data, groups=blocks(len(data), how.blocks))
    if how.movie:
        data = as_movies(data)
    refuse_times(how, data)
    refuse_preparation(how, data)
    if how.test is None:
        return data
    data = as_long(data, how.test, how)
    same = replace(how, like=data.schema, form=data.form, window=data.window or how.window)
    test = read(how.test, replace(same, test=None)).drawn()
    note = f"Held-out part: {count(len(test), 'example')} of {test.name}."
    return replace(data, test=test, notes=(*data.notes, note), warnings=(*data.warnings, *test.warnings))


def as_long(data: Data, test: str, how: Reading) -> Data:
    """Recordings padded to the length of the longest of those at `test`; other data as they are."""
    if data.recordings is None or data.patches is not None:
        return data
    others = read_any(test, replace(how, test=None)).recordings
    return data if others is None else lengthened(data, int(others.lengths.max()))


def read_any(source: str | Path, how: Reading) -> Data:
    """As `read`, without a test part; errors of the file system are not converted."""
    step(f"reading {source}")
    if str(source) in DATASETS:
        data = refuse_columns(how, load(str(source), how.kind))
        return data if how.patch is None else cut_dataset(data, how)
    if how.kind == "sequences" and (found := recordings_in(str(source), how)):
        return from_loaded(found, how)
    if (graphs := graphs_in(str(source), how)) is not None:
        return graphs
    if pictures := image_files(str(source)):
        return read_images(pictures, how)
    path, _, part = (str(source), "", "") if Path(source).exists() else str(source).partition("::")
    file = Path(path).expanduser()
    if arrays := array_files(path):
        return read_array_files(ArrayFiles(arrays, part, how.axes_for), how)
    if shards := shards_at(path, (".npy",)):
        return read_npy_shards(shards, how)
    if shards := shards_at(path, (".parquet",)):
        return read_parquet_shards(shards, how)
    if not file.exists():
        raise InputError(
            f"There is no file, folder or dataset {str(source)!r}.{nearest(str(source), DATASETS)}"
        )
    reader = READERS.get(format_of(file))
    if file.is_dir() and format_of(file) != "zarr":
        raise InputError(
            f"The folder {file.name!r} holds no images ({', '.join(ENDINGS)}){contents(file)}; give one file "
            f"that holds all examples, as a .npy of shape (examples, …) that numpy.stack made, or "
            f"--kind sequences if each file is a recording over time."
        )
    if reader is None:
        known = listed(readable(*FORMS))
        raise InputError(f"Files ending in {file.suffix!r} cannot be read ({file.name}). Known: {known}.")
    if file.is_file() and file.stat().st_size == 0:
        raise InputError(f"{file.name} is empty.")
    data = reader(file, part, how)
    tabular = "columns" in FORMATS[format_of(file)].holds
    return data if tabular or how.like is not None else refuse_columns(how, data)


def as_data(
    values: Any,
    kind: str | None = None,
    name: str = "data",
    *,
    labels: Array | None = None,
    columns: Sequence[str | Column] = (),
    ids: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    unknown: Use = "missing",
) -> Data:
    """An array as data, after the checks of values that apply to all input.

    Args:
        values: `(n, …)`, or a signal of hyperspy.
        kind: a name in `KINDS`; inferred from the number of axes when not given.
        name: for messages, run folders and reports.
        labels: `(n,)`.
        columns: of a table, their names or descriptions.
        ids: a name of each example.
        notes: sentences about what the reader did.
        unknown: with "far" values may be infinite or of any size, where a value may be missing.

    Raises:
        InputError: for values that are not real and finite, unless NaN is a missing value of the kind; for
            another number of labels than of rows.
    """
    if is_signal(values):
        return from_stored(from_signal(values, name), Reading(kind))
    return array_data(
        values, kind, name, labels=labels, columns=columns, ids=ids, notes=notes, unknown=unknown
    )


def read_npy(file: Path, part: str, how: Reading) -> Data:
    """The array of an `.npy` file, or its patches."""
    return from_archive(load_npy(file), file.stem, how)


def read_npy_shards(found: Found, how: Reading) -> Data:
    """The examples of several `.npy` files, each of which holds some along its first axis."""
    if how.patch is not None:
        raise InputError(
            f"{found.name} is read as examples in several .npy files, but patches are cut from one; give one "
            f"file, or leave --patch out."
        )
    values, axes = read_shards(found, how.axes_for)
    kind = how.kind if axes is None else kind_with(axes, how.kind)
    data = from_array(values, found.name, replace(how, axes=None, kind=kind))
    if axes is not None:
        data = replace(data, schema=replace(data.schema, axes=order_of(axes)))
    note = f"{count(len(data), 'example')} of {len(found.files):,} .npy files, in the order of their names."
    return refuse_columns(how, replace(data, notes=(note, *found.notes, *data.notes)))


def read_parquet_shards(found: Found, how: Reading) -> Data:
    """The rows of several Parquet files of the same columns; of large ones, which stay on disk, numbers."""
    files, name = ordered(found), found.name
    stays = large(files)
    data = rows_on_disk(found, how) if stays else from_table(read_frames(files, name), name, how)
    note = f"{len(files):,} Parquet files, in the order of their names."
    return replace(data, notes=(note, *found.notes, *data.notes))


def from_archive(
    values: Source, name: str, how: Reading, labels: Array | None = None, lengths: Array | None = None
) -> Data:
    """The examples of an array in a file, or the recordings in it, of which some are shorter."""
    found = in_array(values, name, how, lengths, labels) if how.kind == "sequences" else None
    return from_array(values, name, how, labels) if found is None else from_loaded(found, how)


def from_array(values: Source, name: str, how: Reading, labels: Array | None = None) -> Data:
    """The examples of an array, whose axes are those that `how` names, or inferred from its shape."""
    shape, axes = values.shape, how.axes_for(values.shape)
    if is_scan(axes):
        return labelled(scan_in(values, name, how, parse_scan_axes(str(axes))), labels)
    if how.patch is not None:
        return cut_array(values, name, how)
    if axes is None:
        check_number_of_axes(shape)
        data = from_examples(values, name, how)
        data = inferred(data, how.like) if data.schema.spatial == 2 else data
    else:
        data = from_examples(arranged(values, axes), name, replace(how, kind=kind_with(axes, how.kind)))
        data = with_axes(data, shape, axes)
    return labelled(data, labels)


def labelled(data: Data, labels: Array | None) -> Data:
    """`data` with the labels in an archive, if there is one for each example."""
    return replace(data, labels=labels.ravel()) if labels is not None and labels.size == len(data) else data


def from_examples(values: Source, name: str, how: Reading) -> Data:
    """The examples `values (n, …)`; NaN in images is filled."""
    if not values.in_memory:
        return on_disk(values, name, how.kind)
    array = real(values.all(), name)
    warnings: tuple[str, ...] = ()
    if array.ndim > 1 and array.size and describe(array, how.kind).spatial == 2:
        array, warnings = filled_images(array)
    return replace(as_data(array, how.kind, name, unknown=how.unknown), warnings=warnings)


def read_npz(file: Path, part: str, how: Reading) -> Data:
    """One array of an archive: the named one, the only one, or `X`; the labels are `y` or `labels`."""
    found = load_npz(file, part)
    data = from_archive(InMemory(found.values), file.stem, how, found.labels, found.lengths)
    return replace(data, notes=(f"The array {found.name!r} of {file.name}.", *data.notes))


def read_table(file: Path, part: str, how: Reading) -> Data:
    """The table of a file, or the recordings in it."""
    over_time = how.kind == "sequences"
    table, name = open_table(file, part, how, index=over_time, numbers=not over_time), without_ending(file)
    recordings = in_table(table, name, how) if over_time else None
    return from_table(table, name, how) if recordings is None else from_loaded(recordings, how)


def from_table(table: Table, name: str, how: Reading = INFERRED) -> Data:
    """The data in a table's columns, with ids, labels and groups from others."""
    beside = [column for column in (how.label, how.id, how.groups) if column is not None]
    # Spreadsheets and pandas write row numbers as a first column without a name.
    lacks = how.like is not None and how.id not in table.columns  # a fitted model needs no ids
    id_column = (None if lacks else how.id) or ("" if next(iter(table.columns)) == "" else None)
    others = tuple(column for column in table.columns if column not in beside and column != "")
    named = without(how.columns or others, how.drop, table if how.like is None else None)
    if not named:
        raise InputError(f"{table.file} has no columns other than {', '.join([*beside, *how.drop])}.")
    columns: Sequence[Column]
    notes: tuple[str, ...] = ()
    known = () if how.like is None else how.like.columns
    if how.like is None or how.like.names == default_names(len(known)) != default_names(len(named)):
        values, columns, notes, warnings = table.read(named, all_wanted=bool(how.columns))
    else:
        columns, table = known, table.known_as(how.like.names, named)
        found = table.read_as(known)
        values, warnings = found.used_as(how.unknown), found.warnings(table.file, how.unknown)
    data = as_data(values, how.kind or "table", name, columns=columns, unknown=how.unknown)
    if not data.schema.columns:
        refuse_words(columns, data.schema.kind)
    groups = None if how.groups is None else np.unique(table.text(how.groups), return_inverse=True)[1]
    return replace(
        data,
        ids=() if id_column is None else tuple(map(printable, table.text(id_column))),
        labels=None if how.label is None else classes(table, how.label),
        groups=groups,
        notes=(*data.notes, *table.notes, *nameless(table, id_column), *notes),
        warnings=(*warnings, *(stand_ins(values, columns, table) if how.like is None else ())),
        form=table.form,
        cells={n: c for n, c in table.columns.items() if c.raw is not None} if how.keep_texts else {},
        remainder=Remainder.of(table, values, columns) if how.keep_remainder else None,
    )


def read_array_files(files: ArrayFiles, how: Reading) -> Data:
    """Images in files of arrays, or patches of images of any size, in natural order of the files' names."""
    name, pictures = files.found.name, files.pictures
    if how.kind not in (None, "images"):
        raise InputError(f"Of the files of {name} images are read, but wanted is {how.kind}; give one file.")
    if how.patch is not None:
        data = from_array_files(files, how)
    else:
        source = in_memory_if_small(files.of_one_size())
        data = from_examples(source, name, replace(how, kind="images"))
        schema = replace(data.schema, axes="HWC"[: len(files.shape) - 1])
        groups = pictures.groups if how.groups is None else name_groups(pictures.names, how.groups)
        data = replace(data, schema=schema, ids=pictures.names, groups=groups, labels=pictures.labels)
    notes = (*pictures.notes, *note_of_calibration(files.axes), *data.notes)
    return replace(data, notes=notes, warnings=(*pictures.warnings, *data.warnings), axes=files.axes)


def read_stored(file: Path, part: str, how: Reading) -> Data:
    """The array of a file that may say what its axes are."""
    return from_stored(STORED[format_of(file)](file, part), how)


def from_stored(stored: Stored, how: Reading) -> Data:
    """The examples of a stored array, whose axes are those that `how` names, else those of the file.

    Raises:
        InputError: as `source_of`, and for options of other data.
    """
    values, told = source_of(stored), how.axes_for(stored.shape)
    scan = parse_scan_axes(str(told)) if is_scan(told) else None if told else scan_axes(stored)
    if scan is not None:
        data = scan_in(values, stored.name, how, scan, stored.axes)
    else:
        inferred = how.kind not in (None, "images")
        how = replace(how, axes=told or (None if inferred else image_letters(stored)))
        data = from_archive(values, stored.name, how)
        data = replace(data, axes=images_in_order(stored.axes or ()))
    return replace(data, notes=(*notes_of(stored, data.source, scan=scan is not None), *data.notes))


def read_recordings(file: Path, part: str, how: Reading) -> Data:
    """The recordings of a file that holds nothing else."""
    if part or how.kind not in (None, "sequences"):
        raise InputError(f"{file.name} holds recordings, but wanted is {part or how.kind}; leave that out.")
    return from_loaded(RECORDED[format_of(file)](file), how)


def read_idx_gz(file: Path, part: str, how: Reading) -> Data:
    """The array of a gzipped IDX file."""
    return from_array(InMemory(read_idx(file)), file.name.split(".")[0], how)


Reader = Callable[[Path, str, Reading], Data]

READERS: dict[str, Reader] = {
    "npy": read_npy,
    "npz": read_npz,
    **dict.fromkeys(("csv", "tsv", "parquet", "feather", "jsonl", "excel"), read_table),
    "idx": read_idx_gz,
    **dict.fromkeys(RECORDED, read_recordings),
    **dict.fromkeys(STORED, read_stored),
}
"""By format; image files are read by `read_images`."""
