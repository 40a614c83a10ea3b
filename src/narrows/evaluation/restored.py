"""Errors of several methods that restore the same damaged rows, as numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from narrows.data.split import Index
from narrows.evaluation.errors import Errors, Floats
from narrows.evaluation.ratios import Interval

OURS = "this model"
"""The name of the model among the methods."""

UNSEEN = "noisy values that no method was given"
"""What takes the place of clean values where there are none."""

ROUNDING = 1 / (12 * 255**2)
"""The mean squared error of rounding to 8 bits, in squared ranges of the data; no error counts as smaller."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """How well methods restore the same damaged rows.

    Attributes:
        mse: mean squared error per value of each method, by name; the model is `OURS`.
        psnr: PSNR in dB, averaged over the rows that the damage changed by more than rounding; empty for
            other data than images.
        gain: the model's PSNR minus that of the other method with the highest, in dB; None without PSNR.
        gain_ci95: its 95 % interval over groups of rows.
        noise: the mean squared error per value that the noise of the rows themselves makes, where these are
            noisy, too; None where they are clean.
        unseen: whether the methods are compared with noisy values that none of them was given.
    """

    mse: Mapping[str, float]
    psnr: Mapping[str, float]
    gain: float | None = None
    gain_ci95: Interval | None = None
    noise: float | None = None
    unseen: bool = False

    @property
    def worse(self) -> bool:
        """Whether another method has a higher PSNR."""
        return self.gain is not None and self.gain < 0

    @property
    def surely_worse(self) -> bool:
        """Whether the interval of the PSNR excludes a gain."""
        return self.gain_ci95 is not None and self.gain_ci95[1] < 0

    @property
    def sentence(self) -> str:
        """The PSNR of all methods, the highest first; nothing without one."""
        if not self.psnr:
            return ""
        ranked = sorted(self.psnr.items(), key=lambda pair: -pair[1])
        against = f" against {UNSEEN}" * self.unseen
        return f"Mean PSNR in dB{against}: {', '.join(f'{name} {value:.2f}' for name, value in ranked)}."

    @property
    def in_words(self) -> str:
        """How the PSNR compares with the best of the others."""
        assert self.gain_ci95 is not None
        best = max((name for name in self.psnr if name != OURS), key=self.psnr.__getitem__)
        low, high = self.gain_ci95
        return (
            f"its mean PSNR is {self.psnr[OURS]:.2f} dB, that of {best} {self.psnr[best]:.2f} dB "
            f"(difference {low:+.2f} to {high:+.2f} dB)"
        )

    @property
    def caveat(self) -> str:
        """What errors against noisy rows contain, a sentence; nothing where the rows are clean."""
        if self.noise is None:
            return ""
        share = 100 * min(1.0, self.noise / (self.mse[OURS] or 1.0))
        return (
            f"All errors are against rows that are noisy, too, and contain the noise of these, which is the "
            f"same for all methods: about {share:.0f} % of this model's error."
        )

    def to_json(self) -> dict[str, Any]:
        """The numbers by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Restoration:
        """The inverse of `to_json`."""
        ends = record["gain_ci95"]
        return cls(**{**record, "gain_ci95": None if ends is None else (float(ends[0]), float(ends[1]))})


class Restorations(NamedTuple):
    """Errors of a model and of others on the same damaged rows.

    Attributes:
        ours: of the model.
        others: by name; the first are of the damaged rows as they are.
        peak: the range of the data, for PSNR; None for other data than images.
        noisy: whether the rows have noise of their own, of the same strength as the damaged ones.
        unseen: as `Restoration` has it.
    """

    ours: Errors
    others: Mapping[str, Errors]
    peak: float | None = None
    noisy: bool = False
    unseen: bool = False

    @property
    def strongest(self) -> str:
        """The name of the other method with the smallest mean squared error."""
        return min(self.others, key=lambda name: self.others[name].mse)

    def without(self, rows: Index) -> Restorations:
        """The errors without those of `rows`."""

        def left(errors: Errors) -> Errors:
            return Errors(*(np.delete(each, rows) for each in errors))

        return self._replace(ours=left(self.ours), others={n: left(e) for n, e in self.others.items()})

    def times(self, unit: float) -> Restorations:
        """The same errors in another unit."""
        others = {name: each.times(unit) for name, each in self.others.items()}
        peak = self.peak and self.peak * unit**0.5
        return self._replace(ours=self.ours.times(unit), others=others, peak=peak)

    def summary(self, groups: Floats | None = None) -> Restoration:
        """Means over rows, which belong to `groups (n,)`, each to its own when None."""
        every = {**self.others, OURS: self.ours}
        mse = {name: each.mse for name, each in every.items()}
        damaged = next(iter(self.others.values())).per_value
        changed = damaged > ROUNDING * (self.peak or 0.0) ** 2
        # Two frames differ by the noise of both.
        noise = next(iter(self.others.values())).mse / 2 if self.noisy else None
        if self.peak is None or not changed.any():
            return Restoration(mse, {}, noise=noise, unseen=self.unseen)
        by_row = {name: decibels(each.per_value[changed], self.peak) for name, each in every.items()}
        psnr = {name: float(each.mean()) for name, each in by_row.items()}
        best = max(self.others, key=psnr.__getitem__)
        gains = by_row[OURS] - by_row[best]
        owners = None if groups is None else groups[changed]
        interval = interval_of_mean(gains, owners)
        return Restoration(mse, psnr, float(gains.mean()), interval, noise, self.unseen)


def decibels(mse: Floats, peak: float) -> Floats:
    """PSNR of mean squared errors `mse (n,)` in dB; an error below that of rounding counts as rounding."""
    return np.asarray(-10 * np.log10(np.maximum(mse / peak**2, ROUNDING)), dtype=np.float64)


def interval_of_mean(values: Floats, groups: Floats | None = None) -> Interval:
    """95 % interval of the mean of `values (n,)` by Student's t; rows of a group count as one draw."""
    owner = np.arange(len(values)) if groups is None else np.unique(groups, return_inverse=True)[1]
    mean, n = float(values.mean()), int(owner.max()) + 1
    if n < 2:
        return mean, mean
    deviations = np.bincount(owner, values - mean)
    half = float(stdtrit(n - 1, 0.975) * np.sqrt((deviations**2).sum() * n / (n - 1)) / len(values))
    return mean - half, mean + half
