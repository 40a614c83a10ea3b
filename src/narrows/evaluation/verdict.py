"""Does it beat its yardstick, as a rule PCA? An answer with an interval, or that nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from narrows.evaluation.errors import Floats
from narrows.evaluation.ratios import (
    Comparison,
    Interval,
    Methods,
    by_group,
    finite_or_null,
    with_infinity,
)

FEWEST = 20
"""Held-out groups below which an interval is not to be trusted."""

MARGIN = 0.05
"""When an advantage larger than this is excluded, the answer is no instead of "cannot tell"."""

PCA = "PCA"
"""The name of the yardstick that has no other."""

Outcome = Literal["beats", "does not beat", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Held-out errors of a model beside those of a yardstick.

    Attributes:
        outcome: beats, does not beat, or cannot tell.
        n: held-out rows.
        groups: held-out groups of rows that belong together.
        mse: the model's mean squared error per value.
        yardstick_mse: that of the yardstick; None where there is none. PCA has as many components as the code
            has dimensions.
        mean_mse: that of the training mean, the simplest guess; None where there is none.
        ratio_ci95: 95 % bootstrap interval of mse / yardstick_mse, over groups; None without a yardstick.
        surrogate_ratio: mse / yardstick_mse of the same model on data without structure, which it has to
            stay below; None where the gain was too large or too uncertain to ask, or there are no such data.
        seen: whether the weights that the training began with may have been fitted to these rows.
        yardstick: what the model was compared with.
        raw: the errors of the values as they came, where the model's scale bends them; else None.
    """

    outcome: Outcome
    n: int
    groups: int
    mse: float
    yardstick_mse: float | None
    mean_mse: float | None
    ratio_ci95: Interval | None
    surrogate_ratio: float | None = None
    seen: bool = False
    yardstick: str = PCA
    raw: Comparison | None = None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.yardstick_mse is None or self.ratio_ci95 is None:
            return f"Its error is {self.mse:.4g} {self.where}; there is nothing to compare it with."
        if self.reason:
            return f"Cannot tell whether it beats {self.yardstick}: {self.reason}."
        if self.outcome == "beats":
            least, most = (100 * (1 - ratio) for ratio in self.ratio_ci95[::-1])
            return f"Beats {self.yardstick}: {self.gain} (95 % interval {least:.0f} to {most:.0f} %)."
        no = self.outcome == "does not beat"
        start = f"{'Does not beat' if no else 'Cannot tell whether it beats'} {self.yardstick}"
        return f"{start}: {self.comparison(*self.ratio_ci95)}."

    @property
    def where(self) -> str:
        """What it was measured on."""
        return f"on {self.n:,} held-out rows"

    @property
    def reason(self) -> str:
        """Why nobody can tell, whatever the errors are; nothing where they decide."""
        if self.groups < FEWEST:
            return f"only {self.groups} held-out groups, at least {FEWEST} are needed"
        return "the weights it began with may have been fitted to the held-out rows" if self.seen else ""

    @property
    def gain(self) -> str:
        """How much less error the model has than the yardstick."""
        assert self.yardstick_mse is not None
        return f"{100 * (1 - self.mse / max(self.yardstick_mse, 1e-300)):.0f} % less error {self.where}"

    def comparison(self, low: float, high: float) -> str:
        """How the errors compare where the model does not win, with the interval `low` to `high`."""
        if not np.isfinite(low):
            return f"with a code this large {self.yardstick} makes no error at all"
        if self.surrogate_ratio is not None and decide(self.groups, (low, high)) == "beats" != self.scaled:
            folded = 100 * (1 - self.surrogate_ratio)
            return f"{self.gain}, but on data without structure it gains {folded:.0f} %"
        if self.raw is not None and self.scaled == "beats":
            return f"{self.gain} on the model's scale, but {in_words(self.raw)} for the values as they came"
        return f"its error is {low:.2f} to {high:.2f} times {self.yardstick}'s {self.where}"

    @property
    def scaled(self) -> Outcome:
        """The outcome on the model's scale alone, whatever the errors of the values as they came."""
        if self.ratio_ci95 is None or self.seen:
            return "cannot tell"
        return decide(self.groups, self.ratio_ci95, min(1.0, self.surrogate_ratio or 1.0))

    @property
    def errors(self) -> Comparison:
        """The errors of the values as they came, each column in units of its variance or of a common one."""
        return self.raw or Comparison(self.mse, self.yardstick_mse, self.mean_mse, self.ratio_ci95)

    @property
    def signal(self) -> str:
        """How much of the held-out values is explained, a sentence; nothing where that is not known."""
        shares = self.errors.explained
        if shares is None:
            return ""
        ours, theirs = (100 * share for share in shares)
        of = "values as they came" if self.raw else "values"
        return (
            f"Of the variance of the held-out {of} it explains {ours:.4g} %, {self.yardstick} {theirs:.4g} %."
        )

    def to_metrics(self) -> dict[str, Any]:
        """What the metrics of a run say of it."""
        return {
            "verdict": {"outcome": self.outcome, "sentence": self.sentence},
            "held_out": self.to_json(),
        }

    def to_json(self) -> dict[str, Any]:
        """The numbers, without the outcome; an infinite ratio is null.

        The yardstick has its name and error in `yardstick` and `yardstick_mse`, PCA in `pca_mse` alone.
        """
        other = {"yardstick": self.yardstick, "yardstick_mse": self.yardstick_mse}
        return {
            "n": self.n,
            "groups": self.groups,
            "mse": self.mse,
            "pca_mse": self.yardstick_mse if self.yardstick == PCA else None,
            "mean_mse": self.mean_mse,
            "ratio_ci95": finite_or_null(self.ratio_ci95),
            "surrogate_ratio": self.surrogate_ratio,
            "seen": self.seen,
            **(other if self.yardstick != PCA else {}),
            **({} if self.raw is None else {"raw": self.raw.to_json()}),
        }

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, Any]) -> Verdict:
        """The verdict in the metrics of a run, of this version or an earlier one."""
        record = metrics["held_out"]
        later = {name: record[name] for name in ("surrogate_ratio", "seen", "yardstick") if name in record}
        return cls(
            metrics["verdict"]["outcome"],
            **{name: record[name] for name in ("n", "groups", "mse", "mean_mse")},
            yardstick_mse=record.get("yardstick_mse", record["pca_mse"]),
            ratio_ci95=with_infinity(record["ratio_ci95"]),
            raw=Comparison.from_json(record["raw"]) if "raw" in record else None,
            **later,
        )


