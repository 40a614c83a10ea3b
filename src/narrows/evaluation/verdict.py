"""Does it beat its yardstick, as a rule PCA? An answer with an interval, or that nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from narrows.core.numbers import number, times
from narrows.data.split import Index
from narrows.evaluation.errors import Floats
from narrows.evaluation.outlying import OutlyingRows
from narrows.evaluation.rates import Rates
from narrows.evaluation.ratios import (
    Comparison,
    Interval,
    Methods,
    by_group,
    finite_or_null,
    with_infinity,
)
from narrows.evaluation.restored import UNSEEN, Restoration, Restorations

FEWEST = 20
"""Held-out groups below which an interval is not to be trusted."""

MARGIN = 0.05
"""When an advantage larger than this is excluded, the answer is no instead of "cannot tell"."""

GROSS = 5.0
"""The model's error in units of the yardstick's beyond which the answer is no, whatever the interval."""

PCA = "PCA"
"""The name of the yardstick that has no other."""

NEGLIGIBLE = 1e-9
"""A share of the variance below which an error is rounding."""

Outcome = Literal["beats", "does not beat", "cannot tell"]

STARTS: dict[Outcome, str] = {
    "beats": "Beats",
    "does not beat": "Does not beat",
    "cannot tell": "Cannot tell whether it beats",
}
"""The first words of a verdict."""


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
        outlying: the few rows that hold most of an error; None where there are none.
        rest: the verdict on the other rows.
        restoration: how all methods restore the rows, of a model that is judged by that; else None.
        rates: the bytes that methods take, of a model that is judged by these; else None.
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
    outlying: OutlyingRows | None = None
    rest: Verdict | None = None
    restoration: Restoration | None = None
    rates: Rates | None = None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.rates is not None:
            return self.rates.sentence(f"{STARTS[self.outcome]} {self.yardstick}", self.reason)
        if self.yardstick_mse is None or self.ratio_ci95 is None:
            return f"Its error is {number(self.mse)} {self.where}; there is nothing to compare it with."
        start = f"{STARTS[self.outcome]} {self.yardstick}"
        if self.outlying is None or self.rest is None:
            return f"{start}: {self.comparison(*self.ratio_ci95)}.{self.caveat}"
        rest = self.rest.sentence
        return (
            f"{start}: {self.reason or self.at_all}, but {self.outlying} hold{self.outlying.s} "
            f"{self.outlying.shares}; without {self.outlying.it}: {rest[:1].lower()}{rest[1:]}"
        )

    @property
    def caveat(self) -> str:
        """What the errors contain that no method can avoid, with a space before it; as a rule nothing."""
        found = "" if self.restoration is None else self.restoration.caveat
        return f" {found}" if found else ""

    @property
    def headline(self) -> str:
        """The answer of a verdict with outlying rows, in short."""
        assert self.outlying is not None
        assert self.rest is not None
        rows = len(self.outlying.names)
        matter = f", a matter of {rows} row{'s' * (rows > 1)}" if self.rest.outcome != self.outcome else ""
        return f"{STARTS[self.outcome]} {self.yardstick}: {self.reason or self.at_all}{matter}."

    @property
    def where(self) -> str:
        """What it was measured on."""
        unseen = self.restoration is not None and self.restoration.unseen
        against = f", against {UNSEEN}, whose noise is in every error" * unseen
        return f"on {self.n:,} held-out rows{against}"

    @property
    def reason(self) -> str:
        """Why nobody can tell, whatever the errors are; nothing where they decide."""
        if self.outcome != "cannot tell":
            return ""
        if self.groups < FEWEST:
            units = "groups" if self.groups < self.n else "rows"
            return f"only {self.groups} held-out {units}, at least {FEWEST} are needed"
        return "the weights it began with may have been fitted to the held-out rows" if self.seen else ""

    @property
    def gain(self) -> str:
        """How much less error the model has than the yardstick."""
        assert self.yardstick_mse is not None
        return f"{100 * (1 - self.mse / max(self.yardstick_mse, 1e-300)):.0f} % less error {self.where}"

    @property
    def at_all(self) -> str:
        """How the errors compare, without an interval."""
        ratio = self.errors_on_scale.ratio
        return (
            self.gain
            if ratio < 1
            else f"its error is {number(ratio, 3)} times {self.yardstick}'s {self.where}"
        )

    @property
    def as_measured(self) -> str:
        """How the errors compare where there are no clean examples to see it on; else nothing."""
        unseen = self.restoration is not None and self.restoration.unseen
        return f"; as measured, {self.at_all}" if unseen else ""

    def comparison(self, low: float, high: float) -> str:
        """How the errors compare, with the interval `low` to `high`."""
        if self.reason:
            return f"{self.reason}{self.as_measured}"
        if self.outcome == "beats":
            return f"{self.gain} (95 % interval {100 * (1 - high):.0f} to {100 * (1 - low):.0f} %)"
        if not np.isfinite(low) or self.exact:
            large = "with a code this large " * (self.yardstick == PCA)
            return f"{large}{self.yardstick} makes no error at all"
        if self.surrogate_ratio is not None and decide(self.groups, (low, high)) == "beats" != self.scaled:
            folded = 100 * (1 - self.surrogate_ratio)
            return f"{self.gain}, but on data without structure it gains {folded:.0f} %"
        if self.raw is not None and self.scaled == "beats":
            raw = in_words(self.raw, self.yardstick)
            return f"{self.gain} on the model's scale, but {raw} for the values as they came"
        if self.restoration is not None and self.scaled == "beats":
            return f"{self.gain}, but {self.restoration.in_words}"
        if self.outcome == "does not beat" != self.scaled:
            return self.at_all + (" (too few for an interval)" * (self.groups < FEWEST))
        return f"its error is {times(low)} to {times(high)} times {self.yardstick}'s {self.where}"

    @property
    def scaled(self) -> Outcome:
        """The outcome on the model's scale alone, whatever the errors of the values as they came."""
        if self.ratio_ci95 is None or self.seen:
            return "cannot tell"
        return decide(self.groups, self.ratio_ci95, min(1.0, self.surrogate_ratio or 1.0))

    @property
    def errors_on_scale(self) -> Comparison:
        """The errors on the model's scale."""
        return Comparison(self.mse, self.yardstick_mse, self.mean_mse, self.ratio_ci95)

    @property
    def errors(self) -> Comparison:
        """The errors of the values as they came, each column in units of its variance or of a common one."""
        return self.raw or self.errors_on_scale

    @property
    def usual(self) -> Verdict:
        """The verdict without outlying rows."""
        return self.rest or self

    @property
    def gross(self) -> bool:
        """Whether the error is far larger than the yardstick's, which is more than rounding."""
        return self.yardstick_mse is not None and not self.exact and self.errors_on_scale.ratio > GROSS

    @property
    def exact(self) -> bool:
        """Whether the error of the yardstick is rounding."""
        return (self.yardstick_mse or 0.0) <= NEGLIGIBLE * (self.mean_mse or 0.0)

    @property
    def signal(self) -> str:
        """How much of the held-out values is explained, or the PSNR of what is restored; else nothing."""
        if self.restoration is not None and self.restoration.psnr:
            return self.restoration.sentence
        shares = self.errors.explained
        if shares is None:
            return ""
        ours, theirs = (number(100 * share) for share in shares)
        of = "values as they came" if self.raw else "values"
        return f"Of the variance of the held-out {of} it explains {ours} %, {self.yardstick} {theirs} %."

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
            **({} if self.restoration is None else {"restoration": self.restoration.to_json()}),
            **({} if self.rates is None else {"rates": self.rates.to_json()}),
            **self.apart,
        }

    @property
    def apart(self) -> dict[str, Any]:
        """The outlying rows and the verdict without them, JSON values; nothing where there are none."""
        if self.outlying is None or self.rest is None:
            return {}
        return {"outlying": self.outlying.to_json(), "rest": self.rest.to_metrics()}

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
            outlying=OutlyingRows.from_json(record["outlying"]) if "outlying" in record else None,
            rest=cls.from_metrics(record["rest"]) if "rest" in record else None,
            restoration=Restoration.from_json(record["restoration"]) if "restoration" in record else None,
            rates=Rates.from_json(record["rates"]) if "rates" in record else None,
            **later,
        )


