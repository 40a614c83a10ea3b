"""Sequences: a line for each channel above an axis of time, each channel on its own scale."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array, Schema
from narrows.report import figures
from narrows.report.kinds.base import PictureDrawing
from narrows.runs.run import Run

WIDTH, HEIGHT, FOOT = 120, 84, 12
"""The size of a picture, and the height of its axis of time, in the units of its SVG."""

BANDS = 8
"""Channels that are drawn, at the most."""

BINS = 80
"""Of a long line the least and the greatest value of each of so many parts are drawn."""

GREY = "#808890"
"""The colour of the axis, which is seen on light and on dark pages."""


class Sequences(PictureDrawing):
    """Sequences of one or several channels."""

    def size(self, schema: Schema) -> str:
        channels, time = schema.model_shape
        return f"sequences of {time} time steps and {channels} channel{'s' * (channels > 1)}"

    def error_unit(self, schema: Schema) -> str:
        return "Mean squared error per value, in variances of its channel"

    def range_of(self, schema: Schema, arrays: Iterable[Array], dtype: str) -> tuple[Any, Any]:
        """The least and the greatest value of each channel, `(channels,)`."""
        joined = np.concatenate([schema.arrange(np.asarray(a, dtype=np.float64)) for a in arrays])
        return np.fmin.reduce(joined, axis=(0, 2)), np.fmax.reduce(joined, axis=(0, 2))

    def pictures(self, schema: Schema, values: Array, low: Any, high: Any) -> list[str]:
        channels = schema.model_shape[0]
        ends = [np.broadcast_to(end, channels)[:BANDS] for end in (low, high)]
        return [svg(each, *ends) for each in schema.arrange(values)[:, :BANDS].astype(np.float64)]

    def residual_direction(self, run: Run, direction: Array) -> str:
        figure, axis = figures.axes(5.6, 2.6)
        for i, line in enumerate(direction.reshape(run.schema.model_shape)[:BANDS]):
            axis.plot(line, color=figures.CLASSES[i], label=f"channel {i}")
        axis.set_xlabel("time step")
        if run.schema.model_shape[0] > 1:
            axis.legend()
        return figures.drawing(figure, "common direction of the residuals")

    def live_sample(self, run: Run) -> dict[str, Any]:
        assert run.evidence.originals is not None
        low, high = self.range_of(run.schema, [run.evidence.originals], run.schema.dtype)
        return {"ranges": np.stack([low, high], axis=1).tolist()}


def svg(lines: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    """The address of a picture of `lines (channels, time)`, each from `low` to `high (channels,)`."""
    height = (HEIGHT - FOOT) / len(lines)
    paths = [
        f'<path d="{path(line, *ends, top=i * height, height=height)}" stroke="{figures.CLASSES[i]}"/>'
        for i, (line, *ends) in enumerate(zip(lines, low, high, strict=True))
    ]
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<g fill="none" stroke-width="1.6" stroke-linejoin="round">{"".join(paths)}</g>'
        f"{time_axis(lines.shape[1])}</svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def path(line: NDArray[np.float64], low: float, high: float, *, top: float, height: float) -> str:
    """The commands of SVG that draw `line (time,)` in a band of the picture; gaps are left at NaN."""
    steps = drawn_steps(line)
    x = 1 + (WIDTH - 2) * steps / max(1, len(line) - 1)
    y = top + 2 + (height - 4) * (1 - (line[steps] - low) / ((high - low) or 1.0))
    there = ~np.isnan(y)
    begins = there & ~np.concatenate([[False], there[:-1]])
    points = zip(x[there], y[there], begins[there], strict=True)
    return "".join(f"{'M' if first else 'L'}{a:.1f} {b:.1f}" for a, b, first in points)


def drawn_steps(line: NDArray[np.float64]) -> NDArray[np.intp]:
    """The time steps of `line (time,)` that are drawn: all, or the extremes of each of `BINS` parts.

    >>> drawn_steps(np.array([3.0, 1.0, 2.0])).tolist()
    [0, 1, 2]
    """
    if len(line) <= 2 * BINS:
        return np.arange(len(line))
    parts = np.array_split(np.arange(len(line)), BINS)
    chosen = [part[[f(line[part]) for f in (np.argmin, np.argmax)]] for part in parts]
    return np.unique(np.concatenate([[0], *chosen, [len(line) - 1]])).astype(np.intp)


def time_axis(steps: int) -> str:
    """The axis below the lines, with the numbers of the first and the last of `steps` time steps."""
    y, base = HEIGHT - FOOT + 1, HEIGHT - 1
    return (
        f'<path d="M1 {y}v3M1 {y}H{WIDTH - 1}v3M{WIDTH / 2} {y}v3" stroke="{GREY}" fill="none"/>'
        f'<g font-family="sans-serif" font-size="10" fill="{GREY}"><text x="3" y="{base}">0</text>'
        f'<text x="{WIDTH - 3}" y="{base}" text-anchor="end">{steps - 1}</text></g>'
    )
