"""Denoising of made micrographs at four doses without clean images, beside filters that know the truth.

    python benchmarks/doses.py [--choose] [--doses 1,3,10,30] [--minutes 12] [--out FILE.json]

At each dose, the mean number of electrons in a pixel, `narrows.data.lattice` draws 20 images of 512×512
pixels. Nothing but these noisy counts is learned from:

- self-supervised: the recipe of that name;
- thinned: the same with the corruption `thinned`, for which each value has to be a number of counts;
- one image: as `thinned`, on the first image alone and in a third of the time, and judged on that image;
- noise2noise: the recipe of that name, on 20 frames of a movie of one drifting crystal.

Each of the filters has, image by image, the strength that is best given the truth. All are judged on the
first of the images that were trained on. PSNR is relative to the range of the images without noise, which
have neither shot noise nor the jitter and flicker of the lines.

Options were chosen on the crystal and seed of `--choose`, and judged once on the other. Exits with 1 if a
model is not 1 dB better than the best filter at the two lower doses.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from narrows.core.records import Batch
from narrows.data.cutting import cut_array
from narrows.data.examples import Data
from narrows.data.lattice import Micrographs, lattice
from narrows.data.movie_reading import as_movies
from narrows.data.neighbours import neighbour_pairs
from narrows.data.readers import as_data
from narrows.data.reading import Reading
from narrows.evaluation.filters import FILTERS, Filter, filtered
from narrows.evaluation.image_quality import psnr, ssim
from narrows.fitting.choices import resolve
from narrows.fitting.fit import fit
from narrows.model.build import build
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import denoise

Array = np.ndarray[Any, Any]

CHOSEN = ("honeycomb", 1)
JUDGED = ("perovskite", 221)

GAIN = 1.0
"""By how many dB the model is to be better than the best filter, at the `LOWER` lowest doses."""

LOWER = 2

STRONGER: dict[str, tuple[float, ...]] = {
    "gaussian": (4.0, 5.6),
    "median": (9, 11, 15),
    "tv": (2.8, 4.0, 5.6),
    "non-local means": (1.4, 2.0),
}
"""Strengths beside those of `FILTERS`, because few counts have more noise than photographs."""

STEPS = 10
"""Training steps whose time is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--choose", action="store_true", help="the crystal that options are chosen on")
    parser.add_argument("--doses", default="1,3,10,30")
    parser.add_argument("--minutes", type=float, default=12.0, help="of processor time for each training")
    parser.add_argument("--images", type=int, default=20, help="that are trained on")
    parser.add_argument("--judged", type=int, default=5, help="the first of them, which are judged")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="PART.OPTION=JSON")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    crystal = CHOSEN if given.choose else JUDGED
    rows = {dose: measured(dose, crystal, given) for dose in map(float, given.doses.split(","))}
    if given.out:
        given.out.write_text(json.dumps({"crystal": crystal, "rows": rows}, indent=1))
    lower = sorted(rows)[:LOWER]
    sys.exit(any(each["lead"] < GAIN for dose in lower for each in rows[dose].values() if "lead" in each))


def measured(dose: float, crystal: tuple[str, int], given: argparse.Namespace) -> dict[str, dict[str, float]]:
    """The quality of all models and filters at a dose, by name; of models also their lead over filters."""
    structure, seed = crystal
    names = given.models.split(",")
    found: dict[str, dict[str, float]] = {}
    for movie in (False, True):
        models = [name for name in names if MODELS[name].movie == movie]
        if not models:
            continue
        made = lattice(given.images, given.size, structure=structure, dose=dose, seed=seed, frames=movie)
        of = " of the movie" if movie else ""
        filters = {f"{name}{of}": each for name, each in of_filters(made, given.judged).items()}
        best = max(each["psnr"] for each in filters.values())
        ours = of_models(made, models, given)
        found |= {name: {**each, "lead": each["psnr"] - best} for name, each in ours.items()} | filters
        print(f"{structure}, {dose:g} counts in a pixel\n{table(found)}", flush=True)
    return found


def changes(words: list[str], **parts: Any) -> dict[str, Any]:
    """`parts` of a recipe, and those that the command line changes."""
    found: dict[str, Any] = {part: dict(options) for part, options in parts.items()}
    for word in words:
        key, _, value = word.partition("=")
        part, _, option = key.partition(".")
        found.setdefault(part, {})[option] = json.loads(value)
    return found


