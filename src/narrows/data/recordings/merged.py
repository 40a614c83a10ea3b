"""Merge recordings of several files, which must have the same channels and the same kind of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError, few
from narrows.core.shell import listed_name, quoted
from narrows.data.columns import Array
from narrows.data.formats import ending_of
from narrows.data.images.sets import folders_of
from narrows.data.reading import Reading
from narrows.data.recordings.recording import Loaded, Recording, Recordings, TimeAxis
from narrows.data.recordings.tables import labels_of_each
from narrows.data.split import name_groups

MOST_NOTES = 5
"""How many sentences about single files are kept."""

UNITS = {"date": "dates", "number": "numbers", "step": "not in it"}
"""What the times of a file are."""


def merged(files: Mapping[str, Loaded], name: str, how: Reading) -> Loaded:
    """The recordings of files by their names, in this order.

    Labels are those of the files' folders, if there are several, else those that all time steps of a
    recording have.

    Raises:
        InputError: for a channel that is missing in a file, or times that are dates in some files only.
    """
    first = next(iter(files.values()))
    check_channels(files)
    axis = shared_axis(files)
    each = tuple(r for file, found in files.items() for r in ordered(found, first.recordings.channels, file))
    recordings = Recordings(each, first.recordings.channels, axis, first.recordings.id_name)
    folders = folders_of(tuple(files))
    owners = [file for file, found in files.items() for _ in found.recordings]
    groups = None if how.groups is None else name_groups(tuple(owners), how.groups)
    return Loaded(
        recordings,
        name,
        (f"{len(files):,} files, in natural order: {few(list(files), 3)}.", *said(files, "notes")),
        said(files, "warnings"),
        labels_of_folders(folders, files) if len(set(folders)) > 1 else labels_of_each(recordings),
        groups,
        tuple(place for found in files.values() for place in found.places),
    )


def check_channels(files: Mapping[str, Loaded]) -> None:
    """Refuse files of which one lacks a channel that another has.

    Raises:
        InputError: with the names of the file and the channel.
    """
    first, *others = files
    known = files[first].recordings.channels
    for other in others:
        channels = files[other].recordings.channels
        lacking = [(other, first, each) for each in known if each not in channels]
        lacking += [(first, other, each) for each in channels if each not in known]
        for file, beside, channel in lacking:
            raise InputError(
                f"{file} has no channel {channel!r}, which {beside} has; add the column, in which an empty "
                f"cell is missing, or leave it out of all files: --drop {quoted(listed_name(channel))}."
            )


def shared_axis(files: Mapping[str, Loaded]) -> TimeAxis:
    """The axis of times of all files: in UTC if their time zones differ.

    Raises:
        InputError: for times that are dates in some files only.
    """
    axes = {file: found.recordings.axis for file, found in files.items()}
    first, axis = next(iter(axes.items()))
    for file, other in axes.items():
        if other.unit != axis.unit:
            raise InputError(
                f"The times of {first} are {UNITS[axis.unit]}, but those of {file} are {UNITS[other.unit]}; "
                f"name their column with --time, or count time steps with --time none."
            )
    zones, formats = {each.zone for each in axes.values()}, {each.format for each in axes.values()}
    form = axis.format if len(formats) == len(zones) == 1 else ""
    return replace(axis, zone=axis.zone if len(zones) == 1 else "UTC", format=form)


def ordered(found: Loaded, channels: tuple[str, ...], file: str) -> list[Recording]:
    """The recordings of a file with its name, their channels in the order of `channels`."""
    order = [found.recordings.channels.index(channel) for channel in channels]
    own = file[: len(file) - len(ending_of(Path(file)))]
    several = len(found.recordings) > 1
    return [
        replace(each, name=f"{own}:{each.name}" if several else own, values=each.values[:, order])
        for each in found.recordings
    ]


def said(files: Mapping[str, Loaded], which: str) -> tuple[str, ...]:
    """The different sentences about files, the first of them if there are many."""
    all_of_them = list(dict.fromkeys(text for found in files.values() for text in getattr(found, which)))
    more = len(all_of_them) - MOST_NOTES
    rest = (f"{more:,} sentences about other files are left out.",) if more > 0 else ()
    return (*all_of_them[:MOST_NOTES], *rest)


def labels_of_folders(folders: list[str], files: Mapping[str, Loaded]) -> Array:
    """The folder of each recording."""
    counts = [len(found.recordings) for found in files.values()]
    return np.repeat(np.array(folders), counts)
