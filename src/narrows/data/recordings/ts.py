"""Read `.ts` files, the format of the time series archives of sktime and aeon.

Lines that begin with @ say what the data are. Each line below @data is one series: its channels with `:`
between them, the values of a channel with commas between them, `?` for a missing one, then its label.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError
from narrows.core.memory import check_room
from narrows.data.columns import Array
from narrows.data.recordings.recording import Loaded, Recording, Recordings, numbered_channels

Header = dict[str, str]
"""What the lines that begin with @ say, by their first word in lower case."""

TIME_STAMPS = (
    "{place} has time stamps in parentheses, which are not read from .ts files; write plain values, or a "
    "table with a column of times."
)

MOST_BYTES_PER_BYTE = 8
"""The memory that a byte of a file may take when it is read."""


def read_ts(file: Path) -> Loaded:
    """The series of a `.ts` file, with their labels.

    Raises:
        InputError: for a file in another format, with the line.
    """
    check_room(MOST_BYTES_PER_BYTE * file.stat().st_size, f"The values of {file.name} may take")
    with file.open(encoding="utf-8", errors="replace") as stream:
        lines = enumerate((line.strip() for line in stream), 1)
        header = header_of(lines, file.name)
        labelled = is_labelled(header)
        series = [
            series_in(line, f"Line {n} of {file.name}", str(i), labelled)
            for i, (n, line) in enumerate((n, line) for n, line in lines if is_series(line))
        ]
    if not series:
        raise InputError(f"{file.name} holds no series below @data.")
    check_channels(series, header, file.name)
    names = numbered_channels(series[0][0].values.shape[1])
    labels = as_labels([label for _, label in series]) if labelled else None
    return Loaded(Recordings(tuple(each for each, _ in series), names), file.stem, labels=labels)


def header_of(lines: Iterator[tuple[int, str]], name: str) -> Header:
    """The header of a file, whose `lines` are read up to @data."""
    header: Header = {}
    for _, line in lines:
        word, _, rest = line.partition(" ")
        if word.lower() == "@data":
            return header
        if word.startswith("@"):
            header[word[1:].lower()] = rest.strip()
        elif is_series(line):
            break
    raise InputError(f"{name} is no file of time series: a line @data in front of the values is missing.")


def is_series(line: str) -> bool:
    """Whether a line is neither blank nor a comment."""
    return bool(line) and line[0] not in "#%"


def is_labelled(header: Header) -> bool:
    """Whether the lines of series end in a label: a class or a number."""
    return any(header.get(key, "").lower().startswith("true") for key in ("classlabel", "targetlabel"))


def series_in(line: str, place: str, name: str, labelled: bool) -> tuple[Recording, str]:
    """The series in a line, and its label, empty if there is none."""
    *channels, label = line.split(":") if labelled and "(" not in line else [*line.split(":"), ""]
    if "(" in line:
        raise InputError(TIME_STAMPS.format(place=place))
    if not channels:
        raise InputError(f"{place} has no label behind a colon, though the header says that there are some.")
    values = [values_in(channel, place) for channel in channels]
    lengths = {len(each) for each in values}
    if len(lengths) > 1:
        first, other = sorted(lengths)[0], sorted(lengths)[-1]
        raise InputError(
            f"{place} has channels of {first:,} and of {other:,} values; give all channels of a series one "
            f"length, with ? for missing values."
        )
    return Recording(name, np.stack(values, axis=1)), label.strip()


def values_in(channel: str, place: str) -> Array:
    """The values of a channel, NaN for `?`."""
    try:
        return np.array(channel.replace("?", "nan").split(","), dtype=np.float64)
    except ValueError:
        wrong = next(text for text in channel.split(",") if not is_number(text.replace("?", "nan")))
        raise InputError(
            f"{place} has {wrong.strip()!r} among its values; wanted are numbers or ?."
        ) from None


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_channels(series: list[tuple[Recording, str]], header: Header, name: str) -> None:
    """Refuse series with other numbers of channels than the first, or than the header says."""
    said = header.get("dimensions") or header.get("dimension") or ""
    wanted = int(said) if said.isdecimal() else series[0][0].values.shape[1]
    for recording, _ in series:
        channels = recording.values.shape[1]
        if channels != wanted:
            raise InputError(
                f"Series {recording.name} (counted from 0) of {name} has {channels} channels, but "
                f"{'the header says' if said else 'the first has'} {wanted}; give all series the same."
            )


def as_labels(texts: list[str]) -> Array:
    """Labels `(n,)`: numbers if all are, else texts."""
    if all(map(is_number, texts)):
        return np.array(texts, dtype=np.float64)
    return np.array(texts)
