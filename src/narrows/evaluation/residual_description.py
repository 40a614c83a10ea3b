"""What a residual says about a denoised image, in sentences and as JSON values."""

from __future__ import annotations

from math import atan2, degrees
from typing import Any

import numpy as np

from narrows.core.numbers import number
from narrows.evaluation.residual import REACH, Residual

NOTABLE = 0.1
"""A correlation from which on it is said what it means; a good denoiser leaves weaker ones."""

LEAST, MOST = 0.7, 1.4
"""The variance of a residual is that of the noise, if it is between these shares of it."""

INVENTED = (
    "None of this excludes that detail was invented which is weaker than the noise: look at the residual and "
    "the uncertainty before you trust a small detail."
)


def sentences(found: Residual) -> list[str]:
    """What the residual says, in plain words."""
    parts = (of_correlation(found), of_peak(found), of_signal(found), of_variance(found), INVENTED)
    return [part for part in parts if part]


def of_correlation(found: Residual) -> str:
    down, right, value = found.strongest
    size, most = f"{value:+.2f}, {moved(down, right)}", f"chance gives up to {found.bound:.2f}"
    if abs(value) <= found.bound:
        return f"The residual is white: no pixels up to {REACH} apart correlate by more than chance ({size})."
    if abs(value) < NOTABLE:
        return f"The residual is nearly white: its pixels correlate by little ({size}; {most})."
    if value < 0:
        return f"Pixels of the residual have opposite signs ({size}; {most}): noise was left in the image."
    return (
        f"Pixels of the residual correlate ({size}; {most}): structure of the image was removed, or the "
        f"noise is correlated itself."
    )


def moved(down: int, right: int) -> str:
    """A shift in words.

    >>> moved(1, -2), moved(0, 1)
    ('1 down and 2 left', '1 right')
    """
    sideways = f"{abs(right)} {'right' if right > 0 else 'left'}" if right else ""
    return " and ".join(part for part in (f"{down} down" if down else "", sideways) if part)


def of_peak(found: Residual) -> str:
    if found.peak is None:
        return ""
    angle = degrees(atan2(found.peak.down, found.peak.right))
    period, times = number(found.peak.period, 3), number(found.peak.times, 2)
    return (
        f"Its spectrum has a peak at a period of {period} pixels, {angle:.0f}° from the rows, {times} times "
        f"the usual power: something periodic was removed, of the image or of the noise."
    )


def of_signal(found: Residual) -> str:
    size = f"correlation {found.signal:+.2f}"
    if abs(found.signal) < NOTABLE:
        return f"It does not follow the image ({size})."
    if found.signal > 0:
        return f"It follows the image ({size}): contrast was removed, or noise was left in the image."
    return f"It is the opposite of the image ({size}): contrast was added."


def of_variance(found: Residual) -> str:
    shares = found.shares
    if not shares:
        return ""
    low, high = int(np.argmin(shares)), int(np.argmax(shares))
    if shares[high] > MOST:
        what, at, why = shares[high], high, "structure was removed there"
    elif shares[low] < LEAST:
        what, at, why = shares[low], low, "noise was left in the image there, or is cut at an end of the type"
    else:
        return f"Its variance is that of the noise ({shares[low]:.2f} to {shares[high]:.2f} times)."
    where = f"where the signal is about {number(found.levels[at].signal, 3)}"
    return f"Its variance is {number(what, 2)} times that of the noise {where}: {why}."


def as_json(found: Residual, span: float) -> dict[str, Any]:
    """A residual as `denoise --json` prints it; the mean as a share of the range `span` of the images."""
    down, right, value = found.strongest
    shares = found.shares or (None,) * len(found.levels)
    return {
        "mean": found.mean / span,
        "whiteness": found.whiteness,
        "correlation": {"down": down, "right": right, "value": value, "bound": found.bound},
        "peak": None if found.peak is None else found.peak._asdict(),
        "signal_correlation": found.signal,
        "levels": [
            {**level._asdict(), "of_noise": share} for level, share in zip(found.levels, shares, strict=True)
        ],
        "sentences": sentences(found),
    }
