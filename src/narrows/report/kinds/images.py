"""Images: as pictures, contributions as heat maps, many in one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from PIL import Image

from narrows.data.schema import Array, Schema
from narrows.data.writers import displayed, picture, strip
from narrows.evaluation.residual_description import sentences
from narrows.report import figures
from narrows.report.denoised import denoised, figure
from narrows.report.kinds.base import PictureDrawing, display_range
from narrows.report.kinds.reductions import LONGEST, PART, is_large, largest_error, peaks, reduced
from narrows.report.template import section
from narrows.runs.run import Run
from narrows.tasks.anomalies.survey import Survey
from narrows.tasks.restoration.uncertainty import MEANING

SMALL = 64
"""Pixels of the longer side up to which images are enlarged in whole pixels."""

ACROSS = 16
"""Images side by side in a strip, at the most."""


WHOLE_SIDE = 800
"""Pixels of the longer side of images that are shown whole, at the most."""


class Images(PictureDrawing):
    """Images, grey or in colours."""

    draws_sheets = True
    contributions_note = "; brighter is more"

    def error_unit(self, schema: Schema) -> str:
        return "Mean squared error per pixel, on the scale where the range of the data is 0 to 1"

    def pictures(self, schema: Schema, values: Array, low: float, high: float) -> list[str]:
        return [reduced(displayed(one[None], low, high)[0]) for one in schema.arrange(values)]

    def denoised_examples(self, run: Run) -> str:
        found = denoised(run)
        if found is None:
            return ""
        wide = 3 * found.std or 1.0
        ranges = {"residual": (-wide, wide), "uncertainty": (0.0, found.most or 1.0)}
        usual = self.range_of(run.schema, [found.lines["noisy"], found.lines["denoised"]], run.schema.dtype)
        lines = {
            title: self.pictures(run.schema, values, *ranges.get(title, usual))
            for title, values in found.lines.items()
        }
        told = {"sentences": sentences(found.residual), "meaning": MEANING, "figure": figure(found.residual)}
        whiteness = {"this model": found.residual.whiteness, **found.filters}
        sizes = {"wide": wide, "most": found.most}
        return self.section("denoised", run.schema, lines=lines, whiteness=whiteness, **told, **sizes)

    def parts(
        self, schema: Schema, lines: Mapping[str, Array], low: float, high: float
    ) -> dict[str, list[str]]:
        """Of large images the part with the largest error in full resolution, framed in the original."""
        if not is_large(*schema.model_shape[1:]):
            return {}
        first, *_, last = [*lines]
        arranged = {line: schema.arrange(values) for line, values in lines.items()}
        places = [largest_error(*each) for each in zip(arranged[first], arranged[last], strict=True)]

        def shown(image: Array) -> Array:
            return np.asarray(displayed(image[None], low, high)[0])

        framed = [
            reduced(shown(image), place=place) for image, place in zip(arranged[first], places, strict=True)
        ]
        cut = {
            f"{line}, part": [reduced(shown(one[:, *at])) for one, at in zip(images, places, strict=True)]
            for line, images in arranged.items()
        }
        return {first: framed, **cut}

    def legend(self, schema: Schema) -> str:
        if not is_large(*schema.model_shape[1:]):
            return ""
        return section("pictured.html", "reductions", longest=LONGEST, part=PART)

    def contributions(self, schema: Schema, amounts: Array, values: Array) -> list[str]:
        """Each map `(height, width)` as a picture: dark is 0, bright is its most."""
        return [figures.address(Image.fromarray(heat(peaks(one), float(one.max())))) for one in amounts]

    def whole(self, found: Survey) -> str:
        if found.pixels is None or not found.pixels.shown or found.data.patches is None:
            return ""
        images = [each.pixels for each in found.pixels.shown]
        low, high = display_range([image.ravel() for image in images], str(images[0].dtype))
        shown = []
        for one in found.pixels.shown:
            pixels = displayed(found.run.schema.arrange(one.pixels[None]), low, high)[0]
            heated = heat(one.scores, 2 * found.pixels.threshold)
            shown.append((one.name, reduced(pixels, WHOLE_SIDE), reduced(heated, WHOLE_SIDE)))
        n = len(found.data.patches.names)
        return section("pictured.html", "whole", shown=shown, n=n, sentence=found.pixels.sentence)

    def look(self, schema: Schema) -> str:
        if is_large(*schema.model_shape[1:]):
            return "large"
        return "small" if max(schema.model_shape[1:]) <= SMALL else ""

    def residual_direction(self, run: Run, direction: Array) -> str:
        image = direction.reshape(run.schema.model_shape).mean(axis=0)
        largest = float(np.abs(image).max()) or 1.0
        figure, axis = figures.axes(3.2, 3.2)
        axis.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
        axis.set_axis_off()
        return figures.drawing(figure, "common direction of the residuals")

    def live_sample(self, run: Run) -> dict[str, Any]:
        return {"axes": run.schema.axes, **super().live_sample(run)}

    def sheet(
        self, schema: Schema, values: Array, columns: int | None = None, least: int = 56
    ) -> Image.Image:
        return picture(schema.arrange(values), columns, least)

    def strip(self, schema: Schema, rows: Mapping[str, Array]) -> Image.Image:
        arranged = {name: schema.arrange(values) for name, values in rows.items()}
        return strip(arranged, min(ACROSS, max(map(len, rows.values()))))


def heat(amounts: Array, largest: float) -> Array:
    """Amounts `(height, width)` as RGB bytes: dark is 0, bright is `largest` or more."""
    colours = mpl.colormaps["inferno"](amounts / max(largest, 1e-300), bytes=True)
    return np.asarray(colours[..., :3])
