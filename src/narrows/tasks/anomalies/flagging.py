"""Which rows are flagged: a share of usual rows, as many as the training rows have, or a number of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.findings import percent
from narrows.core.numbers import times
from narrows.core.registry import within
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.conformal import threshold

EXPECTED = 0.01
"""The share of rows like the training data that are flagged where nothing else is asked for."""


class Known(Protocol):
    """A detector, with the scores of what is known.

    Attributes:
        noun: the word for what has a score: "rows" or "time steps".
        held_out: scores of rows that were held out of the fitting, without the `wild` ones.
        of_kept: scores of all kept rows.
        wild: which held-out rows are anomalies themselves.
        few: whether `held_out` are of all kept rows, because too few were held out.
    """

    @property
    def noun(self) -> str: ...
    @property
    def held_out(self) -> Floats: ...
    @property
    def of_kept(self) -> Floats: ...
    @property
    def wild(self) -> NDArray[np.bool_]: ...
    @property
    def few(self) -> bool: ...


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

    def flag(self, detector: Known, scores: Floats) -> Flags:
        """Which of the rows with these `scores (n,)` are flagged."""
        if self.top is not None:
            return highest(scores, self.top, detector.noun)
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


def highest(scores: Floats, top: int, noun: str) -> Flags:
    """The `top` rows with the highest scores; of equal ones the first. `noun` is the word for rows."""
    flagged = np.zeros(len(scores), dtype=np.bool_)
    flagged[np.argsort(-scores, kind="stable")[:top]] = True
    least, n = float(scores[flagged].min()), int(flagged.sum())
    return Flags(
        flagged,
        least,
        f"The {n:,} of {len(scores):,} {noun} that score highest are flagged: {times(least, 3)} or more.",
    )


def as_contaminated(detector: Known, scores: Floats, share: float) -> Flags:
    """The rows above the score that a `share` of the rows given to the fit exceeds."""
    limit = float(np.quantile(detector.of_kept, 1 - share))
    flagged = scores > limit
    what = f"as {percent(share)} of the {detector.noun} do that the model was fitted to."
    return Flags(flagged, limit, f"{counted(flagged, limit, detector.noun)}, {what}")


def as_expected(detector: Known, scores: Floats, share: float) -> Flags:
    """The rows above the score that a `share` of the held-out rows exceeds."""
    limit, n = threshold(detector.held_out, share), len(detector.held_out)
    flagged = scores > limit.score
    what = f"as {percent(share)} of the {detector.noun} do that are like the training data."
    if limit.largest:
        which = "kept with the model" if detector.few else "held out of the fitting"
        what = (
            f"the highest of the {n:,} {detector.noun} {which}; {percent(share)} is less than 1 in "
            f"{n + 1:,}, the smallest share that they resolve."
        )
    by_chance = (
        f" Of so many usual {detector.noun} about {times(len(scores) * max(share, 1 / (n + 1)), 2)} do."
    )
    said = f"{counted(flagged, limit.score, detector.noun)}, {what}{by_chance}{left_out(detector)}"
    return Flags(flagged, limit.score, said)


def counted(flagged: NDArray[np.bool_], limit: float, noun: str) -> str:
    return f"{flagged.sum():,} of {len(flagged):,} {noun} score above {times(limit, 3)}"


def left_out(detector: Known) -> str:
    """A sentence about held-out rows that are anomalies themselves; nothing where there are none."""
    wild = int(detector.wild.sum())
    if not wild:
        return ""
    return (
        f" {wild:,} of the {len(detector.wild):,} {detector.noun} that it is from score too high for usual "
        f"ones and do not count for it: where the training data hold anomalies, give their share with "
        f"--contaminated."
    )
