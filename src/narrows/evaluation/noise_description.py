"""What the noise of images is like, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.core.findings import percent
from narrows.core.numbers import number
from narrows.evaluation.noise_correlation import Correlation
from narrows.evaluation.noise_estimation import INVISIBLE, LEAKED, Frames, NoiseEstimate, Structure
from narrows.evaluation.noise_variance import Dependence

BRIGHTER = 1.0
"""Frames whose means differ by more than so many standard deviations of the noise had other exposures."""

SOME = 0.1
"""A share of the noise above this that frames have in common is said."""


def described(found: NoiseEstimate) -> str:
    """The sentences about the noise."""
    parts = (
        SENTENCES[found.structure](found),
        "" if found.frames is None else of_frames(found.frames),
        found.clipping.sentence,
        "The noise is stronger than measured, as so many pixels are cut." if found.hidden else "",
        measured_on(found),
    )
    return " ".join(part for part in parts if part)


def measured_on(found: NoiseEstimate) -> str:
    """The size of the sample, if it is not all."""
    what = "images" if found.frames is None else "pairs of frames"
    return f"Measured on {found.images:,} of {found.of:,} {what}." if found.images < found.of else ""


def of_strength(found: Dependence) -> str:
    """How strong the noise is, and how that depends on the signal."""
    strength, gain = number(found.strength, 3), number(found.noise.gain, 3)
    if found.nature == "gaussian":
        how = "less where the signal is larger" if found.falls else "whatever the signal"
        return f"The noise has a standard deviation of {strength}, {how}."
    above = f" above {number(found.noise.offset, 3)}" if found.noise.offset else ""
    read = f"{number(found.noise.read, 3)}² and " if found.nature == "mixed" else ""
    at = f"a standard deviation of {strength} at a signal of {number(found.usual, 3)}"
    return f"The noise grows with the signal: its variance is {read}{gain} per unit of signal{above}, {at}."


def neighbours(found: NoiseEstimate) -> str:
    """The correlations of neighbouring pixels."""
    return f"{found.rows.lags[0]:.2f} along rows, {found.columns.lags[0]:.2f} along columns"


def of_none(found: NoiseEstimate) -> str:
    rounding = found.least > INVISIBLE * found.span
    least = "rounding" if rounding else f"{percent(INVISIBLE)} of the range of the values"
    return f"No noise is seen: its standard deviation is {number(found.strength, 2)}, below {least}."


def of_independent(found: NoiseEstimate) -> str:
    strength = of_strength(found.dependence)
    return f"{strength} It is independent between pixels (correlation of neighbours {neighbours(found)})."


def of_rows(found: NoiseEstimate) -> str:
    return of_direction(found, found.rows, "along rows, not along columns")


def of_columns(found: NoiseEstimate) -> str:
    return of_direction(found, found.columns, "along columns, not along rows")


def of_direction(found: NoiseEstimate, along: Correlation, where: str) -> str:
    strength = of_strength(found.dependence)
    line = number(np.sqrt(along.of_line) * along.strength, 2)
    lines = f" Whole lines differ by {line} (standard deviation)." if along.of_line > LEAKED else ""
    return f"{strength} It is correlated {where} (neighbours: {neighbours(found)}).{lines}"


def of_all(found: NoiseEstimate) -> str:
    return (
        f"The finest detail, of standard deviation {number(found.strength, 3)}, is correlated in all "
        f"directions (neighbours: {neighbours(found)}): it is structure, or noise that was smoothed or "
        f"resampled."
    )


def of_blocks(found: NoiseEstimate) -> str:
    return (
        f"Steps between blocks of 8x8 pixels are {percent(found.blocks)} larger than others, as in JPEG "
        f"files, which alter noise and structure together."
    )


SENTENCES: dict[Structure, Callable[[NoiseEstimate], str]] = {
    "none": of_none,
    "independent": of_independent,
    "rows": of_rows,
    "columns": of_columns,
    "all directions": of_all,
    "blocks": of_blocks,
}


def of_frames(found: Frames) -> str:
    """What frames that follow each other have in common, where it matters."""
    parts = []
    if found.same:
        parts.append(f"{found.same:,} of {found.pairs:,} pairs of frames are equal.")
    elif found.shared > SOME:
        parts.append(
            f"{percent(found.shared)} of the finest detail is the same in frames that follow each other."
        )
    if found.brightness > BRIGHTER:
        times = number(found.brightness, 2)
        parts.append(f"The brightness of frames differs by up to {times} standard deviations of the noise.")
    return " ".join(parts)
