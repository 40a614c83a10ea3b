"""Compression of images without loss, in bytes of a file that decodes (U2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.evaluation.codecs import Packed, best, packed, pays_after
from narrows.reproduce.findings import Check, Figure, Finding, at_most, median_of
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import medians_over, number, table
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import seeds
from narrows.runs.folder import model_bytes
from narrows.runs.run import Run
from narrows.tasks.compression.coder import constriction
from narrows.tasks.compression.files import compress, decompress


class Filed(NamedTuple):
    """Images in a file, and what is decoded of it.

    Attributes:
        size: of the file, in bytes.
        changed: decoded values that differ from what was compressed.
        model: the size of the weights that decode it, in bytes.
    """

    size: int
    changed: int
    model: int


def compresses(lab: Lab) -> Finding:
    """The bytes of test images by a model, decoded again, beside those of PNG, WebP, bz2 and others."""
    try:
        constriction()
    except InputError as error:
        return Finding({}, {}, (), f"This was not measured. {error}.")
    data = subset(lab.digits, lab.pick(20_000, 3000), lab.pick(2000, 1000))
    epochs, images = lab.pick(2, 3), data.held_out.array
    runs = [lab.fit("lossless", data, epochs=epochs, seed=seed) for seed in seeds(lab)]
    files = [filed(run, images) for run in runs]
    others = packed([images], data.schema)
    return Finding(
        {"images": len(images), "bytes": middle(files).size, "model_bytes": files[0].model},
        {f"{each.name}_bytes": each.size for each in others if each.size is not None},
        checks(files, smallest(others)),
        sentence(files, smallest(others), images, len(data)),
        (size_table(middle(files), others, images),),
    )


def filed(run: Run, images: Array) -> Filed:
    """Compress `images (n, height, width)` by a run into a file, and decode it."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "images.nrw")
        compress(run, images, file)
        found = np.asarray(decompress(run, file).values)
        return Filed(file.stat().st_size, int((found != images).sum()), model_bytes(run))


def middle(files: Sequence[Filed]) -> Filed:
    """The file of median size."""
    return sorted(files)[len(files) // 2]


def smallest(others: Sequence[Packed]) -> tuple[str, int]:
    """Name and bytes of the codec that makes least of the images."""
    found = best(list(others))
    assert found is not None, "bz2 takes any values"
    assert found.size is not None
    return found.name, found.size


def checks(files: Sequence[Filed], other: tuple[str, int]) -> tuple[Check, ...]:
    """All values come back, and the file is no larger than that of the best codec."""
    name, size = other
    return (
        at_most("decoded values that differ", sum(file.changed for file in files), 0, "without loss"),
        at_most(
            f"bytes of the file / bytes by {name}",
            median_of([file.size / size for file in files]),
            1,
            f"{name}, the smallest of the others, of the same images; the model's own bytes are not counted",
        ),
    )


def sentence(files: Sequence[Filed], other: tuple[str, int], images: Array, n: int) -> str:
    name, size = other
    file = middle(files)
    return (
        f"A model fitted to {n:,} images writes {len(images):,} test images of {images.nbytes:,} bytes to a "
        f"file of {file.size:,} bytes, {bits(file.size, images)} bits per pixel; the smallest of the others "
        f"is {name} with {bits(size, images)}. {medians_over(len(files))}\n"
        f"Nobody decodes the file without the model, whose weights have {file.model:,} bytes: "
        f"{paid(pays(file, size, len(images)), len(images))}."
    )


def pays(file: Filed, size: int, n: int) -> int | None:
    """After how many images the model pays beside a codec that takes `size` bytes for `n` of them."""
    return pays_after(file.size / n, size / n, file.model)


def paid(after: int | None, n: int) -> str:
    """When the model pays, and whether `n` images are enough, in words."""
    if after is None:
        return "it never pays"
    return f"it pays after {after:,} such images, {'more than' if after > n else 'of'} the {n:,} here"


def bits(size: int, images: Array) -> str:
    """`size` bytes as bits per pixel."""
    return number(8 * size / images.size)


def size_table(file: Filed, others: Sequence[Packed], images: Array) -> Figure:
    """The bytes by each method, the smallest first, and after how many images the model pays."""
    made = sorted((each.size, each.name) for each in others if each.size is not None)
    rows = [("narrows", f"{file.size:,}", bits(file.size, images), "")]
    for size, name in made:
        after = pays(file, size, len(images))
        rows.append((name, f"{size:,}", bits(size, images), "never" if after is None else f"{after:,}"))
    whole = int(np.prod(images.shape)) * images.itemsize
    rows.append(("not compressed", f"{whole:,}", bits(whole, images), ""))
    return table(
        ("", "bytes", "bits per pixel", "the model pays after, images"),
        rows,
        f"The same {len(images):,} test images without loss; image formats have all of them in one mosaic. "
        + left_out(others),
    )


def left_out(others: Sequence[Packed]) -> str:
    """The codecs that were not used, each with the reason, as a sentence; empty if there are none."""
    reasons = [f"{each.name} ({each.why})" for each in others if each.size is None]
    return f"Left out: {', '.join(reasons)}." if reasons else ""


U2 = Entry(
    "U2",
    "compression",
    "Data compression is an application of autoencoders: a code has fewer numbers than the data. "
    "Narrows counts the bytes of a file that decodes to the same values.",
    compresses,
)
