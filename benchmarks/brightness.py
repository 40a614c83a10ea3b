"""Images brighter than the training data, denoised: the error beside that of the noisy images.

    python benchmarks/brightness.py [--epochs 25] [--images 12] [--run RUN] [--out FILE.json]

Trains the recipe `denoising` on crops of the first of 400 grey photographs, `denoise/train400.npz` in
`$NARROWS_DATA`; `denoise/set12` is the test. They are multiplied by 1, 2 and 4, as floats from 0 to 1. The
standard deviation of the noise is 0.05 or 0.1 of the range of the training ("stays"), or of that times the
factor ("grows"). The way of denoising bright images was chosen on photographs 300 to 303, the square of its
share on the last ten, and judged on set12. Ends with 1 if the denoised ones are worse than the noisy ones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from narrows.data.readers import cut_array
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import denoise

TRAINED = 120
TIMES = (1, 2, 4)
STDS = (0.05, 0.1)
SMALL = {"encoder": {"widths": [24], "blocks": 3}}
"""A network that is trained in minutes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--images", type=int, default=12, help="of the test, the first ones")
    parser.add_argument("--run", type=Path, help="a run to test instead of training one")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    folder = Path(os.environ["NARROWS_DATA"]) / "denoise"
    run = load_run(given.run) if given.run else train(folder, given.epochs)
    files = sorted((folder / "set12").glob("*.png"))[: given.images]
    images = [np.asarray(Image.open(file).convert("L")) for file in files]
    rows = [
        measured(run, images, times, std, grows=grows)
        for std in STDS
        for grows in (True, False)
        for times in TIMES
    ]
    print("root mean square error, of the range of the training")
    print(f"{'noise':>6} {'of it':>6} {'times':>6} {'noisy':>8} {'denoised':>9}")
    for row in rows:
        how = "grows" if row["grows"] else "stays"
        print(f"{row['std']:6.2f} {how:>6} {row['times']:6g} {row['noisy']:8.4f} {row['denoised']:9.4f}")
    if given.out:
        given.out.write_text(json.dumps(rows, indent=1))
    sys.exit(any(row["denoised"] > row["noisy"] for row in rows))


def train(folder: Path, epochs: int) -> Run:
    with np.load(folder / "train400.npz") as archive:
        images = archive["images"][:TRAINED]
    data = cut_array(images, "photographs", Reading(patch=64))
    return fit(data, recipe="denoising", overrides={**SMALL, "training": {"epochs": epochs}})


def measured(run: Run, images: Sequence[Array], times: int, std: float, *, grows: bool) -> dict[str, float]:
    """The mean error over `images`, of which each is multiplied by `times`, noisy and denoised."""
    rng = np.random.default_rng(0)
    errors = []
    for image in images:
        clean = times * image.astype(np.float32) / 255
        noise = std * (times if grows else 1) * rng.standard_normal(clean.shape)
        noisy = (clean + noise).astype(np.float32)
        errors.append([float(np.sqrt(((x - clean) ** 2).mean())) for x in (noisy, denoise(run, noisy))])
    noisy_error, error = np.mean(errors, axis=0).tolist()
    return {"std": std, "grows": grows, "times": times, "noisy": noisy_error, "denoised": error}


if __name__ == "__main__":
    main()
