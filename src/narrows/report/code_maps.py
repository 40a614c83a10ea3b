"""The codes of a scan at their places, as small pictures for the page of a run."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from PIL import Image

from narrows.core.numbers import number
from narrows.data.calibration import Axis
from narrows.data.columns import Array
from narrows.data.scan import Scan
from narrows.report import figures
from narrows.report.template import section
from narrows.runs.run import Run

MOST = 8
"""Latent dimensions that are drawn, at the most."""

ENDS = (1, 99)
"""The percentiles of a latent dimension that have the darkest and the brightest colour."""


def code_maps(run: Run) -> str:
    """Each latent dimension as a picture of the scan; nothing for other data and for line scans."""
    places, kept = run.evidence.places, run.config["data"].get("scan")
    if places is None or kept is None or places.shape[0] < 2:
        return ""
    drawn = places.codes.T[:MOST]
    maps = [figures.address(picture(column.reshape(places.shape))) for column in drawn]
    axes = Scan.from_json(kept).axes
    left_out = places.codes.shape[1] - len(drawn)
    contents = {"extent": f"{length(axes[-2])} x {length(axes[-1])}", "ends": ENDS, "left_out": left_out}
    return section("code_maps.html", "code_maps", maps=maps, first=len(axes) > 2, **contents)


def picture(values: Array) -> Image.Image:
    """Values `(height, width)` in colours from the lowest to the highest of the usual ones."""
    low, high = np.percentile(values, ENDS)
    shown = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    return Image.fromarray((255 * colormaps["viridis"](shown)[..., :3]).astype(np.uint8))


def length(axis: Axis) -> str:
    """How far an axis reaches, in its unit or in places.

    >>> length(Axis("X", 64, 4.0, unit="nm")), length(Axis("X", 64))
    ('256 nm', '64 places')
    """
    reach = number(abs(axis.scale) * axis.size, 3)
    return f"{reach} {axis.unit}" if axis.calibrated else f"{axis.size:,} places"
