"""Denoising grey photographs without a clean image, σ = 25, beside filters: PSNR against training time.

    python benchmarks/self_supervised.py [--minutes 60] [--threads 2] [--corruption blind-spot|recorrupted]
                                         [--run RUN] [--out RUN] [--figure FILE.png]

The recipe `self-supervised` is given one noisy copy of each image of `denoise/train400.npz` in
`$NARROWS_DATA`, made once; noise is not clipped. Images 1 to 360 are for training and validation, the others
for the verdict. `recorrupted` also needs the strength of the noise, which is measured in the noisy images.
The test is on `denoise/bsd68`, with other noise; PSNR is computed per image, on results clipped to [0, 1],
and averaged. The filters run at the strength that is best given the clean image.

The share of hidden pixels, what replaces them and the network were chosen on images 377 to 400 of train400
with their clean values, by trainings of two minutes; no choice depends on BSD68. The learning rate is half of
that of `denoising`, with which a longer training diverged.

Exits with 1 if the mean PSNR is below 27.7 dB.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from photographs import SIGMA, epochs_for, noisy_images, restored_by, tell, test

from narrows.data.examples import Data
from narrows.data.readers import cut_array
from narrows.data.reading import Reading
from narrows.evaluation.image_quality import psnr
from narrows.evaluation.noise_estimation import estimate
from narrows.fitting.fit import fit
from narrows.report import documents
from narrows.runs.folder import finish_run, load_run
from narrows.runs.run import Run
from narrows.training.checkpoint import Checkpoint

CLAIM = 27.7
PUBLISHED = {"Noise2Void": "27.7 to 27.9", "N2V2": "28.3", "this package with clean images": "28.96"}
SNAPSHOTS = 12
"""Epochs whose weights are kept for the curve, about."""

PATCH, TRAINED = Reading(patch=64), 360


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="of training")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--corruption", choices=("blind-spot", "recorrupted"), default="blind-spot")
    parser.add_argument("--run", type=Path, help="a run to test instead of training one")
    parser.add_argument("--out", type=Path, default=Path("self-supervised.run"), help="the run's folder")
    parser.add_argument("--figure", type=Path, help="a picture of PSNR against training time")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    folder = Path(os.environ["NARROWS_DATA"]) / "denoise"
    run = load_run(given.run) if given.run else train(folder, given)
    print(run.metrics["verdict"]["sentence"])
    curve = curve_of(run, folder / "bsd68")
    for seconds, value in curve:
        print(f"  after {seconds / 60:5.1f} min of training {value:.2f} dB", flush=True)
    if given.figure:
        draw(curve, given.figure)
    found = test(run, folder / "bsd68")["this model"]
    print("published: " + ", ".join(f"{name} {value}" for name, value in PUBLISHED.items()))
    if found < CLAIM:
        sys.exit(f"{found:.2f} dB is below {CLAIM}")


def noisy_patches(folder: Path) -> Data:
    """Patches of the noisy images, with those of the last images as held-out part."""
    with np.load(folder / "train400.npz") as archive:
        clean = archive["images"].astype(np.float32) / 255
    noisy = (clean + SIGMA * np.random.default_rng(400).standard_normal(clean.shape)).astype(np.float32)
    trained, held_out = (cut_array(part, "train400", PATCH) for part in (noisy[:TRAINED], noisy[TRAINED:]))
    return replace(trained, test=held_out)


def train(folder: Path, given: argparse.Namespace) -> Run:
    """Train for as many epochs as take the given minutes, and save the run."""
    data = noisy_patches(folder)
    changes: dict[str, Any] = {"training": {}}
    if given.corruption == "recorrupted":
        changes |= {"corruption": recorrupted(data), "output": "residual"}
    epochs = epochs_for(60 * given.minutes, data, "self-supervised", changes, "cpu")
    changes["training"] = {"epochs": epochs, "snapshot_every": max(1, epochs // SNAPSHOTS)}
    print(f"{epochs} epochs of {len(data):,} patches, less the validation part", flush=True)
    with Checkpoint(given.out) as checkpoint:
        choices: dict[str, Any] = {"recipe": "self-supervised", "overrides": changes, "device": "cpu"}
        run = fit(data, **choices, on_epoch=tell, checkpoint=checkpoint)
        finish_run(run, checkpoint, documents(run))
    return run


def recorrupted(data: Data) -> dict[str, Any]:
    """The corruption for the strength of the noise that is measured in noisy images."""
    measured = estimate(data).strength
    print(
        f"standard deviation of the noise: measured {255 * measured:.2f}, true {255 * SIGMA:.2f}", flush=True
    )
    scaling = data.schema.choose(data.schema.arrange(data.array)).scaling
    levels = scaling(torch.tensor([0.0, measured]).reshape(2, 1, 1, 1)).flatten()
    return {"name": "recorrupted", "std": float(levels[1] - levels[0])}


def curve_of(run: Run, folder: Path) -> list[tuple[float, float]]:
    """Seconds of training and mean PSNR on the images in `folder`, for each epoch whose weights are kept."""
    pairs = list(noisy_images(folder))
    points = []
    for number, each in sorted(run.by_epoch.items()):
        values = [psnr(restored_by(each, noisy), clean, 1.0) for clean, noisy in pairs]
        points.append((float(run.history[number - 1]["seconds"]), float(np.mean(values))))
    return points


def draw(curve: list[tuple[float, float]], file: Path) -> None:
    """Write a picture of PSNR against training time."""
    from matplotlib.figure import Figure

    figure = Figure((6, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="training time in minutes", ylabel="mean PSNR on BSD68 in dB")
    minutes, values = np.array(curve).T
    axes.plot(minutes / 60, values, marker="o")
    axes.axhline(CLAIM, linestyle="--", color="grey", label=f"{CLAIM} dB")
    axes.legend()
    figure.savefig(file)


if __name__ == "__main__":
    main()
