"""Bytes at a PSNR: the recipe `compression` beside JPEG, WebP and AVIF mosaics and codes of PCA.

    python benchmarks/lossy_compression.py [--sets mnist,fashion-mnist,bsd68] [--epochs N] [--runs FOLDER]
        [--psnrs 28,32,36] [--without WebP] [--out FOLDER]

MNIST and Fashion-MNIST: a model of 24,000 of the training images, judged on the 10,000 test images. BSD68: a
model of patches of 64×64 of the images in `denoise/train400.npz`, judged on all 2,380 whole patches of BSD68.
Codes of PCA are all components, under the same coder; PCA is fitted to the same images, for BSD68 to 6,000
random patches.

A size is that of the whole file with its header. The file of some images is decoded from its bytes, and its
PSNR measured again. A run in FOLDER is used, else one is fitted, in float32, and kept there: about three
minutes each for the first two sets, half an hour for photographs. The network, the training and the rule by
which coefficients are rounded were chosen on 50 of the 400 photographs.

The claim: at each PSNR and on each set fewer bytes than JPEG, WebP and codes of PCA. Exits with 1 if not.
AVIF is shown beside them, and nothing is claimed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.readers import as_data, cut_array
from narrows.data.reading import Reading
from narrows.data.sources import InMemory
from narrows.evaluation.lossy_codecs import Pixels, decibels
from narrows.fitting.fit import fit
from narrows.report.rate_distortion import render_curve
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.compression.container import from_bytes, to_bytes
from narrows.tasks.compression.curve import OURS, PCA, Curve, curve
from narrows.tasks.compression.quantised import pack, unpack
from narrows.tasks.compression.wishes import Wish

TRAINED = 24_000
"""Training images of MNIST and Fashion-MNIST."""

SIDE = 64
"""Of a patch."""

PATCHES = 6_000
"""That PCA is fitted to."""


BEATEN = ("JPEG", "WebP", PCA)
"""The methods that are claimed to need more bytes."""

DECODED = 500
"""Images whose file is decoded again."""


class Case(NamedTuple):
    """A set of images.

    Attributes:
        data: that the model is fitted to.
        known: that PCA is fitted to.
        test: that is compressed.
        training: options of the training.
    """

    data: Data
    known: Pixels
    test: Pixels
    training: dict[str, Any]


def of_set(name: str) -> Case:
    """A set with an official test part."""
    data = load(name)
    assert data.test is not None
    known = data.array[np.random.default_rng(0).permutation(len(data.array))[:TRAINED]]
    return Case(as_data(known), known, data.test.array, {"epochs": 6, "batch_size": 64})


def of_photographs(_: str) -> Case:
    """Patches of photographs."""
    folder = Path(os.environ["NARROWS_DATA"]) / "denoise"
    with np.load(folder / "train400.npz") as archive:
        images = archive[archive.files[0]]
    files = sorted((folder / "bsd68").glob("*.png"))
    test = np.concatenate([whole_patches(np.asarray(Image.open(file).convert("L"))) for file in files])
    data = cut_array(InMemory(images), "train400", Reading(patch=SIDE))
    return Case(data, random_patches(images), test, {"epochs": 140, "turns": True})


CASES = {"mnist": of_set, "fashion-mnist": of_set, "bsd68": of_photographs}


def whole_patches(image: Pixels) -> Pixels:
    """The patches of an image side by side, without the rest at its right and lower edge."""
    down, across = (side // SIDE for side in image.shape)
    cut = image[: down * SIDE, : across * SIDE].reshape(down, SIDE, across, SIDE)
    return cut.swapaxes(1, 2).reshape(-1, SIDE, SIDE)


def random_patches(images: Pixels) -> Pixels:
    """`PATCHES` patches at random places of `images (n, height, width)`."""
    rng = np.random.default_rng(0)
    which = rng.integers(len(images), size=PATCHES)
    rows, columns = (rng.integers(side - SIDE + 1, size=PATCHES) for side in images.shape[1:])
    return np.stack(
        [images[i, a : a + SIDE, b : b + SIDE] for i, a, b in zip(which, rows, columns, strict=True)]
    )


def fitted(name: str, case: Case, folder: Path, epochs: int | None) -> Run:
    """The run of a set in `folder`, which is fitted if there is none."""
    if (folder / name).exists():
        return load_run(folder / name)
    training = {**case.training, **({"epochs": epochs} if epochs else {})}
    run = fit(case.data, recipe="compression", overrides={"training": training}, engine="plain")
    save_run(run, folder / name, {})
    return run


def check(run: Run, test: Pixels, psnr: float) -> None:
    """The bytes of a file of some images give the PSNR that was asked for."""
    some = test[:DECODED]
    made = to_bytes(pack(run, some, Wish(psnr=psnr)).container)
    (found,) = unpack(run, from_bytes(made, "file"), "file").arrays
    assert decibels(found, some) >= psnr


def shown(name: str, found: Curve) -> bool:
    """Print the sizes of a set; whether ours are smaller than those of all that are `BEATEN`."""
    smallest = True
    for psnr in found.points[OURS]:
        made = {method: points[psnr] for method, points in found.points.items()}
        sizes = {method: float("inf") if each is None else each.size for method, each in made.items()}
        ours = sizes.pop(OURS)
        smallest &= ours < min(sizes[method] for method in BEATEN if method in sizes)
        cells = "  ".join(f"{method} {size:>11,.0f} ({ours / size:.3f})" for method, size in sizes.items())
        print(f"{name:14} {psnr:g} dB  {OURS} {ours:>11,.0f}  {cells}", flush=True)
    return smallest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(CASES))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--runs", type=Path, default=Path("runs/lossy-compression"))
    parser.add_argument("--psnrs", default="28,32,36")
    parser.add_argument("--without", default="")
    parser.add_argument("--out", type=Path, help="a folder for a page and a JSON file of each set")
    options = parser.parse_args()
    psnrs, without = [float(text) for text in options.psnrs.split(",")], options.without.split(",")
    held = True
    for name in options.sets.split(","):
        case = CASES[name](name)
        run = fitted(name, case, options.runs, options.epochs)
        check(run, case.test, psnrs[0])
        found = curve(run, case.test, psnrs, train=case.known, without=without)
        held &= shown(name, found)
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"{name}.html").write_text(render_curve(found, name, "pixel"), "utf-8")
            (options.out / f"{name}.json").write_text(json.dumps(found.to_json()), "utf-8")
    print("the claim holds" if held else "the claim does not hold")
    sys.exit(not held)


if __name__ == "__main__":
    main()
