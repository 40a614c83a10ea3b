"""Small pictures of lines above an axis of time, as SVG."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from narrows.report import figures

WIDTH, HEIGHT, FOOT = 120, 78, 6
"""The size of a picture, and the height of its axis of time, in the units of its SVG."""

BANDS = 8
"""Channels that are drawn, at the most."""

BINS = 80
"""Of a long line the least and the greatest value of each of so many parts are drawn."""

GREY = "#808890"
"""The colour of the axis, which is seen on light and on dark pages."""

Y = HEIGHT - FOOT + 1
TIME_AXIS = f'<path d="M1 {Y}v4M1 {Y}H{WIDTH - 1}v4M{WIDTH / 2} {Y}v4" stroke="{GREY}" fill="none"/>'
"""The axis below the lines, with marks at its ends and in the middle."""


def picture(lines: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    """The address of a picture of lines, one below the other, each on its own scale.

    Args:
        lines: `(channels, time)`; there are gaps at NaN.
        low: the lowest value of each scale, `(channels,)`.
        high: the highest.
    """
    height = (HEIGHT - FOOT) / len(lines)
    paths = [
        f'<path d="{path(line, *ends, top=i * height, height=height)}" stroke="{figures.CLASSES[i]}"/>'
        for i, (line, *ends) in enumerate(zip(lines, low, high, strict=True))
    ]
    style = 'fill="none" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"'
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<g {style}>{''.join(paths)}</g>{TIME_AXIS}</svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def path(line: NDArray[np.float64], low: float, high: float, *, top: float, height: float) -> str:
    """The commands of SVG that draw `line (time,)` in a band of the picture; gaps are left at NaN."""
    steps = drawn_steps(line)
    x = 1 + (WIDTH - 2) * steps / max(1, len(line) - 1)
    y = top + 2 + (height - 4) * (1 - (line[steps] - low) / ((high - low) or 1.0))
    there = ~np.isnan(y)
    begins = there & ~np.concatenate([[False], there[:-1]])
    alone = begins & ~np.concatenate([there[1:], [False]])
    marks = zip(np.where(begins, "M", "L")[there], np.where(alone, "h0", "")[there], strict=True)
    points = zip(x[there], y[there], marks, strict=True)
    return "".join(f"{begin}{a:.1f} {b:.1f}{end}" for a, b, (begin, end) in points)


def drawn_steps(line: NDArray[np.float64], bins: int = BINS) -> NDArray[np.intp]:
    """The time steps of `line (time,)` that are drawn: all, or the extremes of each of so many parts.

    A part without values is one step, which is NaN.

    >>> drawn_steps(np.array([3.0, 1.0, 2.0])).tolist()
    [0, 1, 2]
    """
    if len(line) <= 2 * bins:
        return np.arange(len(line))
    empty = np.isnan(line)
    least, most = np.where(empty, np.inf, line), np.where(empty, -np.inf, line)
    parts = np.array_split(np.arange(len(line)), bins)
    chosen = [[part[least[part].argmin()], part[most[part].argmax()]] for part in parts]
    return np.unique(np.concatenate([[0], *chosen, [len(line) - 1]])).astype(np.intp)
