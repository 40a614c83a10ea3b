"""Image restoration by recipes, compared with methods without learning: mean PSNR on test images.

    python benchmarks/restoration.py [NAME…] [--out FOLDER]

Data are read from `$NARROWS_DATA`. Each model is trained on one thread; a strip of its images and the
table as JSON are written to the folder. The methods without learning get more information than the
models: which pixels were changed, and the mean of each channel.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.images.pictures import read_picture
from narrows.data.kinds import describe
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.data.windows import cut
from narrows.data.writers import write_picture
from narrows.fitting.fit import fit
from narrows.tasks.restoration.restore import RestorationQuality, Restorer

ROOT = Path(os.environ.get("NARROWS_DATA", "data"))
SIDE = 60
"""Of the patches that the models for BSD68 are trained on."""


class Task(NamedTuple):
    """A task: the training data with their test part, the recipe, and changes to it."""

    data: Callable[[], Data]
    recipe: str
    changes: dict[str, Any]


def images(values: Array, test: Array, name: str) -> Data:
    schema = describe(values, "images")
    return Data(InMemory(values), schema, name, test=Data(InMemory(test), schema, name))


def fashion() -> Data:
    data = load("fashion-mnist")
    assert data.test is not None
    chosen = data.rows(np.arange(5000))
    return replace(chosen, test=data.test.rows(np.arange(300)))


def faces() -> Data:
    """Frames of a film; the last fifth is the test part, because random frames would have near-copies."""
    values = np.load(ROOT / "faces/freyfaces.npz")["images"]
    return images(values[:1572], values[1572:], "frey-faces")


def colours() -> Data:
    values = np.load(ROOT / "cifar10_subset/cifar10_subset_2000.npz")["images"]
    return images(values[:1800], values[1800:], "cifar10-subset")


def natural() -> Data:
    """Every third patch of 400 photographs; the test part is every twelfth patch of 68 others."""
    data = read(f"{ROOT}/denoise/train400.npz::images", Reading("images", patch=SIDE))
    data = data.rows(np.arange(0, len(data), 3))
    files = sorted((ROOT / "denoise/bsd68").glob("*.png"))
    pixels = [read_picture(file).pixels for file in files]
    test = cut(pixels, [file.name for file in files], ["L"] * len(files), SIDE)[0][::12]
    return replace(data, name="bsd68", test=Data(InMemory(test), data.schema, "bsd68"))


TASKS = {
    "colouring, cifar10-subset": Task(colours, "colouring", {"training": {"epochs": 30}}),
    "watermark, fashion-mnist": Task(fashion, "watermark-removal", {"training": {"epochs": 6}}),
    "watermark, bsd68": Task(natural, "watermark-removal", {"training": {"epochs": 60}}),
    "x2, fashion-mnist": Task(fashion, "super-resolution", {"training": {"epochs": 4}}),
    "x2, bsd68": Task(natural, "super-resolution", {"training": {"epochs": 4}}),
    "inpainting, frey-faces": Task(faces, "inpainting", {"training": {"epochs": 60, "learning_rate": 1e-3}}),
}


def measure(name: str, task: Task, out: Path) -> dict[str, Any]:
    """Train, restore the test images, and write the strip."""
    data = task.data()
    assert data.test is not None
    start = time.perf_counter()
    run = fit(data, recipe=task.recipe, overrides=task.changes)
    seconds = run.history[-1]["seconds"]
    restorer = Restorer(run, damage=True)
    quality = RestorationQuality(restorer)
    order = np.random.default_rng(0).permutation(len(data.test.array))  # the strip shows the first
    for i in order:
        quality.add(restorer.restore(data.test.array[i], number=int(i)), data.test.array[i])
    write_picture(quality.strip(), out / f"{name.replace(', ', '-')}.png")
    timing = {"n": len(order), "training_seconds": seconds, "seconds": time.perf_counter() - start}
    return {"task": name, **quality.record(), **timing, "verdict": run.metrics["verdict"]["sentence"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(TASKS)}; all if none is given")
    parser.add_argument("--out", type=Path, default=Path("runs/restoration"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    records = []
    for name, task in TASKS.items():
        if given.names and name not in given.names:
            continue
        record = measure(name, task, given.out)
        records.append(record)
        others = {"damaged": record["damaged_psnr"], **record["yardsticks"]}
        beside = ", ".join(f"{method} {value:.2f}" for method, value in others.items())
        print(
            f"{name} ({record['n']} images): {record['psnr']:.2f} dB, SSIM {record['ssim']:.3f}; {beside} "
            f"({record['training_seconds']:.0f} s of training)",
            flush=True,
        )
    record = {"machine": platform.processor() or platform.machine(), "torch": torch.__version__}
    (given.out / "restoration.json").write_text(json.dumps({**record, "rows": records}, indent=1))


if __name__ == "__main__":
    main()
