"""Data sets in HDF5 files, also EMD, NeXus and hyperspy's own, by h5py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError, few, reason
from narrows.data.formats import need, without_ending
from narrows.data.instruments.attributes import text
from narrows.data.instruments.choosing import DataSet, choose
from narrows.data.instruments.group_axes import described
from narrows.data.instruments.named_axes import axes_of
from narrows.data.instruments.rosetta import open_rosetta
from narrows.data.instruments.velox import is_velox, velox_axes
from narrows.data.stored import Stored

if TYPE_CHECKING:
    import h5py

MOST_LEVELS = 20
"""Attributes `default` that are followed."""


def open_hdf5(file: Path, part: str) -> Stored:
    """The data set of an HDF5 file at the path `part`, or the only plausible one.

    Raises:
        InputError: for a file that cannot be read, and as `choose`.
    """
    try:
        import h5py
    except ImportError as error:
        raise InputError(f"{file.name} {need('hdf5')}.") from error
    try:
        return stored(h5py.File(file, "r"), file, part)
    except InputError:
        raise
    except Exception as error:  # a damaged file may raise anything in the library
        raise InputError(f"{file.name} cannot be read as an HDF5 file: {reason(error)}.") from error


def stored(opened: h5py.File, file: Path, part: str) -> Stored:
    """The data set to read, with its axes; spectra of Velox, which are packed, by rosettasciio."""
    import h5py

    arrays, broken = data_sets(opened)
    wanted = f"/{part.strip('/')}" if part.strip("/") else ""
    if wanted and isinstance(opened.get(wanted), h5py.Dataset):  # it may be a second link
        arrays[wanted] = opened[wanted]
    if wanted not in arrays and "SpectrumStream" in opened.get("Data", {}):
        opened.close()
        return open_rosetta(file, part)
    for path, link in broken.items():
        if wanted == path or (not arrays and not wanted):
            raise InputError(f"{file.name}::{path} is a link to {link}, which is not there.")
    found = {path: DataSet(array.shape, array.dtype) for path, array in arrays.items()}
    path = choose(found, wanted, file.name, usual(opened, arrays))
    array = arrays[path]
    check_sources(array, file, path)
    check_filters(array, f"{file.name}::{path}")
    named = velox_axes(array) if is_velox(path) else described(array.parent, array)
    axes = None if named is None else axes_of(named)
    note = f"The data set {path} of {file.name}."
    return Stored(array, without_ending(file), axes, array.chunks, (note,))


def data_sets(opened: h5py.File) -> tuple[dict[str, h5py.Dataset], dict[str, str]]:
    """The data sets by path, without further links to the same, and what links that are broken lead to."""
    broken: dict[str, str] = {}
    return {path: array for path, array in walk(opened, broken, {opened.id}) if not array.is_scale}, broken


def walk(
    group: h5py.Group, broken: dict[str, str], seen: set[Any], path: str = ""
) -> Iterator[tuple[str, h5py.Dataset]]:
    """The data sets in a group and the groups in it, with their paths; links that are broken are noted."""
    import h5py

    for name in group:
        inside = f"{path}/{name}"
        try:
            item = group[name]
        except (KeyError, OSError):
            link = group.get(name, getlink=True)
            other = getattr(link, "filename", "")
            broken[inside] = f"{getattr(link, 'path', 'something')}{f' of {other}' if other else ''}"
            continue
        if item.id in seen:
            continue
        seen.add(item.id)
        if isinstance(item, h5py.Dataset):
            yield inside, item
        elif isinstance(item, h5py.Group):
            yield from walk(item, broken, seen, inside)


def usual(opened: h5py.File, arrays: dict[str, h5py.Dataset]) -> list[str]:
    """The data sets that the groups of a file name as its data, by their conventions.

    They are the signals of NeXus, the one of the default group if there is one; `data` in the groups of EMD
    files and of hyperspy; the images of Velox.
    """
    signals, data = [], []
    for path, array in arrays.items():
        group, name = array.parent, path.rpartition("/")[2]
        if text(group.attrs, "signal") == name or text(array.attrs, "signal") == "1":
            signals.append(path)
        elif is_velox(path) if name == "Data" else name == "data" and is_emd_or_hyperspy(group):
            data.append(path)
    default = default_path(opened)
    return [path for path in signals if default and path.startswith(f"{default}/")] or signals or data


def is_emd_or_hyperspy(group: h5py.Group) -> bool:
    """Whether a group holds an array as EMD files or hyperspy have it."""
    return "emd_group_type" in group.attrs or "axis-0" in group


def default_path(opened: h5py.File) -> str:
    """The path of the group that the attributes `default` of a NeXus file lead to; empty if none do."""
    path, group = "", opened
    for _ in range(MOST_LEVELS):
        name = text(group.attrs, "default")
        if not name or name not in group or not hasattr(group[name], "keys"):
            break
        path, group = f"{path}/{name}", group[name]
    return path


def check_sources(array: h5py.Dataset, file: Path, path: str) -> None:
    """Refuse a data set whose values lie in other files that are not there: they would be read as zeros.

    Raises:
        InputError: with the names of these files.
    """
    names = [each.file_name for each in array.virtual_sources()] if array.is_virtual else []
    names += [name for name, *_ in array.external or ()]
    folder = Path(array.file.filename).parent
    missing = [n for n in dict.fromkeys(names) if n != "." and "%" not in n and not (folder / n).exists()]
    if missing:
        raise InputError(
            f"{file.name}::{path} takes its values from {few(missing, 3)}, which "
            f"{'is' if len(missing) == 1 else 'are'} not beside it; put the files into one folder."
        )


def check_filters(array: h5py.Dataset, name: str) -> None:
    """Refuse a data set that is compressed in a way that h5py cannot read.

    Raises:
        InputError: with the package that can.
    """
    import h5py

    creation = array.id.get_create_plist()
    used = [creation.get_filter(i) for i in range(creation.get_nfilters())]
    lacking = [each for each in used if not h5py.h5z.filter_avail(each[0])]
    if not lacking:
        return
    try:
        import hdf5plugin  # noqa: F401  registers filters
    except ImportError as error:
        number, *_, said = lacking[0]
        label = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
        raise InputError(
            f"{name} is compressed by the filter {number} ({label}), which h5py does not have: "
            f"pip install hdf5plugin."
        ) from error
