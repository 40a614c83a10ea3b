"""What an entry of the table found: measured values, the checks that decide its verdict, and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """An SVG drawing or an HTML picture or table for the page, and its caption."""

    html: str
    caption: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value, with the interval that a verdict goes by.

    Attributes:
        value: the mean or the median of `values`.
        low: the lower end of the interval; `value` if there is none.
        high: its upper end.
        values: the single measurements, one for each seed, pair or example.
    """

    value: float
    low: float
    high: float
    values: tuple[float, ...] = ()


def exact(value: float) -> Estimate:
    """One measurement."""
    return Estimate(float(value), float(value), float(value))


def median_of(values: Sequence[float]) -> Estimate:
    """The median over seeds; a verdict goes by it alone.

    >>> median_of([0.04, 0.036, 0.037]).value
    0.037
    """
    median = float(np.median(values))
    return Estimate(median, median, median, tuple(map(float, values)))


def mean_of(values: Sequence[float]) -> Estimate:
    """The mean of at least two independent measurements, with its 95 % interval by Student's t.

    >>> mean = mean_of([1.0, 2.0, 3.0])
    >>> mean.value, round(mean.low, 2), round(mean.high, 2)
    (2.0, -0.48, 4.48)
    """
    from scipy.stats import t

    mean, error = float(np.mean(values)), np.std(values, ddof=1) / len(values) ** 0.5
    margin = float(t.ppf(0.975, len(values) - 1) * error)
    return Estimate(mean, mean - margin, mean + margin, tuple(map(float, values)))


@dataclass(frozen=True, slots=True)
class Check:
    """A measured quantity and the bound that it has to keep.

    Attributes:
        quantity: what is measured, with its unit.
        measured: its value.
        relation: on which side of the bound the value has to be.
        bound: the bound.
        source: where the bound comes from: the slides, PCA in the same run, chance.
    """

    quantity: str
    measured: Estimate
    relation: Literal["at most", "at least"]
    bound: float
    source: str

    @property
    def outcome(self) -> bool | None:
        """Whether the bound is kept; None if it lies inside the interval.

        >>> Check("error", Estimate(0.5, 0.4, 0.6), "at most", 0.55, "PCA").outcome is None
        True
        """
        low, high = self.measured.low, self.measured.high
        if not low <= high:  # a value that is not a number
            return False
        if self.relation == "at least":
            return True if low >= self.bound else False if high < self.bound else None
        return True if high <= self.bound else False if low > self.bound else None

    def to_json(self) -> dict[str, Any]:
        """The check as JSON values, with its outcome."""
        measured = asdict(self.measured) | {"values": list(self.measured.values)}
        return {**asdict(self), "measured": measured, "outcome": self.outcome}


def at_most(quantity: str, measured: Estimate | float, bound: float, source: str) -> Check:
    """The check that a quantity is at most `bound`."""
    return Check(quantity, as_estimate(measured), "at most", float(bound), source)


def at_least(quantity: str, measured: Estimate | float, bound: float, source: str) -> Check:
    """The check that a quantity is at least `bound`."""
    return Check(quantity, as_estimate(measured), "at least", float(bound), source)


def as_estimate(value: Estimate | float) -> Estimate:
    return value if isinstance(value, Estimate) else exact(value)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one entry.

    Attributes:
        measured: the measured values by name, as JSON values.
        yardstick: the values that they are compared with, by name.
        checks: what the verdict rests on; none if nothing could be measured.
        sentence: the result in words.
        figures: drawings, pictures and tables of the result.
        partly: whether only a part of the statement was measured.
    """

    measured: Mapping[str, Any]
    yardstick: Mapping[str, Any]
    checks: tuple[Check, ...]
    sentence: str
    figures: tuple[Figure, ...] = ()
    partly: bool = False

    @property
    def holds(self) -> bool | None:
        """False if a bound is broken, True if there are bounds, all kept, and all was measured, else None."""
        outcomes = [check.outcome for check in self.checks]
        if False in outcomes:
            return False
        return None if None in outcomes or self.partly or not outcomes else True

    def to_json(self) -> dict[str, Any]:
        """The finding as a row of the table holds it."""
        return {**asdict(self), "checks": [check.to_json() for check in self.checks], "holds": self.holds}
