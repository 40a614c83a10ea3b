"""How much may be lost, and the step of rounding that follows from it: for a PSNR, bits, or a quality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import exp, isfinite, log10, prod, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.model.bottlenecks.rounded import Rounded
from narrows.runs.run import Run
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.quantiser import Quantiser

FINEST, COARSEST = 0.1, 10.0
"""The error that is asked for lies between these times the least and the greatest of the training."""

HALVINGS = 24
"""Cuts of the interval in which an error is searched, at the most."""

CLOSEST = 0.002
"""The share to which an error is searched."""

TRIES, NEAR, SAME = 6, 0.01, 0.001
"""How many files are made for some bits, by which share one may miss these, and which errors are the same."""

SEARCHED = 2**20
"""Values that the search uses, about, where there are more."""

SIDE = 32
"""Of the tiles of large images that the search uses, in places of the code."""


class Wish(NamedTuple):
    """How much may be lost; one of these is given.

    Attributes:
        psnr: the least peak signal-to-noise ratio, in dB, of all values together.
        bits: bits per value of the file, about.
        quality: the peak signal-to-noise ratio that rounding alone would leave, in dB, without a search.
    """

    psnr: float | None = None
    bits: float | None = None
    quality: float | None = None

    @property
    def given(self) -> bool:
        """Whether something may be lost."""
        return any(wish is not None for wish in self)

    def check(self) -> None:
        """Refuse none and several.

        Raises:
            InputError: with what is wanted.
        """
        if sum(wish is not None for wish in self) != 1:
            raise InputError("Give one of psnr, bits and quality, which each decide how much is lost.")
        if self.bits == 0:
            raise InputError("bits is a number above 0, but got 0; ask for some bits per value.")


@dataclass(frozen=True, eq=False)
class Lot:
    """Examples of one shape with their coefficients.

    Attributes:
        quantiser: of them.
        values: `(n, *schema.shape)`.
        y: `(n, *grid)`, not rounded.
        errors: what `error` found, by the error that was asked for.
    """

    quantiser: Quantiser
    values: Array
    y: Array
    errors: dict[float, float] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, values: Array) -> Lot:
        """The lot of `values`; errors are those of `Quantiser.of`."""
        quantiser = Quantiser.of(run, values.shape[1:], values.dtype)
        return cls(quantiser, values, quantiser.coefficients(values))

    def numbers(self, s: float) -> Array:
        """The coefficients, rounded at the error `s`."""
        return self.quantiser.rounded(self.y, s)

    def error(self, s: float) -> float:
        """The sum of the squared errors at `s`, on the model's scale."""
        if s not in self.errors:
            made = self.quantiser.restored(self.numbers(s), s)
            self.errors[s] = squared_error(self.quantiser.run, made, self.values)
        return self.errors[s]

    def part(self, share: float) -> Lot:
        """About this share of the values: examples, or of large images whole tiles of some size."""
        if self.quantiser.run.model.grows is None:
            chosen = evenly(len(self.y), share)
            return Lot(self.quantiser, self.values[chosen], self.y[chosen])
        sides = [min(length, SIDE) for length in self.y.shape[2:]]
        counts = [length // side for length, side in zip(self.y.shape[2:], sides, strict=True)]
        chosen = evenly(len(self.y) * prod(counts), share)
        which = zip(*np.unravel_index(chosen, (len(self.y), *counts)), strict=True)
        boxes = [(i, (at(row, sides[0]), at(column, sides[1]))) for i, row, column in which]
        values = np.stack([self.values[i][self.quantiser.pixels(box)[1:]] for i, box in boxes])
        quantiser = Quantiser.of(self.quantiser.run, values.shape[1:], values.dtype)
        return Lot(quantiser, values, np.stack([self.y[i][:, *box] for i, box in boxes]))


def at(i: int, side: int) -> slice:
    """The places of tile `i` of a side."""
    return slice(i * side, (i + 1) * side)


def evenly(n: int, share: float) -> NDArray[np.intp]:
    """About a `share` of `n` numbers, evenly spaced."""
    return np.linspace(0, n - 1, max(1, min(n, round(share * n)))).round().astype(np.intp)


def squared_error(run: Run, made: Array, values: Array) -> float:
    """The sum of the squared differences of `made` and `values`, on the model's scale."""
    parts = -(-len(values) // run.schema.at_once)
    pairs = zip(np.array_split(made, parts), np.array_split(values, parts), strict=True)
    return sum(float(np.nansum((run.scaled(a) - run.scaled(b)) ** 2, dtype=np.float64)) for a, b in pairs)


def psnr(lots: Sequence[Lot], s: float) -> float:
    """The peak signal-to-noise ratio of all values together at `s`, in dB; the peak is their range."""
    mean = sum(lot.error(s) for lot in lots) / sum(lot.values.size for lot in lots)
    return float("inf") if mean == 0 else -10 * log10(mean * lots[0].quantiser.run.scaling.unit)


def bits(lots: Sequence[Lot], s: float) -> float:
    """About how many bits a value takes at `s`, as the model predicts them."""
    return sum(lot.quantiser.bits(lot.y, s) for lot in lots) / sum(lot.values.size for lot in lots)


def error_of(wish: Wish, lots: Sequence[Lot]) -> float:
    """The error s that a wish asks for.

    Raises:
        InputError: for a wish that the model cannot fulfil.
    """
    wish.check()
    quantiser = lots[0].quantiser
    if wish.quality is not None:
        return within_training(quantiser, 10 ** (-wish.quality / 20) / sqrt(quantiser.run.scaling.unit))
    some = sampled(lots)
    if wish.psnr is not None:
        return error_for_psnr(lots, some, wish.psnr)
    assert wish.bits is not None
    return error_for_bits(lots, some, wish.bits)


def sampled(lots: Sequence[Lot]) -> Sequence[Lot]:
    """`lots`, or a part of them of about `SEARCHED` values."""
    share = SEARCHED / sum(lot.values.size for lot in lots)
    return lots if share >= 1 else [lot.part(share) for lot in lots]


def within_training(quantiser: Quantiser, s: float) -> float:
    """`s`, when it is near the errors of the training."""
    chosen = quantiser.bottleneck
    low, high = chosen.fine * FINEST, chosen.coarse * COARSEST
    if not low <= s <= high:
        unit = quantiser.run.scaling.unit
        ends = [-10 * log10(end**2 * unit) for end in (high, low)]
        raise InputError(f"quality is a number of dB between {ends[0]:.0f} and {ends[1]:.0f} for this run.")
    return s


def error_for_psnr(lots: Sequence[Lot], some: Sequence[Lot], wanted: float) -> float:
    """The error s at which the values of `lots` come back with at least the PSNR that is `wanted`.

    It is searched on `some` of them, whose PSNR may be another one, and then made smaller until it holds for
    all.

    Raises:
        InputError: when the model does not reach it, with the best that it reaches.
    """
    chosen = lots[0].quantiser.bottleneck
    s = searched(chosen, partial(psnr, some), wanted, coarse=False)
    if some is not lots:
        there = wanted + psnr(some, s) - psnr(lots, s)
        s = searched(chosen, partial(psnr, some), there, coarse=False)
    while (found := psnr(lots, s)) < wanted:
        s *= 10 ** (min(found - wanted, -0.002) / 20)
        if s < chosen.fine * FINEST:
            raise InputError(
                f"A PSNR of {wanted:g} dB is beyond this model, which reaches {found:.1f} dB at the most; "
                f"ask for less, train longer, or compress without loss."
            )
    return s


def error_for_bits(lots: Sequence[Lot], some: Sequence[Lot], wanted: float) -> float:
    """The error s at which the values of `lots` take as many bits as are `wanted`, as predicted by the model.

    It is searched on `some` of them, which may take more or fewer.
    """
    chosen = lots[0].quantiser.bottleneck
    s = searched(chosen, partial(bits, some), wanted, coarse=True)
    if some is lots:
        return s
    there = wanted * bits(some, s) / bits(lots, s)
    return searched(chosen, partial(bits, some), there, coarse=True)


class Tried(NamedTuple):
    """A file that was made.

    Attributes:
        error: of its rounding.
        bits: per value.
        content: of the file.
    """

    error: float
    bits: float
    content: Container


def of_size(make: Callable[[float], Container], lots: Sequence[Lot], wanted: float) -> Container:
    """The file with about as many bits per value as are `wanted`: the nearest of `TRIES`, or a near one.

    The first error is that which the model predicts. Each file tells by how much its prediction is wrong, and
    between files of more and fewer bits the interval is halved where that leads out of it.

    Args:
        make: a file with an error.
        lots: that are in it.
        wanted: bits per value.
    """
    n, some, chosen = sum(lot.values.size for lot in lots), sampled(lots), lots[0].quantiser.bottleneck
    tried: list[Tried] = []
    error = error_for_bits(lots, some, wanted)
    for _ in range(TRIES):
        content = make(error)
        tried.append(Tried(error, 8 * len(to_bytes(content)) / n, content))
        if abs(tried[-1].bits / wanted - 1) <= NEAR:
            break
        there = wanted * bits(lots, error) / tried[-1].bits
        error = between(error_for_bits(lots, some, there), tried, wanted, chosen)
        if any(abs(error / each.error - 1) < SAME for each in tried):
            break
    return min(tried, key=lambda each: abs(each.bits / wanted - 1)).content


def between(error: float, tried: Sequence[Tried], wanted: float, chosen: Rounded) -> float:
    """`error`, or the middle of the errors of files with more and fewer bits, if it lies outside of these."""
    low = max((e.error for e in tried if e.bits > wanted), default=chosen.fine * FINEST)
    high = min((e.error for e in tried if e.bits <= wanted), default=chosen.coarse * COARSEST)
    return error if low < error < high else sqrt(low * high)


def searched(chosen: Rounded, measure: Callable[[float], float], wanted: float, *, coarse: bool) -> float:
    """The error at which what is measured is as `wanted`, or a little better, on a logarithmic scale.

    Every second time the interval is halved, else cut where a line between its ends has the wanted value.

    Args:
        chosen: the bottleneck whose errors are searched.
        measure: of an error, what falls while the error grows.
        wanted: its value.
        coarse: whether lower values are better, and with them coarse errors.
    """
    low, high = float(np.log(chosen.fine * FINEST)), float(np.log(chosen.coarse * COARSEST))
    at_low, at_high = measure(exp(low)), measure(exp(high))
    for step in range(HALVINGS if at_low > wanted > at_high else 0):
        share = (at_low - wanted) / (at_low - at_high) if step % 2 == 0 and isfinite(at_low) else 0.5
        middle = low + min(max(share, 0.01), 0.99) * (high - low)
        found = measure(exp(middle))
        if (found <= wanted) if coarse else (found < wanted):
            high, at_high = middle, found
        else:
            low, at_low = middle, found
        better = wanted - at_high if coarse else at_low - wanted
        if high - low < CLOSEST or better < CLOSEST * wanted / 10:
            break
    if at_low <= wanted:
        return exp(low)
    return exp(high if coarse or at_high >= wanted else low)