def of_filters(made: Micrographs, judged: int) -> dict[str, dict[str, float]]:
    """The quality of the noisy images and of all filters, by name."""
    top = float(made.clean.max())
    noisy, clean = made.noisy[:judged].astype(np.float32) / top, made.clean[:judged] / top
    found = {"noisy": quality(noisy, clean)}
    for name, how in FILTERS.items():
        pairs = zip(noisy, clean, strict=True)
        found[name] = quality([filtered(wider(name, how), x[None], y[None])[0] for x, y in pairs], clean)
    return found


def wider(name: str, how: Filter) -> Filter:
    return how._replace(strengths=(*how.strengths, *STRONGER.get(name, ())))


def of_models(
    made: Micrographs, names: Sequence[str], given: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """The quality of what models make of the images that they were trained on, by name."""
    # Floats come back as floats; rounding to whole numbers costs more than the noise that is left.
    noisy = made.noisy.astype(np.float32)
    found = {}
    for name in names:
        how = MODELS[name]
        some = noisy[: 1 if how.one else given.judged]
        run = trained(how, noisy[: 1 if how.one else None], given.minutes, changes(given.set, **how.changes))
        found[name] = quality([denoise(run, image) for image in some], made.clean[: len(some)])
    return found


class How(NamedTuple):
    """How a model is trained: a recipe, changes to it, and whether on one image alone, or on a movie."""

    recipe: str
    changes: dict[str, Any]
    one: bool = False
    movie: bool = False


BLIND, THINNED = "self-supervised", {"corruption": {"name": "thinned"}}

MODELS = {
    "self-supervised": How(BLIND, {}),
    "thinned": How(BLIND, THINNED),
    "one image": How(BLIND, THINNED, one=True),
    "noise2noise": How("noise2noise", {}, movie=True),
}


def trained(how: How, noisy: Array, minutes: float, changed: dict[str, Any]) -> Run:
    """A run on patches of the images, in about that much processor time; on one image in a third of it."""
    if how.movie:
        data = neighbour_pairs(as_movies(as_data(noisy)), 64)
    else:
        data = cut_array(noisy, "lattice", Reading(patch=64))
    epochs = epochs_for(60 * minutes / (3 if how.one else 1), data, how.recipe, changed)
    options = {**changed, "training": {**changed.get("training", {}), "epochs": epochs}}
    start = time.process_time()
    run = fit(data, recipe=how.recipe, overrides=options)
    seconds = time.process_time() - start
    print(
        f"{epochs} epochs, {seconds:.0f} s of processor time. {run.metrics['verdict']['sentence']}",
        flush=True,
    )
    return run


def epochs_for(seconds: float, data: Data, recipe: str, changed: dict[str, Any]) -> int:
    """How many epochs take `seconds`, from the time of `STEPS` steps."""
    values = data.schema.arrange(data.array)
    choice = data.schema.choose(values)
    spec, training = resolve(recipe, data, choice, None, changed)
    objective = build(spec, data.schema.domain(choice.scaling))
    x = choice.scaling(torch.as_tensor(values[: training["batch_size"]]))
    step = partial(stepped, objective, Batch(x))
    step()
    start = time.process_time()
    for _ in range(STEPS):
        step()
    patch = (time.process_time() - start) / STEPS / len(x)
    # A fifth of the patches is for validation, which takes a third of the time of training.
    return max(1, round(seconds / (patch * len(values) * (0.8 + 0.2 / 3))))


def stepped(objective: torch.nn.Module, batch: Batch) -> None:
    objective.zero_grad()
    objective(batch).total.backward()


def quality(images: Any, clean: Array) -> dict[str, float]:
    """Mean PSNR and SSIM of images `(n, height, width)`."""
    span = float(np.ptp(clean))
    pairs = [(np.asarray(x, dtype=np.float64), y) for x, y in zip(images, clean, strict=True)]
    return {
        "psnr": float(np.mean([psnr(x, y, span) for x, y in pairs])),
        "ssim": float(np.mean([ssim(x, y, span) for x, y in pairs])),
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """A line for each method; models have their lead over the best filter in dB."""
    lines = []
    for name, each in found.items():
        more = f"   {each['lead']:+.2f} dB over the best filter" if "lead" in each else ""
        lines.append(f"  {name:<24} {each['psnr']:6.2f} dB   SSIM {each['ssim']:.3f}{more}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
