"""Seconds per gigabyte and peak memory for a scan of patterns in an HDF5 and in a Zarr file.

Writes a scan of diffraction patterns of Poisson counts (uint16) of the given size, as HDF5 in chunks of a few
patterns of a line, as detectors write them, and as Zarr in chunks of 8x8 places; fits one epoch to each,
encodes all of it and draws its maps, each in its own process. Beside it stands the time that the format's own
library takes to read all chunks. Seconds are those of the processor, so that other work on the machine does
not count; those on the clock stand beside. Options behind `--` go to `narrows fit`, as `-- --recipe linear`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

COUNTS, DRAWS, TILTS = 3.0, 4, 64
"""The mean counts of a pixel, and how many patterns there are: draws of each of several tilts."""


def patterns(side: int) -> np.ndarray:
    """Patterns of discs that move with the tilt, `(TILTS, DRAWS, side, side)`."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side - 0.5
    made = np.empty((TILTS, DRAWS, side, side), np.uint16)
    for tilt in range(TILTS):
        turn, shift = 0.5 * tilt / TILTS, 0.05 * math.sin(2 * math.pi * tilt / TILTS)
        mean = np.full((side, side), 0.3)
        for i, j in np.ndindex(5, 5):
            a, b = (i - 2) * 0.18, (j - 2) * 0.18
            u, v = a * math.cos(turn) - b * math.sin(turn), a * math.sin(turn) + b * math.cos(turn)
            strength = math.exp(-8 * ((u - shift) ** 2 + (v + shift) ** 2))
            mean += 20 * COUNTS * strength * ((y - u) ** 2 + (x - v) ** 2 < 0.06**2)
        made[tilt] = rng.poisson(mean, (DRAWS, side, side))
    return made


def tilts(places: int) -> np.ndarray:
    """The number of the tilt at each place of the scan, which varies slowly: `(places, places)`."""
    y, x = np.mgrid[:places, :places] / places
    wave = np.sin(7 * y + 3 * np.sin(5 * x)) + np.cos(9 * x - 2 * y)
    return ((wave - wave.min()) / np.ptp(wave) * (TILTS - 1)).astype(np.intp)


def fill(array: Any, made: np.ndarray, lines: int) -> None:
    """Write the scan to a data set, so many lines at a time."""
    rng = np.random.default_rng(1)
    places = array.shape[0]
    tilt = tilts(places)
    for first in range(0, places, lines):
        for left in range(0, places, 32):
            part = tilt[first : first + lines, left : left + 32]
            block = made[part, rng.integers(0, DRAWS, part.shape)]
            array[first : first + lines, left : left + 32] = block


def write_hdf5(file: Path, shape: tuple[int, ...], made: np.ndarray) -> tuple[int, ...]:
    """The scan with its axes as NeXus has them, in chunks of a few patterns of a line."""
    import h5py

    chunks = (1, min(shape[1], 8), *shape[2:])
    with h5py.File(file, "w") as out:
        group = out.create_group("entry/data")
        group.attrs["signal"], group.attrs["axes"] = "counts", ["y", "x", "ky", "kx"]
        array = group.create_dataset("counts", shape, "u2", chunks=chunks)
        for name, size in zip(("y", "x", "ky", "kx"), shape, strict=True):
            group[name] = 0.5 * np.arange(size)
            group[name].attrs["units"] = "1/nm" if name.startswith("k") else "nm"
        fill(array, made, 1)
    return chunks


def write_zarr(file: Path, shape: tuple[int, ...], made: np.ndarray) -> tuple[int, ...]:
    """The scan in chunks of 8x8 places, whose bits are shuffled and compressed by LZ4."""
    import zarr
    from zarr.codecs import BloscCodec

    chunks = (min(shape[0], 8), min(shape[1], 8), *shape[2:])
    names = ["y", "x", "ky", "kx"]
    array = zarr.create_array(
        file,
        shape=shape,
        chunks=chunks,
        dtype="u2",
        dimension_names=names,
        compressors=BloscCodec(cname="lz4", shuffle="bitshuffle"),
    )
    fill(array, made, 8)
    return chunks


def read_hdf5(file: Path, chunks: tuple[int, ...]) -> None:
    """All chunks, one after the other, by h5py."""
    import h5py

    with h5py.File(file) as opened:
        read_chunks(opened["entry/data/counts"], chunks)


