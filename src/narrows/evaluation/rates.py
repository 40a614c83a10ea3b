"""The verdict on a model whose code is rounded for an entropy coder: bytes at the same quality, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from narrows.core.numbers import number, times
from narrows.evaluation.codecs import pays_after
from narrows.evaluation.ratios import Interval

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
        yardstick: the other method with the fewest bytes; None where there is none.
        ratio: the model's bytes in units of the yardstick's, the geometric mean over the PSNRs.
        ratio_ci95: its 95 % bootstrap interval, over groups.
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
    yardstick: str | None = None
    ratio: float | None = None
    ratio_ci95: Interval | None = None

    def ratios(self, name: str) -> dict[float, float]:
        """The model's bytes in units of those of the method `name`, by the PSNRs that it reaches."""
        pairs = zip(self.psnr, self.bits[OURS], self.bits[name], strict=True)
        return {psnr: ours / theirs for psnr, ours, theirs in pairs if ours and theirs}

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
        beside = ", ".join(f"{times(-ratio)} times {name}'s" for ratio, name in near)
        return (
            f"{times(self.ratio)} times its bytes at the same quality (95 % interval {low} to {high}), "
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
            f"; at {psnr:.1f} dB {times(ratio)} times {name}'s"
            for i, psnr in enumerate(self.psnr)
            for name in self.bits
            if i != self.middle and name != OURS and (ratio := self.ratio_at(name, i)) and ratio > 1
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
        ratio = None if self.yardstick is None else self.ratio_at(self.yardstick, self.middle)
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
        return {**asdict(self), "pays_after": self.pays_after}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Rates:
        """The inverse of `to_json`."""
        plain = {name: value for name, value in record.items() if name != "pays_after"}
        ends = record["ratio_ci95"]
        return cls(
            **{
                **plain,
                "psnr": tuple(record["psnr"]),
                "bits": {name: tuple(each) for name, each in record["bits"].items()},
                "ratio_ci95": None if ends is None else (float(ends[0]), float(ends[1])),
            }
        )