def in_words(found: Comparison, yardstick: str = PCA) -> str:
    """How the error of the model compares with the yardstick's."""
    low, high = found.ratio_ci95 or (found.ratio, found.ratio)
    return f"its error is {found.ratio:.2f} times {yardstick}'s ({low:.2f} to {high:.2f})"


def judge(
    methods: Methods,
    groups: Floats | None = None,
    surrogate_ratio: float | None = None,
    seen: bool = False,
    name: str = PCA,
    raw: Methods | None = None,
) -> Verdict:
    """Compare the errors of the same held-out rows.

    A gain on a scale that bends the values is none while the error of the values as they came is larger.

    Args:
        methods: the errors; nobody can tell without a yardstick.
        groups: `(n,)`, which group each row belongs to; each row its own when None.
        surrogate_ratio: what the model's error is in units of the yardstick's on data without structure.
        seen: whether the weights that the training began with may have been fitted to these rows.
        name: of the yardstick.
        raw: the errors of the values as they came, where the model's scale bends them.
    """
    found = Comparison.of(methods, groups)
    verdict = Verdict(
        outcome="cannot tell",
        n=len(methods.ours.squared),
        groups=len(by_group(methods.ours.squared, groups)),
        mse=found.mse,
        yardstick_mse=found.yardstick_mse,
        mean_mse=found.mean_mse,
        ratio_ci95=found.ratio_ci95,
        surrogate_ratio=surrogate_ratio,
        seen=seen,
        yardstick=name,
        raw=None if raw is None else Comparison.of(raw, groups),
    )
    return replace(verdict, outcome=outcome(verdict))


def outcome(verdict: Verdict) -> Outcome:
    """The outcome that both the errors on the model's scale and those of the values support."""
    raw = verdict.raw
    if verdict.scaled != "beats" or raw is None or raw.ratio_ci95 is None or raw.ratio <= 1:
        return verdict.scaled
    return "does not beat" if raw.ratio_ci95[0] > 1 - MARGIN else "cannot tell"


def decide(groups: int, interval: tuple[float, float], bar: float = 1.0) -> Outcome:
    """The outcome that the interval supports.

    The model beats its yardstick when the interval lies below the bar, and does not when the interval
    excludes an advantage of more than `MARGIN`. Between the two, or with too few groups, nobody can tell: an
    estimate on the wrong side of the bar is no evidence while its interval holds a gain as well.

    Args:
        groups: held-out groups.
        interval: 95 % interval of the ratio of our error to the yardstick's.
        bar: the ratio to stay below: 1, or what the model reaches on data without structure.
    """
    low, high = interval
    if groups < FEWEST:
        return "cannot tell"
    if high < bar:
        return "beats"
    return "does not beat" if low > bar * (1 - MARGIN) else "cannot tell"
