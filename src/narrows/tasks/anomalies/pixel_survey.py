"""The scores of the pixels of images that patches were cut from, and the places found in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import Data, draw_rows
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.anomalies.pixels import Floats, PixelDetector, places
from narrows.tasks.restoration.stitching import stitched, whole_images

MOST_VALUES = 2**21
"""Values of the kept patches that tell what is usual, at the most."""

SHOWN = 6
"""Images that are kept to be shown, at the most."""


class ImageScores(NamedTuple):
    """An image with the scores of its pixels.

    Attributes:
        name: of the image.
        pixels: as they came, `(height, width[, channels])`.
        scores: of its pixels, `(height, width)`.
        places: of scores above the threshold that are the highest around, `(k, 2)` as (y, x).
        brighter: which of them are brighter than expected, `(k,)`.
    """

    name: str
    pixels: Array
    scores: NDArray[np.float32]
    places: NDArray[np.intp]
    brighter: NDArray[np.bool_]


class PixelSurvey:
    """The scores of the pixels of images, and the places that are found in them.

    Args:
        run: that keeps reference rows.
        data: patches of images.
        share: the probability that a usual patch has a place above the threshold.
    """

    def __init__(self, run: Run, data: Data, share: float) -> None:
        self.run, self.data, self.share = run, data, share
        self.shown: list[ImageScores] = []
        self.found = 0

    @cached_property
    def detector(self) -> PixelDetector:
        """What is usual of pixels, from patches that the model was not trained on."""
        kept = self.run.evidence.reference
        assert kept is not None
        rows = np.concatenate([kept.validation, kept.held_out])
        return PixelDetector(self.pairs, rows[draw_rows(len(rows), max(8, MOST_VALUES // rows[0].size))])

    @cached_property
    def threshold(self) -> float:
        """The score from which on a place is found."""
        return self.detector.threshold(self.share)

    def pairs(self, patches: Array) -> Floats:
        """Values of patches `(n, side, side[, channels])` and their reconstructions on the model's scale."""
        shape = (len(patches), *self.run.schema.model_shape)
        both = (self.run.scaled(patches), self.run.reconstruct_scaled(patches))
        channels = [each.reshape(shape).astype(np.float64) for each in both]
        return np.moveaxis(np.concatenate(channels, axis=1), 1, -1)

    def each(self) -> Iterator[ImageScores]:
        """The images one after the other."""
        side = self.run.schema.model_shape[-1]
        for image in whole_images(self.data):
            found = self.detector.scores(stitched(image.pixels, side, self.pairs, image.name))
            where = places(found, self.threshold)
            brighter = found.brighter[tuple(where.T)]
            yield ImageScores(image.name, image.pixels, found.scores.astype(np.float32), where, brighter)

    def measure(self, use: Callable[[ImageScores], None] = lambda scores: None) -> None:
        """Give each image to `use`, count what is found, and keep the images with the highest scores."""
        self.shown, self.found = [], 0
        for scores in self.each():
            use(scores)
            self.found += len(scores.places)
            ranked = sorted([*self.shown, scores], key=lambda one: -float(one.scores.max()))
            self.shown = ranked[:SHOWN]

    @property
    def sentence(self) -> str:
        """How many places were found."""
        n = len(self.data.patches.names) if self.data.patches is not None else 0
        return (
            f"{self.found:,} places in {n:,} images are brighter or darker than expected (pixel scores above "
            f"{self.threshold:.3g})."
        )
