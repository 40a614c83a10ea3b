"""Read WAV files: samples of sound or of other quantities at a constant rate."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError, reason
from narrows.data.columns import Array
from narrows.data.recordings.recording import Loaded, Recording, Recordings, TimeAxis, numbered_channels
from narrows.data.recordings.time_units import SECONDS

UNKNOWN_LENGTH = 0xFFFFFFFF
"""The length of the samples that a program writes before it knows it."""

NAMES = {1: ("amplitude",), 2: ("left", "right")}
"""The names of so many channels."""


def read_wav(file: Path) -> Loaded:
    """The samples of a file, as they are stored; of large files they stay on disk.

    Raises:
        InputError: for a file that is cut short, or cannot be read.
    """
    check_length(file)
    rate, samples = load(file)
    values = samples[:, None] if samples.ndim == 1 else samples
    if not len(values) or rate < 1:
        lacking = "samples" if not len(values) else "sampling rate"
        raise InputError(f"{file.name} holds no {lacking}; record or export it again.")
    n = values.shape[1]
    axis = TimeAxis(SECONDS, "number", 1 / rate)
    recording = Recording(file.stem, values, np.arange(len(values)) / rate)
    place = f"of {file.name}"
    return Loaded(
        Recordings((recording,), NAMES.get(n) or numbered_channels(n), axis),
        file.stem,
        (f"{len(values):,} samples of {file.name}, {rate:,} in a second.",),
        places=(lambda step: f"Sample {step} {place}",),
    )


def load(file: Path) -> tuple[int, Array]:
    """The sampling rate of a file, and its samples `(time[, channels])`, mapped into memory if possible."""
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about chunks of other programs
            try:
                return wavfile.read(file, mmap=True)
            except ValueError:  # as of 24 bits
                return wavfile.read(file)
    except Exception as error:  # a damaged file may raise anything in the parser
        raise InputError(f"{file.name} cannot be read as WAV: {reason(error)}.") from error


def check_length(file: Path) -> None:
    """Refuse a file with fewer samples than its header says.

    Raises:
        InputError: with both numbers of bytes.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        if stream.read(4) != b"RIFF":
            return
        stream.seek(12)
        while len(head := stream.read(8)) == 8:
            length = int.from_bytes(head[4:], "little")
            held = size - stream.tell()
            if head[:4] == b"data" and held < length != UNKNOWN_LENGTH:
                raise InputError(
                    f"{file.name} is cut short: its header promises {length:,} bytes of samples, but it "
                    f"holds {held:,}; copy or record it again."
                )
            stream.seek(length + length % 2, 1)
