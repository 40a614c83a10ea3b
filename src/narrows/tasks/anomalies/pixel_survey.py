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
from narrows.runs.scaler import Scaled
from narrows.tasks.anomalies.masked_pairs import MaskedPairs
from narrows.tasks.anomalies.pixels import Floats, PixelDetector, peaks
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
        places: where a score is above the threshold and the highest around, `(k, 2)` as (y, x).
        peaks: the scores of the places, `(k,)`.
        brighter: which of them are brighter than expected, `(k,)`.
        total: the number of all peaks of the scores.
    """

    name: str
    pixels: Array
    scores: NDArray[np.float32]
    places: NDArray[np.intp]
    peaks: Floats
    brighter: NDArray[np.bool_]
    total: int

    def above(self, score: float) -> ImageScores:
        """The same with places of this score or more alone."""
        kept = self.peaks >= score
        return self._replace(places=self.places[kept], peaks=self.peaks[kept], brighter=self.brighter[kept])


class PixelSurvey:
    """The scores of the pixels of images, and the places that are found in them.

    A place is a peak of the scores, as high as the highest of a usual patch is with a probability of `share`
    only, and as `PixelDetector.least_found` says.

    Args:
        run: that keeps reference rows.
        data: patches of images.
        share: the probability that a usual patch has a place above the threshold.

    Attributes:
        shown: images with the highest scores, after `measure`.
        found: the number of places.
        least: the score that a place has at least; infinite where none is found.
    """

    def __init__(self, run: Run, data: Data, share: float) -> None:
        self.run, self.data, self.share = run, data, share
        self.shown: list[ImageScores] = []
        self.found, self.least = 0, 0.0

    @cached_property
    def reference(self) -> Array:
        """Patches that tell what is usual: some that the model was not trained on."""
        kept = self.run.evidence.reference
        assert kept is not None
        rows = np.concatenate([kept.validation, kept.held_out])
        return rows[draw_rows(len(rows), max(8, MOST_VALUES // rows[0].size))]

    @cached_property
    def pairs(self) -> MaskedPairs:
        """Maps patches `(n, side, side[, channels])` to values and reconstructions on the model's scale."""
        return MaskedPairs(self.values, self.reconstruct, self.reference)

    @cached_property
    def detector(self) -> PixelDetector:
        """What is usual of pixels."""
        return PixelDetector(self.pairs(self.reference))

    @cached_property
    def threshold(self) -> float:
        """The score that a usual patch exceeds with a probability of `share`."""
        return self.detector.threshold(max(self.share, 1 / (len(self.reference) + 1)))

    def values(self, patches: Array) -> Floats:
        """Values of patches on the model's scale, `(n, side, side, channels)`."""
        return self._channels_last(self.run.scaled(patches))

    def reconstruct(self, values: Floats) -> Floats:
        """The reconstructions of `values (n, side, side, channels)`."""
        x = np.ascontiguousarray(np.moveaxis(values, -1, 1), dtype=np.float32)
        return self._channels_last(self.run.reconstruct_scaled(Scaled(x, self.run.schema)))

    def _channels_last(self, rows: Array) -> Floats:
        shape = (len(rows), *self.run.schema.model_shape)
        return np.moveaxis(rows.reshape(shape).astype(np.float64), 1, -1)

    def each(self) -> Iterator[ImageScores]:
        """The images one after the other, with all peaks above the threshold as places."""
        side = self.run.schema.model_shape[-1]
        for image in whole_images(self.data):
            found = self.detector.scores(stitched(image.pixels, side, self.pairs, image.name))
            where, scores = peaks(found.scores)
            high = scores > self.threshold
            places, brighter = where[high], found.brighter[tuple(where[high].T)]
            maps = (image.pixels, found.scores.astype(np.float32))
            yield ImageScores(image.name, *maps, places, scores[high], brighter, len(where))

    def measure(self, use: Callable[[ImageScores], None] = lambda scores: None) -> list[ImageScores]:
        """Give each image to `use`, find the places, and keep the images with the highest scores.

        Returns:
            the images with the places found, without pixels and scores.
        """
        images: list[ImageScores] = []
        self.shown = []
        for image in self.each():
            use(image)
            images.append(image._replace(pixels=np.empty(0), scores=np.empty(0, np.float32)))
            ranked = sorted([*self.shown, image], key=lambda one: -float(one.scores.max()))
            self.shown = ranked[:SHOWN]
        scores, total = np.concatenate([each.peaks for each in images]), sum(each.total for each in images)
        self.least = max(self.threshold, self.detector.least_found(scores, total))
        self.shown = [each.above(self.least) for each in self.shown]
        found = [each.above(self.least) for each in images]
        self.found = sum(len(each.places) for each in found)
        return found

    @property
    def sentence(self) -> str:
        """How many places were found."""
        n = len(self.data.patches.names) if self.data.patches is not None else 0
        if not self.found:
            return f"No place in {n:,} images is brighter or darker than expected."
        return (
            f"{self.found:,} places in {n:,} images are brighter or darker than expected (pixel scores of "
            f"{self.least:.3g} or more)."
        )
