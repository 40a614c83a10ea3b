"""How the time of an epoch and the memory of a training grow with the rows, and with the pixels of images.

Rows of 16 values, from 10⁴ to 10⁷, in memory and from disk; images of 28² to 256² pixels. Each training runs
in a process of its own with one thread. Prints a table and the slopes on logarithmic scales, draws them, and
computes what 10⁹ rows would need. Ends with 1 if time grows faster than with the power 1.1, or memory from
disk by more than row numbers take: 32 bytes a row, whatever the size of a row, from 3·10⁶ rows to 10⁷. (Below
2·10⁶ rows of this size the sample of 128 MiB that stands for all rows is not full, and memory grows with it.)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROWS, VALUES = (10**4, 10**5, 10**6, 3 * 10**6, 10**7), 16
SIDES, IMAGES = (28, 64, 128, 256), 192
STEEPEST, ROW_NUMBERS = 1.1, 32
LARGE_N = 10**9
MLP = {"encoder": {"name": "mlp", "widths": [32]}, "training": {"batch_size": 4096}}
CONV = {"encoder": "conv", "training": {"batch_size": 16}}


def make_rows(file: Path, n: int) -> None:
    """`n` rows on a bent surface of 3 dimensions, with noise."""
    rng = np.random.default_rng(0)
    mix = rng.standard_normal((3, VALUES)).astype("f4")
    out = np.lib.format.open_memmap(file, "w+", "f4", (n, VALUES))
    for first in range(0, n, 10**5):
        some = out[first : first + 10**5]
        some[:] = np.sin(rng.standard_normal((len(some), 3), "f4") @ mix)
        some += 0.1 * rng.standard_normal(some.shape, "f4")
    out.flush()


def make_images(file: Path, side: int) -> None:
    """Images of one blob each at a random place."""
    rng = np.random.default_rng(0)
    axis = np.arange(side, dtype="f4") / side
    x, y = rng.uniform(0.2, 0.8, (2, IMAGES, 1)).astype("f4")
    bumps = [np.exp(-(((axis - place) / 0.1) ** 2)) for place in (x, y)]
    np.save(file, (255 * bumps[0][:, :, None] * bumps[1][:, None]).astype("u1"))


def train(file: str, epochs: int, on_disk: bool, changes: dict[str, Any]) -> dict[str, float]:
    """The median seconds of an epoch of a training on `file`, and the peak memory in bytes of the process."""
    from narrows.core.memory import peak_memory
    from narrows.data.readers import read
    from narrows.data.sources import on_disk as storage
    from narrows.fitting.choices import choose
    from narrows.fitting.fit import initial_model, training_rows, validation_rows
    from narrows.fitting.parts import split_data
    from narrows.training.loop import learn

    storage.LARGE = 1 if on_disk else 2**40
    parts = split_data(read(file), 0)
    how = {**changes, "training": {**changes["training"], "epochs": epochs}}
    plan = choose(parts, "autoencoder", 3, how, {}, "cpu")
    objective = initial_model(parts, plan, None)
    learned = learn(objective, training_rows(parts, plan), validation_rows(parts, plan), plan.training)
    ends = np.array([epoch["seconds"] for epoch in learned.history])
    return {"seconds": float(np.median(np.diff(ends))), "memory": float(peak_memory() or 0)}


def measured(*call: Any) -> dict[str, float]:
    """`train` in a process of its own."""
    words = [sys.executable, __file__, "--call", json.dumps(call)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(words, env=alone, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def slope(sizes: Any, values: list[float]) -> float:
    """That of a line through all points on logarithmic scales."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def rows_series(folder: Path, most: int) -> dict[str, list[dict[str, float]]]:
    series: dict[str, list[dict[str, float]]] = {"in memory": [], "from disk": []}
    for n in (n for n in ROWS if n <= most):
        file = folder / f"rows-{n}.npy"
        make_rows(file, n)
        for name, found in series.items():
            epochs = max(3, min(30, 2 * 10**5 // n))
            found.append({"n": n, **measured(str(file), epochs, name == "from disk", MLP)})
            told(f"{n:>11,} rows {name}", found[-1])
        file.unlink()
    return series


def images_series(folder: Path) -> list[dict[str, float]]:
    found = []
    for side in SIDES:
        file = folder / f"images-{side}.npy"
        make_images(file, side)
        found.append({"n": side**2, **measured(str(file), 3, False, CONV)})
        told(f"{IMAGES} images {side}x{side}", found[-1])
        file.unlink()
    return found


def told(what: str, found: dict[str, float]) -> None:
    print(f"{what:<32} {found['seconds']:9.3f} s an epoch {found['memory'] / 1e6:8.0f} MB", flush=True)


def per_row(series: list[dict[str, float]]) -> float:
    """The bytes by which memory grows for each row, between the last two of a series."""
    first, last = series[-2:]
    return (last["memory"] - first["memory"]) / (last["n"] - first["n"])


def column(series: list[dict[str, float]], name: str) -> list[float]:
    return [each[name] for each in series]


def needed(series: list[dict[str, float]]) -> str:
    """What a training on `LARGE_N` such rows from disk would need."""
    last = series[-1]
    hours = last["seconds"] / last["n"] * LARGE_N / 3600
    memory = last["memory"] + per_row(series) * (LARGE_N - last["n"])
    return (
        f"Computed for {LARGE_N:,} rows of {VALUES} values: {4 * VALUES * LARGE_N / 1e9:.0f} GB of disk, "
        f"{memory / 1e9:.1f} GB of memory for each process, mostly row numbers, and {hours:.1f} hours for an "
        f"epoch on one core ({hours / 16:.2f} on 16, if each does as much)."
    )


def draw(series: dict[str, list[dict[str, float]]], images: list[dict[str, float]], out: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    seconds, memory, pixels = figure.subplots(1, 3)
    for name, found in series.items():
        seconds.loglog(column(found, "n"), column(found, "seconds"), "o-", label=name)
        memory.loglog(column(found, "n"), [m / 1e6 for m in column(found, "memory")], "o-", label=name)
    pixels.loglog(column(images, "n"), column(images, "seconds"), "o-", color="C2")
    for axes, (x, y) in (
        (seconds, ("rows", "seconds of an epoch")),
        (memory, ("rows", "peak memory, MB")),
        (pixels, (f"pixels of {IMAGES} images", "seconds of an epoch")),
    ):
        axes.set(xlabel=x, ylabel=y)
        axes.grid(alpha=0.3)
    seconds.legend(frameon=False)
    figure.savefig(out, dpi=150)


def claims(series: dict[str, list[dict[str, float]]], images: list[dict[str, float]]) -> list[bool]:
    """Print the slopes, and whether each is as it should be."""
    kept = []
    for name, found in {**series, "images": images}.items():
        steep = slope(column(found, "n"), column(found, "seconds"))
        kept.append(steep <= STEEPEST)
        print(f"time, {name}: power {steep:.2f} of the size (at most {STEEPEST})")
    grows = per_row(series["from disk"])
    kept.append(grows <= ROW_NUMBERS)
    print(f"memory from disk: {grows:.1f} bytes a row (at most {ROW_NUMBERS}); a row has {4 * VALUES}")
    print(f"memory in memory: {per_row(series['in memory']):.1f} bytes a row")
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=ROWS[-1], help="rows, at the most")
    parser.add_argument("--out", type=Path, default=Path("growth.png"))
    parser.add_argument("--call", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.call:
        print(json.dumps(train(*json.loads(options.call))))
        return
    with tempfile.TemporaryDirectory() as folder:
        series, images = rows_series(Path(folder), options.most), images_series(Path(folder))
    draw(series, images, options.out)
    options.out.with_suffix(".json").write_text(json.dumps({**series, "images": images}, indent=1))
    kept = claims(series, images)
    print(needed(series["from disk"]))
    raise SystemExit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
