"""What a report shows of denoised images: noisy, denoised, residual, uncertainty, and the residual itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.evaluation.filters import FILTERS, skimage_restoration
from narrows.evaluation.j_invariance import calibrated
from narrows.evaluation.residual import REACH, Residual, Residuals
from narrows.report.figures import FAINT, OURS, drawing, house_style
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import noise_of
from narrows.tasks.restoration.uncertainty import spread

NOISY = ("gaussian", "poisson", "salt-pepper")
"""Corruptions of clean images whose models remove noise."""

SHOWN = 4
"""Images that are shown, at the most."""


class Denoised(NamedTuple):
    """Held-out images after denoising.

    Attributes:
        lines: the images `(n, *shape)`: noisy, denoised, residual and uncertainty.
        std: the standard deviation of the residual.
        most: the largest uncertainty.
        residual: what was removed.
        filters: the whiteness of what filters remove, by name.
    """

    lines: dict[str, Array]
    std: float
    most: float
    residual: Residual
    filters: dict[str, float]


def denoised(run: Run) -> Denoised | None:
    """Denoise held-out images that the run keeps; None for a run that removes no noise from images."""
    name = run.config["spec"]["corruption"]["name"]
    kept = run.evidence.median
    removes = run.blind or run.config.get("pairs") or name in NOISY
    if not (run.restoring and removes and len(kept.originals)):
        return None
    noisy = (kept.originals if kept.seen is None else kept.seen)[:SHOWN]
    layout = run.schema.arrange(noisy).astype(np.float64)
    found = [spread(run, image) for image in noisy]
    made, std = (np.stack(each) for each in zip(*found, strict=True))
    low, high = float(run.scaling.floor), float(run.scaling.ceiling)
    noise = noise_of(np.concatenate([*layout], axis=1))
    residuals = Residuals(low, high, noise)
    whiteness = {name: Residuals(low, high) for name in (usable() if noise is not None else ())}
    for x, y in zip(layout, made, strict=True):
        residuals.add(x, y)
        for filtered, each in whiteness.items():
            assert noise is not None
            each.add(x, calibrated(FILTERS[filtered], x, noise))
    lines = {"noisy": layout, "denoised": made, "residual": layout - made, "uncertainty": std}
    as_came = {title: run.schema.from_model(torch.as_tensor(each)).numpy() for title, each in lines.items()}
    removed = float((layout - made).std())
    filters = {name: each.found.whiteness for name, each in whiteness.items()}
    return Denoised(as_came, removed, float(std.max()), residuals.found, filters)


def usable() -> tuple[str, ...]:
    """The filters whose packages are installed."""
    try:
        skimage_restoration()
    except InputError:
        return tuple(name for name, how in FILTERS.items() if not how.extra)
    return tuple(FILTERS)


def figure(found: Residual) -> str:
    """The correlations of the pixels of a residual by distance, and its spectrum by period, as SVG."""
    with house_style():
        drawn = Figure(figsize=(6.6, 2.7))
        left, right = drawn.subplots(1, 2)
        values = found.correlation[np.isfinite(found.correlation)]
        rows, columns = np.nonzero(np.isfinite(found.correlation))
        left.axhspan(-found.bound, found.bound, color=FAINT, alpha=0.25, lw=0)
        left.plot(np.hypot(rows, columns - REACH), values, ".", color=OURS, ms=4)
        left.set_xlabel("distance in pixels")
        left.set_ylabel("correlation")
        places = (np.arange(len(found.spectrum)) + 0.5) / (2 * len(found.spectrum))
        right.axhline(1, color=FAINT, lw=1)
        right.plot(places, found.spectrum, color=OURS)
        right.set_xlabel("cycles per pixel")
        right.set_ylabel("power, 1 in the mean")
        right.set_ylim(bottom=0)
        drawn.tight_layout()
        return drawing(drawn, "residual")
