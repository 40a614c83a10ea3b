"""Denoising grey photographs with Gaussian noise of σ = 25, compared with filters and published methods.

    python benchmarks/denoising.py [--minutes 70] [--threads 2] [--device cpu] [--out FILE.json]

Trains the recipe `denoising` on patches of `denoise/train400.npz` in `$NARROWS_DATA` and tests on
`denoise/set12` and `denoise/bsd68`; no choice depends on these. Noise is added to values in [0, 1] and
not clipped, the same noise for all methods. PSNR is computed per image, on results clipped to [0, 1], and
averaged. The filters run at the strength that is best given the clean image. A 16-bit image of 2048×2048
pixels is denoised in tiles and as a whole, and by the command line, whose time and memory are measured.
Exits with 1 if the mean PSNR on BSD68 is below 29.0 dB, which 70 minutes on one core reach with fixed noise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from photographs import SIGMA, epochs_for, field_of, on_unit_scale, tell, test
from PIL import Image

from narrows.data.readers import cut_array, read
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import denoise
from narrows.tasks.restoration.tiling import tiled

PUBLISHED = {"BM3D": 28.57, "TNRD": 28.92, "DnCNN-S": 29.23, "DRUNet": 29.48}
SOURCE = "mean PSNR on BSD68 at σ = 25 as published by Zhang et al. in the READMEs of DnCNN and KAIR"
CLAIMED = 29.0
"""Mean PSNR in dB on BSD68."""

NOISES: dict[str, dict[str, float]] = {"fixed": {"std": SIGMA, "std_low": SIGMA}, "range": {}}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=70.0, help="of training")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--noise", choices=NOISES, default="fixed", help="σ = 25 alone, or the recipe's range"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="PART.OPTION=JSON")
    parser.add_argument("--sets", default="set12,bsd68", help="test sets; empty for none")
    parser.add_argument("--run", type=Path, help="a run to test instead of training one")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    folder = Path(os.environ["NARROWS_DATA"]) / "denoise"
    record: dict[str, Any] = {"machine": platform.machine(), "threads": given.threads, "device": given.device}
    run = load_run(given.run) if given.run else train(folder, given, record)
    for name in filter(None, given.sets.split(",")):
        record[name] = test(run, folder / name)
    print(f"{SOURCE}: " + ", ".join(f"{name} {value}" for name, value in PUBLISHED.items()))
    record["large"] = large(run, folder)
    if given.out:
        given.out.write_text(json.dumps(record, indent=1))
    if "bsd68" in record and record["bsd68"]["this model"] < CLAIMED:
        sys.exit(f"The mean PSNR on BSD68 is below {CLAIMED} dB.")


def train(folder: Path, given: argparse.Namespace, record: dict[str, Any]) -> Run:
    """Train the recipe for as many epochs as take the given minutes; saved next to `--out`."""
    patches = read(folder / "train400.npz::images", Reading(patch=64))
    data = replace(patches, test=read(folder / "bsd68", Reading(patch=64)))
    changes: dict[str, Any] = {"corruption": NOISES[given.noise], "training": {}}
    for change in given.set:
        key, _, value = change.partition("=")
        part, _, option = key.partition(".")
        changes.setdefault(part, {})[option] = json.loads(value)
    epochs = epochs_for(60 * given.minutes, data, "denoising", changes, given.device)
    changes["training"]["epochs"] = epochs
    print(f"{epochs} epochs of {len(data):,} patches, less the validation part", flush=True)
    start = time.perf_counter()
    run = fit(
        data, recipe="denoising", overrides=changes, seed=given.seed, device=given.device, on_epoch=tell
    )
    record["training"] = {
        "seconds": run.history[-1]["seconds"],
        "seconds_with_verdict": time.perf_counter() - start,
        "epochs": epochs,
        "spec": run.config["spec"],
        "options": run.config["training"],
        "verdict": run.metrics["verdict"]["sentence"],
    }
    print(f"trained in {run.history[-1]['seconds']:.0f} s. {run.metrics['verdict']['sentence']}", flush=True)
    if given.out:
        save_run(run, given.out.with_suffix(".run"))
    return run


def large(run: Run, folder: Path) -> dict[str, Any]:
    """A noisy 16-bit image of 2048×2048: tiles compared with the whole, and the verb's time and memory."""
    deep = sixteen_bits(run, folder)
    image = mosaic(folder / "set12", 2048)
    x = (image / 65535).astype(np.float32)[None]
    whole = on_unit_scale(deep, x)
    difference = float(np.abs(whole - tiled(x, field_of(deep), lambda tile: on_unit_scale(deep, tile))).max())
    start = time.perf_counter()
    assert denoise(deep, image).dtype == np.uint16
    seconds = (time.perf_counter() - start) / (image.size / 1e6)
    memory = {side: verb_memory(deep, image[:side, :side]) for side in (64, 1024, 2048)}
    measured = {"difference": difference, "seconds_per_megapixel": seconds, "peak_mebibytes": memory}
    print(f"\n2048×2048, 16 bits: tiled and whole differ by at most {difference:.1e} of the range")
    print(f"  {seconds:.2f} s per megapixel; the verb's peak memory by side of the image, in MiB: {memory}")
    return measured


def sixteen_bits(run: Run, folder: Path) -> Run:
    """The run adapted to 16-bit images: its weights, and one epoch on a few images."""
    with np.load(folder / "train400.npz") as archive:
        images = archive["images"][:40].astype(np.uint16) * 257
    images[0, 0, :2] = 0, 65535
    data = cut_array(images, "deep", Reading(patch=64))
    spec = {part: options for part, options in run.config["spec"].items() if part in ("encoder", "decoder")}
    gentle = {"epochs": 1, "learning_rate": 1e-6, "schedule": "constant"}
    return fit(data, recipe="denoising", overrides={**spec, "training": gentle}, start=run)


def mosaic(folder: Path, side: int) -> Array:
    """Noisy photographs side by side, as 16-bit integers."""
    files = sorted(folder.glob("*.png"))
    pieces = [np.asarray(Image.open(file).convert("L"), dtype=np.float64)[:256, :256] for file in files]
    n = side // 256
    clean = np.block([[pieces[(i * n + j) % len(pieces)] for j in range(n)] for i in range(n)]) / 255
    noisy = clean + SIGMA * np.random.default_rng(0).standard_normal(clean.shape)
    return np.asarray(np.rint(65535 * noisy.clip(0, 1)), dtype=np.uint16)


def verb_memory(run: Run, image: Array) -> int:
    """Peak memory of `narrows denoise` in MiB, including Python and torch; Linux only."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        save_run(run, folder / "run")
        Image.fromarray(image).save(folder / "noisy.png")
        # VmHWM is of this process alone; getrusage includes the process that started it.
        code = (
            "import sys, torch; torch.set_num_threads(int(sys.argv.pop(1)))\n"
            "from narrows.cli import main\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
        )
        words = ["denoise", str(folder / "run"), str(folder / "noisy.png"), "-o", str(folder / "clean.png")]
        done = subprocess.run(
            [sys.executable, "-c", code, str(torch.get_num_threads()), *words, "--quiet"],
            check=True,
            capture_output=True,
            text=True,
        )
        with Image.open(folder / "clean.png") as clean:
            assert (clean.size, clean.mode) == (image.shape[::-1], "I;16")
    return round(int(done.stdout.split()[-1]) / 2**10)


if __name__ == "__main__":
    main()
