"""What the groups of HDF5 and Zarr files say of the axes of an array, by their conventions.

A group is a mapping of names to groups and arrays, with attributes, as those of h5py and of zarr are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from narrows.data.instruments.attributes import flag, number, text, texts
from narrows.data.instruments.named_axes import NamedAxis, evenly

Convention = Callable[[Any, Any], Sequence[NamedAxis] | None]
"""Of a group and an array in it the axes; None if the group does not follow the convention."""


class Alone(dict[str, Any]):
    """The group of an array that is in none: it is empty, and has no attributes."""

    attrs: Mapping[str, Any] = MappingProxyType({})


def hyperspy(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The groups `axis-0` and so on of a hyperspy signal."""
    names = [f"axis-{i}" for i in range(len(array.shape))]
    if not all(name in group for name in names):
        return None
    found = [group[name].attrs for name in names]
    return [
        NamedAxis(
            text(each, "name"),
            size,
            number(each, "scale", 1.0),
            number(each, "offset", 0.0),
            text(each, "units"),
            flag(each, "navigate"),
        )
        for size, each in zip(array.shape, found, strict=True)
    ]


def emd(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The data sets `dim1` and so on beside `data` of an EMD file, or from `dim0` on as py4DSTEM has them.

    A linear axis may be stored as its first two values.
    """
    if "emd_group_type" not in group.attrs:
        return None
    first = 0 if "dim0" in group else 1
    names = [f"dim{i + first}" for i in range(len(array.shape))]
    if not all(name in group for name in names):
        return None
    # The names of py4DSTEM say x for rows.
    places = ("Y", "X", "Ky", "Kx")[: len(names)] if first == 0 and len(names) == 4 else ()
    found = []
    for i, (name, size) in enumerate(zip(names, array.shape, strict=True)):
        said = text(group[name].attrs, "name")
        of = steps(group[name], size, said, text(group[name].attrs, "units"))
        found.append(of._replace(name=places[i]) if places and said[:1] in ("R", "Q") else of)
    return found


def steps(values: Any, size: int, name: str, unit: str) -> NamedAxis:
    """The axis of `size` places with `values` at all of them, or at the first two."""
    known = np.ravel(np.asarray(values[()]))
    if known.dtype.kind not in "iuf" or len(known) not in (2, size):
        return NamedAxis(name, size, unit=unit)
    return evenly(known, name, unit)._replace(size=size)


def nexus(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The data sets that the attribute `axes` of a NeXus group names; a point stands for none."""
    names = texts(group.attrs, "axes") or texts(array.attrs, "axes")
    if "signal" not in (*group.attrs, *array.attrs) or len(names) != len(array.shape):
        return None
    return [
        steps(group[name], size, name, text(group[name].attrs, "units"))
        if name.strip(".") and name in group
        else NamedAxis(name.replace(".", ""), size)
        for name, size in zip(names, array.shape, strict=True)
    ]


def dimension_scales(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The labels and scales that HDF5 attaches to the dimensions of a data set."""
    dims = getattr(array, "dims", ())
    if not any(dim.label or len(dim) for dim in dims):
        return None
    found = []
    for dim, size in zip(dims, array.shape, strict=True):
        name = dim.label or (str(dim[0].name).rpartition("/")[2] if len(dim) else "")
        unit = text(dim[0].attrs, "units") if len(dim) else ""
        found.append(steps(dim[0], size, name, unit) if len(dim) else NamedAxis(name, size))
    return found


def element_size(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The attribute `element_size_um` of a data set: steps in µm along its last axes, x being the last."""
    found = np.ravel(np.asarray(array.attrs.get("element_size_um", [])))
    n = len(array.shape)
    if found.dtype.kind not in "iuf" or not 2 <= len(found) <= 3 or n < 2:
        return None
    sizes = found[-n:]
    others = [NamedAxis("", size) for size in array.shape[: n - len(sizes)]]
    last = zip("zyx"[-len(sizes) :], array.shape[n - len(sizes) :], sizes, strict=True)
    return [*others, *(NamedAxis(name, size, float(step), 0.0, "µm") for name, size, step in last)]


def dimension_names(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """The names of the dimensions in the metadata of a Zarr array, or in the attribute that xarray writes."""
    metadata = getattr(array, "metadata", None)
    found = getattr(metadata, "dimension_names", None) or texts(array.attrs, "_ARRAY_DIMENSIONS")
    if len(found) != len(array.shape):
        return None
    return [NamedAxis(name or "", size) for name, size in zip(found, array.shape, strict=True)]


CONVENTIONS: tuple[Convention, ...] = (
    hyperspy,
    emd,
    nexus,
    dimension_scales,
    element_size,
    dimension_names,
)
"""Those that are tried, in this order."""


def described(group: Any, array: Any) -> Sequence[NamedAxis] | None:
    """What a group says of the axes of an array in it; None if it says nothing."""
    return next((found for of in CONVENTIONS if (found := of(group, array)) is not None), None)