def in_words(found: Comparison, yardstick: str = PCA) -> str:
    """How the error of the model compares with the yardstick's."""
    low, high = found.ratio_ci95 or (found.ratio, found.ratio)
    return f"its error is {times(found.ratio)} times {yardstick}'s ({times(low)} to {times(high)})"


def judge(
    methods: Methods,
    groups: Floats | None = None,
    surrogate_ratio: float | None = None,
    seen: bool = False,
    name: str = PCA,
    raw: Methods | None = None,
    apart: tuple[OutlyingRows, Index] | None = None,
    restored: Restorations | None = None,
) -> Verdict:
    """Compare the errors of the same held-out rows.

    A gain on a scale that bends the values is none while the error of the values as they came is larger, and
    a gain in restored images none while their mean PSNR is lower than that of another method.

    Args:
        methods: the errors; nobody can tell without a yardstick.
        groups: `(n,)`, which group each row belongs to; each row its own when None.
        surrogate_ratio: what the model's error is in units of the yardstick's on data without structure.
        seen: whether the weights that the training began with may have been fitted to these rows.
        name: of the yardstick.
        raw: the errors of the values as they came, where the model's scale bends them.
        apart: the few rows that hold most of an error, and their numbers.
        restored: the errors of all methods, of a model that is judged by what it restores.
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
        restoration=restored and restored.summary(groups),
    )
    if apart is not None:
        others = None if groups is None else np.delete(groups, apart[1])
        kept = [each and each.without(apart[1]) for each in (methods, raw)]
        assert kept[0] is not None
        left = restored and restored.without(apart[1])
        rest = judge(kept[0], others, surrogate_ratio, seen, name, kept[1], restored=left)
        verdict = replace(verdict, outlying=apart[0], rest=rest)
    return replace(verdict, outcome=outcome_of(verdict))


def judge_rates(methods: Methods, rates: Rates, *, seen: bool = False) -> Verdict:
    """The verdict on the bytes of a model whose code is rounded.

    Args:
        methods: the errors of its code before rounding, and of the training mean.
        rates: the bytes of all methods.
        seen: as `judge`.
    """
    outcome: Outcome = "cannot tell"
    if rates.ratio_ci95 is not None and not seen:
        outcome = decide(rates.groups, rates.ratio_ci95)
    return Verdict(
        outcome,
        n=len(methods.ours.squared),
        groups=rates.groups,
        mse=methods.ours.mse,
        yardstick_mse=None,
        mean_mse=None if methods.mean is None else methods.mean.mse,
        ratio_ci95=None,
        seen=seen,
        yardstick=rates.yardstick or PCA,
        rates=rates,
    )


def outcome_of(verdict: Verdict) -> Outcome:
    """The outcome that all measured errors support.

    What a few outlying rows decide alone cannot be told, unless the error is grossly larger with them.
    """
    found = straight_outcome(verdict)
    if verdict.rest is not None and verdict.rest.outcome != found:
        found = "cannot tell"
    return "does not beat" if found == "cannot tell" and verdict.gross else found


def straight_outcome(verdict: Verdict) -> Outcome:
    """The outcome that the errors on the model's scale, those of the values, and the PSNR support."""
    raw, restoration = verdict.raw, verdict.restoration
    if verdict.scaled == "beats" and restoration is not None and restoration.worse:
        return "does not beat" if restoration.surely_worse else "cannot tell"
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
