"""The rate–distortion curve: bytes at several PSNRs, of a run beside other codecs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from narrows.core.errors import InputError, show
from narrows.data.schema import Array
from narrows.evaluation.lossy_codecs import CODECS, Encoded, ImageFiles, PcaCodes, pixels
from narrows.model.distributions import Integers, Listed
from narrows.runs.run import Run
from narrows.tasks.compression.coder import Coder
from narrows.tasks.compression.container import to_bytes
from narrows.tasks.compression.quantised import packed
from narrows.tasks.compression.stacks import Examples, Stacks
from narrows.tasks.compression.wishes import Lot, Wish

OURS, PCA = "narrows", "PCA codes"

PSNRS = (26.0, 28.0, 30.0, 32.0, 34.0, 36.0, 38.0)
"""Where the curve is measured, in dB, unless told otherwise."""

Method = Callable[[float], Encoded | None]
"""From a PSNR to the smallest file that reaches it; None if none does."""


class Curve(NamedTuple):
    """Bytes at several PSNRs.

    Attributes:
        n: examples.
        values: their values, of all together.
        original_bytes: of the examples as they came.
        points: by method, what it makes for each PSNR that was asked for; None where it reaches less.
        left_out: by method, why it was not measured.
    """

    n: int
    values: int
    original_bytes: int
    points: Mapping[str, Mapping[float, Encoded | None]]
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The numbers, with bits per value."""
        return {
            "n": self.n,
            "original_bytes": self.original_bytes,
            "rows": [row for name in self.points for row in self.rows(name)],
            "left_out": dict(self.left_out),
        }

    @property
    def ratios(self) -> dict[str, float]:
        """By other method, how many times as large ours is: the geometric mean where both reach the PSNR."""
        ours = self.points[OURS]
        found = {}
        for name, points in self.points.items():
            pairs = [(each, points.get(psnr)) for psnr, each in ours.items()]
            logs = [log(mine.size / other.size) for mine, other in pairs if mine and other]
            if logs and name != OURS:
                found[name] = exp(fmean(logs))
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        """What the method `name` reaches, a record for each PSNR."""
        made = [(asked, each) for asked, each in self.points[name].items() if each is not None]
        return [
            {
                "method": name,
                "asked": asked,
                "psnr": each.psnr,
                "bytes": each.size,
                "bits_per_value": 8 * each.size / self.values,
            }
            for asked, each in made
        ]


def curve(
    run: Run,
    examples: Examples,
    psnrs: Sequence[float] = PSNRS,
    *,
    train: Array | None = None,
    without: Sequence[str] = (),
    on_method: Callable[[str], None] | None = None,
) -> Curve:
    """Measure the files of a run, and those of other codecs where the examples are 8-bit images.

    Args:
        run: whose bottleneck rounds.
        examples: `(n, *schema.shape)`, or images of any size where the code of the run grows with them.
        psnrs: in dB.
        train: examples that PCA is fitted to; None takes those that the run keeps.
        without: methods to leave out.
        on_method: called with the name of each method before it is measured.

    Raises:
        InputError: as `pack`.
    """
    stacks = Stacks.of(examples)
    methods, left_out = methods_for(run, stacks, train, without)
    points: dict[str, dict[float, Encoded | None]] = {}
    for name, reach in methods.items():
        if on_method is not None:
            on_method(name)
        points[name] = {psnr: reach(psnr) for psnr in psnrs}
    return Curve(len(stacks.which), stacks.size, stacks.nbytes, points, left_out)


def methods_for(
    run: Run, stacks: Stacks, train: Array | None, without: Sequence[str]
) -> tuple[dict[str, Method], dict[str, str]]:
    """The methods to measure by name, and why others are left out."""
    lots = [Lot.of(run, array) for array in stacks.arrays]
    methods: dict[str, Method] = {OURS: lambda psnr: ours(run, lots, stacks, psnr)}
    if any(each.dtype != np.uint8 for each in stacks.arrays) or run.schema.kind != "images":
        return methods, dict.fromkeys((*CODECS, PCA), "it is measured for 8-bit images only")
    images = [pixels(each, run.schema) for each in stacks.arrays]
    files = {name: ImageFiles(name, images) for name in CODECS if name not in without}
    left_out = {name: each.lacking for name, each in files.items() if each.lacking}
    methods |= {name: each.reach for name, each in files.items() if name not in left_out}
    kept = run.evidence.reference if train is None else None
    known = kept.train if kept is not None else train
    if known is None or PCA in without:
        return methods, left_out
    if [each.shape[1:] for each in stacks.arrays] != [known.shape[1:]]:
        return methods, {**left_out, PCA: f"it is for images of {show(known.shape[1:])}"}
    codes = PcaCodes(known)
    methods[PCA] = lambda psnr: codes.reach(stacks.arrays[0], psnr, coded_bytes)
    return methods, left_out


def ours(run: Run, lots: Sequence[Lot], stacks: Stacks, psnr: float) -> Encoded | None:
    """The file of the run; None where the model does not reach `psnr`."""
    try:
        made = packed(run, lots, Wish(psnr=psnr), stacks.told())
    except InputError:
        return None
    return Encoded(len(to_bytes(made.container)), made.psnr)


def coded_bytes(numbers: Integers, given: list[Listed]) -> int:
    """The bytes of whole numbers `(n, k)`, each of the k under a distribution of its own."""
    coder = Coder()
    for column, distribution in zip(numbers.T, given, strict=True):
        coder.push(column, distribution)
    return 4 * len(coder.words)
