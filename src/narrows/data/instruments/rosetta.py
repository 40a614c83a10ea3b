"""Signals in the files of many microscopes and detectors, by rosettasciio."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from narrows.core.errors import InputError, reason
from narrows.data.columns import Array
from narrows.data.formats import need, without_ending
from narrows.data.instruments.choosing import DataSet, choose
from narrows.data.instruments.named_axes import NamedAxis, axes_of
from narrows.data.stored import Lazy, Stored


class Computed:
    """An array of dask, of which a part is computed when it is asked for.

    Args:
        array: of dask.
    """

    def __init__(self, array: Any) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __getitem__(self, place: Any) -> Array:
        return np.asarray(self.array[place].compute(scheduler="synchronous"))


def open_rosetta(file: Path, part: str) -> Stored:
    """The signal of a file called `part`, or the only plausible one.

    Raises:
        InputError: for a file that cannot be read, and as `choose`.
    """
    signals = named(read_signals(file, plugin_for(file)))
    found = {name: DataSet(each["data"].shape, each["data"].dtype) for name, each in signals.items()}
    name = choose(found, part, file.name)
    note = f"The signal {name!r} of {file.name}."
    return stored(signals[name], without_ending(file), (note,) if len(signals) > 1 else ())


def stored(signal: dict[str, Any], name: str, notes: tuple[str, ...] = ()) -> Stored:
    """A signal as rosettasciio describes it, with its axes."""
    array, chunks = lazy(signal["data"])
    ordered = sorted(enumerate(signal["axes"]), key=lambda each: each[1].get("index_in_array", each[0]))
    axes = [described(axis) for _, axis in ordered]
    if tuple(axis.size for axis in axes) != array.shape:  # some files number their axes otherwise
        axes = [described(axis) for axis in signal["axes"]]
    return Stored(array, name, axes_of(axes), chunks, notes)


def lazy(data: Any) -> tuple[Lazy, tuple[int, ...] | None]:
    """An array, or one of dask, and the shape of its chunks if it has any."""
    if hasattr(data, "compute"):
        return Computed(data), data.chunksize
    return np.asarray(data), None


def described(axis: dict[str, Any]) -> NamedAxis:
    """An axis as rosettasciio describes it; one that is not uniform has the values at its places."""
    size = int(axis["size"]) if "size" in axis else len(axis["axis"])
    name, unit = (text(axis.get(key)) for key in ("name", "units"))
    scale, offset = (float(axis.get(key) or 0) for key in ("scale", "offset"))
    return NamedAxis(name, size, scale or 1.0, offset, unit, bool(axis.get("navigate")))


def text(value: Any) -> str:
    """A name or unit; hyperspy has objects that are no texts where there is none."""
    return value if isinstance(value, str) else ""


def plugin_for(file: Path) -> str:
    """The name of the module that reads files with the ending of `file`.

    Raises:
        InputError: without rosettasciio, or for an ending that its version does not know.
    """
    try:
        from rsciio import IO_PLUGINS
    except ImportError as error:
        raise InputError(f"{file.name} {need('microscope')}.") from error
    ending = file.suffix.lower().removeprefix(".")
    for plugin in IO_PLUGINS:
        if ending in (each.lower() for each in plugin["file_extensions"]):
            return str(plugin["api"])
    raise InputError(f"{file.name} cannot be read by this version of rosettasciio; update it.")


def read_signals(file: Path, plugin: str) -> Sequence[dict[str, Any]]:
    """The signals of a file, lazily where the module can.

    Raises:
        InputError: for a file that it cannot read.
    """
    reader = importlib.import_module(plugin).file_reader
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.getLogger("rsciio").setLevel(logging.ERROR)
            try:
                found = reader(str(file), lazy=True)
            except NotImplementedError:
                found = reader(str(file))
    except Exception as error:  # a damaged file may raise anything in the library
        raise InputError(f"{file.name} cannot be read: {reason(error)}.") from error
    if not found:
        raise InputError(f"{file.name} holds no signals.")
    return list(found)


def named(signals: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Signals by their titles, with numbers where these are missing or the same."""
    found: dict[str, dict[str, Any]] = {}
    for i, signal in enumerate(signals):
        title = str(signal.get("metadata", {}).get("General", {}).get("title") or i).replace("/", "-")
        found[title if title not in found else f"{title}-{i}"] = signal
    return found
