"""Which rows are flagged: a share of usual rows, as many as the training rows have, or a number of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.findings import percent
from narrows.core.numbers import times
from narrows.core.registry import within
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.conformal import threshold
from narrows.tasks.anomalies.detector import Detector

EXPECTED = 0.01
"""The share of rows like the training data that are flagged where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows are flagged. At most one of the three is given.

    Attributes:
        expect: the share of rows like the training data that may be flagged, 0 to 1; `EXPECTED` where nothing
            is given.
        contaminated: the share of the training rows that are anomalies, above 0 and at most 0.5.
        top: the number of rows to flag, 1 or more.

    Raises:
        InputError: for numbers out of these ranges, or more than one of the three.
    """

    expect: float | None = None
    contaminated: float | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in ("expect", "contaminated", "top")}
        names = [name for name, value in given.items() if value is not None]
        if len(names) > 1:
            raise InputError(f"{' and '.join(names)} are rules of their own; give one of them.")
        within("expect", self.share, 0, 1)
        if self.contaminated is not None and not 0 < self.contaminated <= 0.5:
            raise InputError(f"contaminated is a share above 0 and up to 0.5, but got {self.contaminated!r}.")
        if self.top is not None:
            within("top", self.top, 1)

    @property
    def share(self) -> float:
        """The share of rows like the training data that may be flagged."""
        return EXPECTED if self.expect is None else self.expect

    def flag(self, detector: Detector, scores: Floats) -> Flags:
        """Which of the rows with these `scores (n,)` are flagged."""
        if self.top is not None:
            return highest(scores, self.top)
        if self.contaminated is not None:
            return as_contaminated(detector, scores, self.contaminated)
        return as_expected(detector, scores, self.share)


@dataclass(frozen=True, slots=True)
class Flags:
    """Which rows are flagged, and why.

    Attributes:
        flagged: `(n,)`.
        threshold: the score that they exceed.
        sentence: how many they are, and what the threshold is.
    """

    flagged: NDArray[np.bool_]
    threshold: float
    sentence: str


def highest(scores: Floats, top: int) -> Flags:
    """The `top` rows with the highest scores; of equal ones the first."""
    flagged = np.zeros(len(scores), dtype=np.bool_)
    flagged[np.argsort(-scores, kind="stable")[:top]] = True
    least, n = float(scores[flagged].min()), int(flagged.sum())
    return Flags(
        flagged,
        least,
        f"The {n:,} of {len(scores):,} rows that score highest are flagged: {times(least, 3)} or more.",
    )


def as_contaminated(detector: Detector, scores: Floats, share: float) -> Flags:
    """The rows above the score that a `share` of the rows given to the fit exceeds."""
    limit = float(np.quantile(detector.of_kept, 1 - share))
    flagged = scores > limit
    what = f"as {percent(share)} of the rows do that the model was fitted to."
    return Flags(flagged, limit, f"{counted(flagged, limit)}, {what}")


def as_expected(detector: Detector, scores: Floats, share: float) -> Flags:
    """The rows above the score that a `share` of the held-out rows exceeds."""
    limit, n = threshold(detector.held_out, share), len(detector.held_out)
    flagged = scores > limit.score
    what = f"as {percent(share)} of the rows do that are like the training data."
    if limit.largest:
        which = "kept with the model" if detector.few else "held out of the fitting"
        what = (
            f"the highest of the {n:,} rows {which}; {percent(share)} is less than 1 in {n + 1:,}, the "
            f"smallest share that they resolve."
        )
    by_chance = f" Of so many usual rows about {times(len(scores) * max(share, 1 / (n + 1)), 2)} do."
    said = f"{counted(flagged, limit.score)}, {what}{by_chance}{left_out(detector)}"
    return Flags(flagged, limit.score, said)


def counted(flagged: NDArray[np.bool_], limit: float) -> str:
    return f"{flagged.sum():,} of {len(flagged):,} rows score above {times(limit, 3)}"


def left_out(detector: Detector) -> str:
    """A sentence about held-out rows that are anomalies themselves; nothing where there are none."""
    wild = int(detector.wild.sum())
    if not wild:
        return ""
    return (
        f" {wild:,} of the {len(detector.wild):,} held-out rows score too high for usual ones and do not "
        f"count for it: where the training rows hold anomalies, give their share with --contaminated."
    )