def read_zarr(file: Path, chunks: tuple[int, ...]) -> None:
    """All chunks, one after the other, by zarr."""
    import zarr

    read_chunks(zarr.open_array(file, mode="r"), chunks)


def read_chunks(array: Any, chunks: tuple[int, ...]) -> None:
    for place in np.ndindex(*(-(-size // part) for size, part in zip(array.shape, chunks, strict=True))):
        ends = (slice(i * part, (i + 1) * part) for i, part in zip(place, chunks, strict=True))
        np.asarray(array[tuple(ends)])


FORMATS: dict[str, tuple[str, Callable[..., tuple[int, ...]], Callable[..., None]]] = {
    "HDF5": ("scan.h5", write_hdf5, read_hdf5),
    "Zarr": ("scan.zarr", write_zarr, read_zarr),
}
"""By name the file, the function that writes it, and the one that reads all of it."""


class Measured(NamedTuple):
    """The output of a command, its seconds of the processor and on the clock, and its peak memory in GB."""

    text: str
    seconds: float
    clock: float
    peak: float


def measured(*words: str) -> Measured:
    """A `narrows` command in a process of its own."""
    start = time.perf_counter()
    code = "from narrows.cli import main; main()"
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([sys.executable, "-c", code, *words, "--json", "--quiet"], stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if child.returncode:
        raise SystemExit(text)
    used = usage.ru_utime + usage.ru_stime
    return Measured(text, used, time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e9)


def row(folder: Path, name: str, shape: tuple[int, ...], options: list[str]) -> dict[str, Any]:
    """Measurements of a format; its file is deleted at the end."""
    file, write, read = FORMATS[name]
    path, run, codes = folder / file, folder / f"{name}-run", folder / f"{name}.npy"
    gigabytes = math.prod(shape) * 2 / 1e9
    chunks = write(path, shape, patterns(shape[2]))
    start, clock = time.process_time(), time.perf_counter()
    read(path, chunks)
    bare, bare_clock = time.process_time() - start, time.perf_counter() - clock
    words = ("--epochs", "1", "--latent-dim", "8", "--out", str(run), *options)
    fitted = measured("fit", str(path), *words)
    history = json.loads((run / "history.jsonl").read_text().splitlines()[0])
    encoded = measured("encode", str(run), str(path), "-o", str(codes))
    mapped = measured("maps", str(run), str(path), "-o", str(folder / f"{name}-maps"))
    assert np.load(codes, mmap_mode="r").shape == (shape[0] * shape[1], 8)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    judged = json.loads(fitted.text)["held_out"]
    return {
        "format": name,
        "chunks": "x".join(map(str, chunks)),
        "GB": round(gigabytes, 2),
        "bare read, s/GB": round(bare / gigabytes, 2),
        "on the clock": round(bare_clock / gigabytes, 2),
        "fit, s/GB": round(fitted.seconds / gigabytes, 2),
        "fit, on the clock": round(fitted.clock / gigabytes, 2),
        "epoch, on the clock": round(history["seconds"] / gigabytes, 2),
        "fit, peak GB": round(fitted.peak, 2),
        "encode, s/GB": round(encoded.seconds / gigabytes, 2),
        "encode, on the clock": round(encoded.clock / gigabytes, 2),
        "encode, peak GB": round(encoded.peak, 2),
        "maps, s/GB": round(mapped.seconds / gigabytes, 2),
        "maps, on the clock": round(mapped.clock / gigabytes, 2),
        "maps, peak GB": round(mapped.peak, 2),
        "of PCA's error": round(judged["mse"] / judged["pca_mse"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--detector", type=int, default=64, help="height and width of a pattern")
    parser.add_argument("--format", choices=FORMATS, nargs="*", default=list(FORMATS))
    parser.add_argument("--folder", type=Path, help="for the files; default: a temporary folder")
    parser.add_argument("options", nargs="*", help="of narrows fit, behind --")
    given = parser.parse_args()
    places = max(32, round(math.sqrt(given.gigabytes * 1e9 / 2 / given.detector**2) / 8) * 8)
    shape = (places, places, given.detector, given.detector)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        rows = [row(Path(name), each, shape, given.options) for each in given.format]
    for key in rows[0]:
        print(f"{key:>22}" + "".join(f"{each[key]:>18}" for each in rows))


if __name__ == "__main__":
    main()
