"""The verdict on a model whose code is rounded for an entropy coder: bytes at the same quality, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import geometric_mean
from typing import Any

from narrows.core.numbers import number, times
from narrows.evaluation.codecs import pays_after
from narrows.evaluation.ratios import Interval

DERIVED = ("yardstick", "ratio", "pays_after")
"""What is in the JSON record beside the fields."""

OURS = "this model"
"""The name of the model among the methods."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Bits that methods take for the same held-out examples, at the PSNRs that the model reaches.

    Attributes:
        n: examples that were measured.
        groups: of examples that belong together.
        places: their pixels, whatever their channels; of other data their values.
        noun: of one place.
        examples: what the examples are, as "images of 64×64".
        psnr: in dB, ascending.
        bits: by method, bits per place at each PSNR; None where a method does not reach it. The model,
            `OURS`, reaches all.
        left_out: by method, why it was not measured.
        model_bytes: the size of the model.
        ratio_ci95: 95 % bootstrap interval of `ratio`, over groups; None where there is no other method.
    """

    n: int
    groups: int
    places: int
    noun: str
    examples: str
    psnr: tuple[float, ...]
    bits: Mapping[str, tuple[float | None, ...]]
    left_out: Mapping[str, str]
    model_bytes: int
    ratio_ci95: Interval | None = None

    @property
    def best(self) -> tuple[str | None, ...]:
        """The other method with the fewest bytes at each quality; None where none reaches it."""
        others = [name for name in self.bits if name != OURS]
        each = ([name for name in others if self.bits[name][i]] for i in range(len(self.psnr)))
        return tuple(
            min(known, key=lambda name: self.bits[name][i] or 0.0, default=None)
            for i, known in enumerate(each)
        )

    @property
    def yardstick(self) -> str | None:
        """The methods that take the fewest bytes at some quality, in words; None where there are none."""
        return " and ".join(dict.fromkeys(filter(None, self.best))) or None

    @property
    def ratio(self) -> float | None:
        """The model's bytes in units of the fewest of other methods, the geometric mean over qualities."""
        known = [self.ratio_at(name, i) for i, name in enumerate(self.best) if name is not None]
        return geometric_mean(filter(None, known)) if known else None

    @property
    def middle(self) -> int:
        """The number of the quality in the middle."""
        return len(self.psnr) // 2

    def ratio_at(self, name: str, i: int) -> float | None:
        """The model's bytes in units of those of the method `name` at quality `i`; None beyond its reach."""
        ours, theirs = self.bits[OURS][i], self.bits[name][i]
        return ours / theirs if ours and theirs else None

    @property
    def in_words(self) -> str:
        """How the bytes compare with those of the yardstick, and of further methods in the middle."""
        assert self.ratio is not None
        assert self.ratio_ci95 is not None
        low, high = map(times, self.ratio_ci95)
        found = {name: self.ratio_at(name, self.middle) for name in self.bits if name != OURS}
        near = sorted((-ratio, name) for name, ratio in found.items() if ratio)
        beside = ", ".join(f"{times(-ratio)} times {possessive(name)}" for ratio, name in near)
        its = "its bytes" if len({*self.best} - {None}) == 1 else "the fewest bytes of them"
        return (
            f"{times(self.ratio)} times {its} at the same quality (95 % interval {low} to {high}), "
            f"{self.measured}" + f", {beside}" * bool(beside) + self.exceptions
        )

    @property
    def measured(self) -> str:
        """The bits at the quality in the middle, and of what."""
        return (
            f"on {self.n:,} held-out {self.examples}; at {self.psnr[self.middle]:.1f} dB (PSNR) "
            f"{number(self.bits[OURS][self.middle] or 0.0, 3)} bits per {self.noun}"
        )

    @property
    def exceptions(self) -> str:
        """Where the model takes fewer bytes in the mean, but not at one quality; nothing else."""
        if self.ratio is None or self.ratio >= 1:
            return ""
        larger = [
            f"; at {psnr:.1f} dB {times(ratio)} times {possessive(name)}"
            for i, (psnr, name) in enumerate(zip(self.psnr, self.best, strict=True))
            if i != self.middle and name and (ratio := self.ratio_at(name, i)) and ratio > 1
        ]
        return "".join(larger)

    @property
    def cost(self) -> str:
        """What the bytes of the model come to, a sentence."""
        size, after = f"{self.model_bytes / 1e6:.2g} MB", self.pays_after
        if after is None:
            return f"The model's own {size} come on top."
        return f"The model's own {size} pay off after {number(float(f'{after:.2g}'))} of them."

    @property
    def pays_after(self) -> int | None:
        """After how many examples the model pays at the quality in the middle; None for never."""
        name = self.best[self.middle]
        ratio = None if name is None else self.ratio_at(name, self.middle)
        if ratio is None:
            return None
        ours = (self.bits[OURS][self.middle] or 0.0) * self.places / self.n / 8
        return pays_after(ours, ours / ratio, self.model_bytes)

    def sentence(self, start: str, reason: str) -> str:
        """The answer in words.

        Args:
            start: its first words, as "Beats WebP".
            reason: why nobody can tell; empty where the bytes decide.
        """
        if self.yardstick is None:
            return f"There is nothing to compare it with, {self.measured}."
        reason = f"{reason}; as measured, " if reason else ""
        return f"{start}: {reason}{self.in_words}. {self.cost}"

    def to_json(self) -> dict[str, Any]:
        """The numbers by name."""
        return {**asdict(self), **{name: getattr(self, name) for name in DERIVED}}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Rates:
        """The inverse of `to_json`."""
        plain = {name: value for name, value in record.items() if name not in DERIVED}
        ends = record["ratio_ci95"]
        return cls(
            **{
                **plain,
                "psnr": tuple(record["psnr"]),
                "bits": {name: tuple(each) for name, each in record["bits"].items()},
                "ratio_ci95": None if ends is None else (float(ends[0]), float(ends[1])),
            }
        )


def possessive(name: str) -> str:
    """What belongs to a method.

    >>> possessive("WebP"), possessive("PCA codes")
    ("WebP's", "PCA codes'")
    """
    return f"{name}'" if name.endswith("s") else f"{name}'s"
