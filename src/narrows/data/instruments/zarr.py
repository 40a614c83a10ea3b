"""Arrays in Zarr folders and archives, also OME-NGFF and hyperspy's own, by zarr."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError, reason
from narrows.data.formats import need, without_ending
from narrows.data.instruments.choosing import DataSet, choose
from narrows.data.instruments.group_axes import Alone, described
from narrows.data.instruments.named_axes import NamedAxis, axes_of
from narrows.data.stored import Stored

if TYPE_CHECKING:
    import zarr


def open_zarr(file: Path, part: str) -> Stored:
    """The array of a Zarr folder or archive at the path `part`, or the only plausible one.

    Raises:
        InputError: for what cannot be read, and as `choose`.
    """
    try:
        import zarr
    except ImportError as error:
        raise InputError(f"{file.name} {need('zarr')}.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other files in the folder
            store = zarr.storage.ZipStore(file, mode="r") if file.is_file() else file
            return stored(zarr.open(store, mode="r"), file, part)
    except InputError:
        raise
    except Exception as error:  # damaged metadata may raise anything in the library
        raise InputError(f"{file.name} cannot be read as Zarr: {reason(error)}.") from error


def stored(opened: zarr.Group | zarr.Array[Any], file: Path, part: str) -> Stored:
    """The array to read, with its axes."""
    import zarr

    members: dict[str, Any] = {"": opened}
    if isinstance(opened, zarr.Group):
        members |= dict(sorted(opened.members(max_depth=None)))  # zarr lists them in any order
    arrays = {path: each for path, each in members.items() if isinstance(each, zarr.Array)}
    groups = {path: each for path, each in members.items() if path not in arrays}
    found = {path: DataSet(each.shape, each.dtype) for path, each in arrays.items()}
    path = choose(found, part.strip("/"), file.name, usual(groups, found))
    array: Any = arrays[path]
    group = groups.get(path.rpartition("/")[0], Alone())
    named = of_image(groups, path, array) or described(group, array)
    axes = None if named is None else axes_of(named)
    notes = (*((f"The array {path} of {file.name}.",) if path else ()), *missing_chunks(array))
    return Stored(array, without_ending(file), axes, array.chunks, notes)


def missing_chunks(array: zarr.Array[Any]) -> tuple[str, ...]:
    """A sentence about chunks that are not there: zarr leaves out those that hold one value only."""
    missing = array.nchunks - array.nchunks_initialized
    if not missing:
        return ()
    return (f"{missing:,} of {array.nchunks:,} chunks are not in the file, and count as {array.fill_value}.",)


def usual(groups: dict[str, Any], found: dict[str, DataSet]) -> list[str]:
    """The arrays that groups name as their data: the first level of an image, and hyperspy's signals.

    An image of the group at the top comes before those of groups in it, which may be labels.
    """
    images = {path: f"{path}/{levels[0]['path']}".strip("/") for path, levels in images_of(groups)}
    top = [images[""]] if "" in images else list(images.values())
    signals = [f"{path}/data" for path, group in groups.items() if path and "axis-0" in group]
    return [path for path in top or signals if path in found]


def images_of(groups: dict[str, Any]) -> list[tuple[str, Sequence[Any]]]:
    """The levels of resolution of each image of OME-NGFF, by the path of its group."""
    known = ((path, multiscale(group)) for path, group in groups.items())
    return [(path, each["datasets"]) for path, each in known if each and each.get("datasets")]


def multiscale(group: Any) -> dict[str, Any]:
    """The description of an image in the attributes of its group; empty if it holds none."""
    attributes = dict(group.attrs)
    found = attributes.get("ome", attributes)
    several = found.get("multiscales") if isinstance(found, dict) else None
    first = several[0] if isinstance(several, list) and several else {}
    return first if isinstance(first, dict) else {}


def of_image(groups: dict[str, Any], path: str, array: Any) -> Sequence[NamedAxis] | None:
    """The axes of a level of an image of OME-NGFF; None for other arrays."""
    for parent, levels in images_of(groups):
        for level in levels:
            if f"{parent}/{level.get('path')}".strip("/") == path:
                return level_axes(multiscale(groups[parent]).get("axes", []), level, array.shape)
    return None


def level_axes(axes: Sequence[Any], level: Any, shape: tuple[int, ...]) -> Sequence[NamedAxis] | None:
    """The axes with the scale and the translation of a level."""
    if len(axes) != len(shape):
        return None
    moves = {each.get("type"): each for each in level.get("coordinateTransformations", ())}
    scales = moves.get("scale", {}).get("scale", [1.0] * len(shape))
    offsets = moves.get("translation", {}).get("translation", [0.0] * len(shape))
    # Of the first versions axes are names only.
    said = [axis if isinstance(axis, dict) else {"name": str(axis)} for axis in axes]
    return [
        NamedAxis(str(axis.get("name", "")), size, float(scale), float(offset), str(axis.get("unit", "")))
        for axis, size, scale, offset in zip(said, shape, scales, offsets, strict=True)
    ]
