"""Peak memory and rows per second for an array on disk, compared with one in memory.

Writes an `.npy` file of images with two blobs at random places, of the given size in gigabytes; fits one
epoch to it and encodes all of it, each in its own process. Then the same for a file that is small enough
to be read into memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIDE = 28
ROW = 4 * SIDE * SIDE
PART = 10_000


def make(file: Path, n: int) -> None:
    """`n` images of two blobs at random places, float32 in [0, 1]."""
    rng = np.random.default_rng(0)
    axis = np.arange(SIDE)
    header = {"descr": "<f4", "fortran_order": False, "shape": (n, SIDE, SIDE)}
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, n, PART):
            places = rng.uniform(4, SIDE - 4, (min(PART, n - start), 4, 1))
            bumps = np.exp(-(((axis - places) / 3) ** 2)).astype(np.float32)
            image = np.maximum(
                bumps[:, 0, :, None] * bumps[:, 1, None], bumps[:, 2, :, None] * bumps[:, 3, None]
            )
            stream.write(np.ascontiguousarray(image).data)


def measured(*words: str) -> tuple[str, float, float]:
    """The output of a `narrows` command, its seconds, and its peak memory in GB."""
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
    return text, time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e9


def row(folder: Path, name: str, n: int) -> dict[str, float | int | str]:
    """Measurements of a fit and an encoding of `n` images."""
    file, run = folder / f"{name}.npy", folder / f"{name}-run"
    make(file, n)
    text, fit_seconds, fit_peak = measured(
        "fit", str(file), "--epochs", "1", "--latent-dim", "8", "--out", str(run)
    )
    history = json.loads((run / "history.jsonl").read_text().splitlines()[0])
    fitted = json.loads(text)
    trained = json.loads((run / "config.json").read_text())["data"]["train"]
    codes = folder / f"{name}-codes.npy"
    _, encode_seconds, encode_peak = measured("encode", str(run), str(file), "-o", str(codes))
    assert np.load(codes, mmap_mode="r").shape == (n, 8)
    return {
        "data": name,
        "GB": round(n * ROW / 1e9, 2),
        "fit, s": round(fit_seconds, 1),
        "fit, peak GB": round(fit_peak, 2),
        "training, rows/s": round(trained / history["seconds"]),
        "encode, s": round(encode_seconds, 1),
        "encode, peak GB": round(encode_peak, 2),
        "encode, rows/s": round(n / encode_seconds),
        "of PCA's error": round(fitted["held_out"]["mse"] / fitted["held_out"]["pca_mse"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=6.0)
    parser.add_argument(
        "--folder", type=Path, help="where the files are written; default: a temporary folder"
    )
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        sizes = {"large": int(given.gigabytes * 1e9 / ROW), "small": int(0.9 * 2**30 / ROW)}
        rows = [row(Path(name), *size) for size in sizes.items()]
    for key in rows[0]:
        print(f"{key:>18}" + "".join(f"{measured[key]:>14}" for measured in rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
