"""Photographs with Gaussian noise of σ = 25: training for a given time, and PSNR on a folder of images."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from narrows.core.records import Batch, Domain
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.filters import FILTERS, filtered
from narrows.evaluation.image_quality import psnr, ssim
from narrows.fitting.choices import resolve
from narrows.model.build import build
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.tasks.restoration.tiling import tiled
from narrows.training.batches import Rows
from narrows.training.history import Epoch
from narrows.training.loop import train_epoch
from narrows.training.options import Training
from narrows.training.state import State

SIGMA = 25 / 255
STEPS = 20
"""Training steps whose time is measured."""


def tell(epoch: Epoch) -> None:
    if epoch.number % 10 == 1 or epoch.number == epoch.epochs:
        total = epoch.validation["total"]
        print(
            f"epoch {epoch.number}/{epoch.epochs}: validation {total:.3f}, {epoch.left:.0f} s left",
            flush=True,
        )


def epochs_for(seconds: float, data: Data, recipe: str, changes: dict[str, Any], device: str) -> int:
    """How many epochs take `seconds`, from the time of `STEPS` steps."""
    values = data.schema.arrange(data.array)
    spec, training = resolve(recipe, data, data.schema.choose(values), None, changes)
    how = Training(**{**training, "epochs": 1, "schedule": "constant", "learning_rate": 1e-5})
    assert how.batch_size is not None
    rows = Rows(
        values[: STEPS * how.batch_size].astype(np.float32) / values.max(), torch.nn.Identity(), device
    )
    state = State(build(spec, Domain(data.schema.model_shape)).to(device), rows, how)
    for _ in range(2):
        start = time.perf_counter()
        train_epoch(state, rows, 0)
    patch = (time.perf_counter() - start) / len(rows)
    # A fifth of the images is for validation; validating a patch takes a third of the time of training on it.
    return max(1, int(seconds / (patch * len(data) * (0.8 + 0.2 / 3))))


def noisy_images(folder: Path) -> Iterator[tuple[Array, Array]]:
    """The images in `folder` from 0 to 1, `(1, height, width)`, and the same with noise, not clipped."""
    rng = np.random.default_rng(0)
    for file in sorted(folder.glob("*.png")):
        clean = (np.asarray(Image.open(file).convert("L"), dtype=np.float32) / 255)[None]
        yield clean, (clean + SIGMA * rng.standard_normal(clean.shape)).astype(np.float32)


def test(run: Run, folder: Path) -> dict[str, Any]:
    """Mean PSNR and SSIM over the images in `folder`, of the model and of the filters."""
    rows: list[dict[str, float]] = []
    seconds = 0.0
    for clean, noisy in noisy_images(folder):
        start = time.perf_counter()
        restored = restored_by(run, noisy)
        seconds += time.perf_counter() - start
        filters = {
            name: psnr(filtered(how, noisy, clean).clip(0, 1), clean, 1.0) for name, how in FILTERS.items()
        }
        ours = {"this model": psnr(restored, clean, 1.0), "ssim": ssim(restored[0], clean[0], 1.0)}
        rows.append({"noisy": psnr(noisy, clean, 1.0), **filters, **ours})
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    print(
        f"\n{folder.name}, {len(rows)} images, mean PSNR in dB (noise from seed 0, {seconds:.1f} s for ours)"
    )
    for name, value in means.items():
        print(f"  {name:<16} {value:.4f}" if name == "ssim" else f"  {name:<16} {value:.2f}", flush=True)
    return {"images": len(rows), "seconds": seconds, **means, "each": [row["this model"] for row in rows]}


def restored_by(run: Run, noisy: Array) -> Array:
    """`noisy (1, height, width)` restored, clipped to [0, 1]."""
    made = tiled(noisy, field_of(run), lambda tile: on_unit_scale(run, tile))
    return np.asarray(made.clip(0, 1))


def field_of(run: Run) -> Any:
    assert run.model.field is not None, "the network takes images of one size only"
    return run.model.field


def on_unit_scale(run: Run, tile: Array) -> Array:
    """The model's output for `tile (channels, height, width)`, both with 0 for black and 1 for white."""
    dtype = np.dtype(run.schema.dtype)
    white = 1 if dtype.kind == "f" else np.iinfo(dtype).max
    low, high = (float(run.scaling(torch.full((1, 1, 1, 1), level))) for level in (0.0, float(white)))
    with inference(run.model) as model:
        batch = Batch(low + (high - low) * torch.from_numpy(np.ascontiguousarray(tile))[None])
        restored: Array = model.reconstruct(batch)[0].numpy()
    return (restored - low) / (high - low)
