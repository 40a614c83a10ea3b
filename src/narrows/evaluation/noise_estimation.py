"""The noise of images, measured without clean ones: its strength, what it depends on, and its correlation.

It is measured in the finest detail of the flattest blocks of a sample of the images; of frames of a movie in
the differences of frames that follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.split import Index
from narrows.evaluation.clipping import Clipping, clipping, still
from narrows.evaluation.compression_blocks import blockiness
from narrows.evaluation.finest_detail import COLUMNS, ROWS, Detail, Floats, Planes
from narrows.evaluation.noise_correlation import ORDER, Correlation, along
from narrows.evaluation.noise_sample import Sample, drawn
from narrows.evaluation.noise_variance import Dependence, dependence

LEAKED = 0.05
"""The share of the noise of a pixel that its neighbours may tell, if it is to count as independent."""

INVISIBLE = 0.005
"""Noise whose standard deviation is below this share of the range of the values is none."""

ROUNDING, STEPS = 0.4, 10
"""Noise below so many steps of whole numbers is rounding, where the range has so many steps at the least."""

ENOUGH, MOSTLY = 100, 0.5
"""Blocks without pixels at an end of the range, at the least; and the share of pixels there, at the most."""

STILL = 0.05
"""There is no noise where more than this share of the pixels inside the range equals all around them."""

Structure = Literal["none", "independent", "rows", "columns", "all directions", "blocks"]


class Frames(NamedTuple):
    """What frames that follow each other have in common.

    Attributes:
        strength: the standard deviation of the noise that differs, coarse or fine.
        shared: the share of the finest detail that is the same in both, 0 to 1.
        detail: the standard deviation of the finest detail of one of them.
        brightness: the largest difference of their means, in standard deviations of the noise.
        same: pairs that are equal, pixel by pixel.
        pairs: all that were compared.
    """

    strength: float
    shared: float
    detail: float
    brightness: float
    same: int
    pairs: int


@dataclass(frozen=True, slots=True)
class NoiseEstimate:
    """The noise of images.

    Attributes:
        dependence: the strength of that of pixels, and how that depends on the signal.
        rows: its correlation along rows.
        columns: its correlation along columns.
        clipping: the pixels that are cut at an end of the range.
        hidden: whether so many are cut that the strength is that of cut values.
        blocks: how much larger the steps between blocks of 8x8 pixels are, as a share; 0 for none.
        still: the share of pixels inside the range that equal all around them.
        span: the range of the values, without the outermost thousandths.
        step: the smallest difference of values, if they are whole numbers; else 0.
        images: the number of images, or pairs of frames, it was measured on.
        of: all that there are.
        frames: what frames of a movie have in common; None for other images.
    """

    dependence: Dependence
    rows: Correlation
    columns: Correlation
    clipping: Clipping
    hidden: bool
    blocks: float
    still: float
    span: float
    step: float
    images: int
    of: int
    frames: Frames | None = None

    @property
    def structure(self) -> Structure:
        """How the noise of pixels depends on that of others."""
        if self.blocks:
            return "blocks"
        if self.strength < self.least or self.still > STILL:
            return "none"
        rows, columns = self.rows.predictable() > LEAKED, self.columns.predictable() > LEAKED
        if rows and columns:
            return "all directions"
        return "rows" if rows else "columns" if columns else "independent"

    @property
    def strength(self) -> float:
        """The standard deviation at the usual signal.

        Of noise correlated in all directions it is that of the finest detail; of frames that of what differs.
        """
        if self.frames is not None:
            return self.frames.strength
        if min(self.rows.predictable(), self.columns.predictable()) > LEAKED:
            return min(self.rows.strength, self.columns.strength)
        return self.dependence.strength

    @property
    def least(self) -> float:
        """The strength below which noise is not seen, or is rounding."""
        rounding = ROUNDING * self.step if self.span >= STEPS * self.step else 0.0
        return max(INVISIBLE * self.span, rounding)


def estimate(data: Data, rows: Index | None = None, seed: int = 0) -> NoiseEstimate:
    """Measure the noise of a sample of the images `data`.

    Args:
        data: images, frames of movies, or pairs of frames.
        rows: the numbers of the images to take; all if not given.
        seed: of the sample.

    Raises:
        InputError: where it cannot be measured.
    """
    return of_sample(drawn(data, np.arange(len(data)) if rows is None else rows, seed))


def of_sample(sample: Sample) -> NoiseEstimate:
    """The noise of a sample.

    Raises:
        InputError: where it cannot be measured.
    """
    planes = sample.planes
    values = np.unique(planes)
    if len(values) <= 2:
        raise InputError(f"The noise cannot be measured: the pixels take {len(values)} values only.")
    cut, quiet = clipping(planes), still(planes)
    nowhere = np.zeros(planes.shape, dtype=np.bool_)
    detail = Detail(sample.difference, sample.signal, cut.cut(planes), quiet)
    hidden = bool(detail.usable.sum() < ENOUGH)
    if hidden:
        detail = Detail(sample.difference, sample.signal, nowhere, quiet)
    if detail.usable.sum() < ENOUGH or (hidden and cut.low + cut.high > MOSTLY):
        raise InputError(f"The noise cannot be measured: too few pixels differ. {cut.sentence}".rstrip())
    rows, columns = along(detail, ROWS), along(detail, COLUMNS)
    span = float(np.subtract(*np.quantile(planes, [0.999, 0.001])))
    alike = [each for each in (rows, columns) if each.predictable() > LEAKED]
    depends = dependence(detail, *alike)
    return NoiseEstimate(
        depends,
        rows,
        columns,
        cut,
        hidden,
        blockiness(planes),
        float((quiet & (planes > cut.lowest) & (planes < cut.highest)).mean()),
        span,
        step_of(values),
        sample.images,
        sample.of,
        None if sample.following is None else compared(sample, sample.following),
    )


def step_of(values: Floats) -> float:
    """The step of all `values`, in ascending order, if they are whole numbers; else 0."""
    if (values != np.rint(values)).any():
        return 0.0
    return float(np.gcd.reduce(np.diff(values).astype(np.int64)))


def compared(sample: Sample, following: Planes) -> Frames:
    """What the frames of `sample` have in common with those `following`."""
    planes, nowhere = sample.planes, np.zeros(sample.planes.shape, dtype=np.bool_)
    moved = following.mean(axis=(1, 2)) - planes.mean(axis=(1, 2))
    change = Detail(sample.difference - moved[:, None, None] / np.sqrt(2), sample.signal, nowhere, nowhere)
    one, other = (Detail(each, sample.signal, nowhere, nowhere) for each in (planes, following))
    here, there = (each.inner(each.residual(ORDER, ROWS, COLUMNS)) for each in (one, other))
    differs, both, fine = (
        float(change.blocks(each)[change.flat].mean())
        for each in (change.inner(change.planes) ** 2, here * there, here**2)
    )
    return Frames(
        np.sqrt(differs),
        float(np.clip(both / max(fine, 1e-300), 0, 1)),
        np.sqrt(fine),
        float(np.abs(moved).max() / np.sqrt(max(differs, 1e-300))) if differs else 0.0,
        int((planes == following).all(axis=(1, 2)).sum()),
        len(planes),
    )
