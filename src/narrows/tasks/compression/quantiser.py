"""Examples as rounded coefficients of a code, with a step for a PSNR, a number of bits or a quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import log10, sqrt
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.data.sources import Values
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.build import Model
from narrows.runs.inference import CPU, inference
from narrows.runs.run import Run

FINEST, COARSEST = 0.1, 10.0
"""The error that is asked for lies between these times the least and the greatest of the training."""

HALVINGS = 12
"""Of the interval in which an error is searched; it is then known to 0.2 %."""

SEARCHED = 1024
"""Examples that the search uses, at the most."""


class Wish(NamedTuple):
    """How much may be lost; one of these is given.

    Attributes:
        psnr: the least peak signal-to-noise ratio, in dB, of all values together.
        bits: the most bits per value, about.
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


@dataclass(frozen=True, eq=False)
class Quantiser:
    """Examples of a run as whole numbers, and back.

    Attributes:
        run: whose bottleneck is `Rounded`.
    """

    run: Run

    @property
    def bottleneck(self) -> Rounded:
        """The bottleneck of the run.

        Raises:
            InputError: when it does not round.
        """
        found = self.run.model.bottleneck
        if not isinstance(found, Rounded):
            raise InputError(
                f"The codes of the bottleneck {self.run.config['spec']['bottleneck']['name']!r} are not made "
                f"to be rounded; fit with --recipe compression, or with bottleneck.name=rounded."
            )
        return found

    def coefficients(self, values: Values) -> Array:
        """The coefficients of `values`, not rounded, `(n, *grid)` float32."""
        assert self.bottleneck is not None

        def use(model: Model, batch: Batch) -> Tensor:
            return chosen_of(model).coefficients(model.encoder(batch.x, batch.context))

        return replace(self.run, device=CPU).apply(values, use).astype(np.float32, copy=False)

    def rounded(self, y: Array, s: float) -> Array:
        """The whole numbers of coefficients `y (n, *grid)` at the error `s`, int32."""
        with inference(self.run.model) as model:
            pieces = (torch.as_tensor(some) for some in self.pieces(y))
            found = [chosen_of(model).numbers(some, torch.full((len(some),), s)) for some in pieces]
        return np.concatenate([each.numpy().astype(np.int32) for each in found])

    def pieces(self, y: Array) -> list[Array]:
        """`y (n, …)` in pieces that fit into memory at once."""
        return np.array_split(y, -(-len(y) // self.run.schema.at_once))

    def step(self, s: float) -> Array:
        """The step of each channel, `(1, channels, 1, 1)` float32."""
        with torch.inference_mode():
            return self.bottleneck.step(torch.tensor([s])).numpy()

    def restored(self, numbers: Array, s: float) -> Array:
        """The examples `(n, *schema.shape)`, in the data's type, of rounded `numbers (n, *grid)`."""
        with inference(self.run.model) as model:
            return np.concatenate(list(self._decoded(model, numbers, s)))

    def _decoded(self, model: Model, numbers: Array, s: float) -> Iterator[Array]:
        step = torch.as_tensor(self.step(s))
        for some in self.pieces(numbers):
            y = torch.as_tensor(some) * step
            code = self.bottleneck.code(y, torch.full((len(y),), s))
            decoded = model.decode(code.flatten(1))
            yield self.run.schema.restore(decoded, self.run.scaling).numpy()

    def psnr(self, values: Array, y: Array, s: float) -> float:
        """What `values` with the coefficients `y` come back with, in dB."""
        made = self.restored(self.rounded(y, s), s)
        return decibels(self.run, made, values)

    def bits(self, y: Array, s: float) -> float:
        """About how many bits a value takes at the error `s`, for coefficients `y (n, *grid)`."""
        with inference(self.run.model):
            pieces, step = self.pieces(self.rounded(y, s)), torch.as_tensor(self.step(s))
            costs = (
                self.bottleneck.cost(torch.as_tensor(p) * step, torch.full((len(p),), s)) for p in pieces
            )
            return (
                float(sum(cost.double().sum() for cost in costs))
                / np.log(2)
                / (len(y) * self.run.schema.size)
            )


def chosen_of(model: Model) -> Rounded:
    """The bottleneck of a model that rounds."""
    assert isinstance(model.bottleneck, Rounded)
    return model.bottleneck


def decibels(run: Run, made: Array, values: Array) -> float:
    """The peak signal-to-noise ratio of `made` beside `values`; the peak is the range of the data."""
    error = (run.scaled(made).astype(np.float64) - run.scaled(values)) ** 2
    mean = float(np.nanmean(error)) * run.scaling.unit
    return float("inf") if mean == 0 else -10 * log10(mean)


def error_of(wish: Wish, quantiser: Quantiser, values: Array, y: Array) -> float:
    """The error s that a wish asks for, for `values` with the coefficients `y`.

    Raises:
        InputError: for a wish that the model cannot fulfil.
    """
    wish.check()
    psnr, bits, quality = wish
    if quality is not None:
        return within_training(quantiser, 10 ** (-quality / 20) / sqrt(quantiser.run.scaling.unit))
    some = np.linspace(0, len(y) - 1, min(len(y), SEARCHED)).round().astype(np.intp)
    if bits is not None:
        return searched(quantiser, lambda s: quantiser.bits(y[some], s) <= bits, coarse=True)
    assert psnr is not None
    return error_for(quantiser, values, y, some, psnr)


def within_training(quantiser: Quantiser, s: float) -> float:
    """`s`, when it is near the errors of the training."""
    chosen = quantiser.bottleneck
    low, high = chosen.fine * FINEST, chosen.coarse * COARSEST
    if not low <= s <= high:
        unit = quantiser.run.scaling.unit
        ends = [-10 * log10(end**2 * unit) for end in (high, low)]
        raise InputError(f"quality is a number of dB between {ends[0]:.0f} and {ends[1]:.0f} for this run.")
    return s


def error_for(quantiser: Quantiser, values: Array, y: Array, some: Array, psnr: float) -> float:
    """The error s at which `values` come back with at least `psnr`.

    It is searched on `some` of them, and then made smaller until it holds for all.

    Raises:
        InputError: when the model does not reach it, with the best that it reaches.
    """
    s = searched(quantiser, lambda s: quantiser.psnr(values[some], y[some], s) >= psnr, coarse=False)
    while (found := quantiser.psnr(values, y, s)) < psnr:
        s *= 10 ** (min(found - psnr, -0.002) / 20)
        if s < quantiser.bottleneck.fine * FINEST:
            raise InputError(
                f"A PSNR of {psnr:g} dB is beyond this model, which reaches {found:.1f} dB at the most; ask "
                f"for less, train longer, or compress without loss."
            )
    return s


def searched(quantiser: Quantiser, holds: Callable[[float], bool], *, coarse: bool) -> float:
    """The end of the errors for which a wish `holds`, by bisection on a logarithmic scale.

    Args:
        quantiser: whose errors are searched.
        holds: true up to some error, or with `coarse` from some error on.
        coarse: whether it holds for coarse errors.
    """
    chosen = quantiser.bottleneck
    low, high = np.log(chosen.fine * FINEST), np.log(chosen.coarse * COARSEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if holds(float(np.exp(middle))) == coarse:
            high = middle
        else:
            low = middle
    return float(np.exp(high if coarse else low))
