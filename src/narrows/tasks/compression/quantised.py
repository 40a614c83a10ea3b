"""Compression with a loss: rounded coefficients of a code, coded under their learned distribution.

The whole numbers that coefficients round to are coded exactly, chunk by chunk, and a checksum of each chunk
is in the header. What is decoded of them is computed in floats, whose last digits depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import log10, sqrt

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.data.sources import Values
from narrows.model.bottlenecks.passes import Mixture, Pass
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.build import Model
from narrows.model.distributions import Binned, Distribution, Integers, Reals, logistic, on_grid, shares
from narrows.runs.inference import CPU, inference
from narrows.runs.run import Run
from narrows.tasks.compression.coder import Coder
from narrows.tasks.compression.container import Container
from narrows.tasks.compression.exact import check_digest, check_stamp, digest, exactly, stamp

METHOD = "quantised"

CHUNK = 2**19
"""Coefficients that are coded together, at the most."""

FINEST, COARSEST = 0.1, 10.0
"""The error that is asked for lies between these times the least and the greatest of the training."""

HALVINGS = 12
"""Of the interval in which an error is searched; it is then known to 0.2 %."""

SEARCHED = 1024
"""Examples that the search uses, at the most."""


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
        chosen = self.bottleneck

        def use(model: Model, batch: Batch) -> Tensor:
            return chosen.coefficients(model.encoder(batch.x, batch.context))

        return replace(self.run, device=CPU).apply(values, use).astype(np.float32, copy=False)

    def rounded(self, y: Array, s: float) -> Array:
        """The whole numbers of coefficients `y (n, *grid)` at the error `s`, int32."""
        return np.rint(y / self.step(s)).astype(np.int32)

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
        for some in np.array_split(numbers, -(-len(numbers) // self.run.schema.at_once)):
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
            pieces = np.array_split(self.rounded(y, s), -(-len(y) // self.run.schema.at_once))
            step = torch.as_tensor(self.step(s))
            costs = (
                self.bottleneck.cost(torch.as_tensor(p) * step, torch.full((len(p),), s)) for p in pieces
            )
            return (
                float(sum(cost.double().sum() for cost in costs))
                / np.log(2)
                / (len(y) * self.run.schema.size)
            )


def decibels(run: Run, made: Array, values: Array) -> float:
    """The peak signal-to-noise ratio of `made` beside `values`; the peak is the range of the data."""
    error = (run.scaled(made).astype(np.float64) - run.scaled(values)) ** 2
    mean = float(np.nanmean(error)) * run.scaling.unit
    return float("inf") if mean == 0 else -10 * log10(mean)


@dataclass(frozen=True, slots=True)
class Compressed:
    """Data in a container.

    Attributes:
        container: what is written.
        psnr: of the data that it gives, in dB.
    """

    container: Container
    psnr: float


def compress(
    run: Run,
    values: Array,
    *,
    psnr: float | None = None,
    bits: float | None = None,
    quality: float | None = None,
) -> Compressed:
    """`values` with a loss, by one of three wishes.

    Args:
        run: a fitted model whose bottleneck rounds.
        values: `(n, *schema.shape)`.
        psnr: the least peak signal-to-noise ratio, in dB, of all values together.
        bits: the most bits per value, about.
        quality: the peak signal-to-noise ratio that rounding alone would leave, in dB, without a search.

    Raises:
        InputError: for a run whose bottleneck does not round, and for a wish that it cannot fulfil.
    """
    quantiser = Quantiser(run)
    y = quantiser.coefficients(values)
    s = chosen_error(quantiser, values, y, psnr=psnr, bits=bits, quality=quality)
    numbers = quantiser.rounded(y, s)
    found = decibels(run, quantiser.restored(numbers, s), values)
    return Compressed(packed(run, numbers, s, str(values.dtype)), found)


def chosen_error(
    quantiser: Quantiser,
    values: Array,
    y: Array,
    *,
    psnr: float | None,
    bits: float | None,
    quality: float | None,
) -> float:
    """The error s that one of the wishes of `compress` asks for."""
    if sum(wish is not None for wish in (psnr, bits, quality)) != 1:
        raise InputError("Give one of psnr, bits and quality, which each decide how much is lost.")
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


def packed(run: Run, numbers: Array, s: float, dtype: str) -> Container:
    """The container of rounded coefficients `numbers (n, *grid)`."""
    chosen = Quantiser(run).bottleneck
    ends = [ends_of(numbers[chosen.region(which)]) for which in chosen.passes]
    chunks = np.array_split(numbers, chunks_for(numbers.shape))
    with exactly(run) as model:
        coded = [pushed(Coding(chosen_of(model), ends, s, len(chunk)), chunk) for chunk in chunks]
    header = {
        "method": METHOD,
        **stamp(run),
        "shape": numbers.shape,
        "dtype": dtype,
        "error": s,
        "ends": ends,
        "words": [len(words) for words in coded],
        "sums": [digest(chunk) for chunk in chunks],
    }
    return Container(header, np.concatenate(coded).astype("<u4").tobytes())


def decompress(run: Run, container: Container, name: str) -> Array:
    """The examples `(n, *schema.shape)` of the file called `name`.

    Raises:
        InputError: when another model wrote it, or this machine computes the model otherwise.
    """
    return Quantiser(run).restored(unpacked(run, container, name), container.header["error"])


def unpacked(run: Run, container: Container, name: str) -> Array:
    """The rounded coefficients `(n, *grid)` in a container; errors as `decompress`."""
    header = container.header
    check_stamp(header, run, name)
    words = np.split(
        np.frombuffer(container.payload, "<u4").astype(np.uint32), np.cumsum(header["words"])[:-1]
    )
    sizes = [len(some) for some in np.array_split(np.arange(header["shape"][0]), len(words))]
    chunks = []
    with exactly(run) as model:
        for some, size, wanted in zip(words, sizes, header["sums"], strict=True):
            coding = Coding(chosen_of(model), header["ends"], header["error"], size)
            chunks.append(popped(coding, some))
            check_digest(chunks[-1], wanted, header, name)
    return np.concatenate(chunks)


def chosen_of(model: Model) -> Rounded:
    """The bottleneck of a model that rounds."""
    assert isinstance(model.bottleneck, Rounded)
    return model.bottleneck


def chunks_for(shape: tuple[int, ...]) -> int:
    """The number of chunks of coefficients `(n, *grid)`."""
    each = max(1, CHUNK // int(np.prod(shape[1:])))
    return -(-shape[0] // each)


def ends_of(numbers: Array) -> tuple[int, int]:
    """The least and the greatest of whole numbers; 0 for none."""
    return (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)


@dataclass(frozen=True, eq=False)
class Coding:
    """How a chunk is coded: pass by pass, each under the distributions given the passes before.

    Attributes:
        bottleneck: in float64.
        ends: the least and the greatest number of each pass.
        s: the error.
        n: examples of the chunk.
    """

    bottleneck: Rounded
    ends: Sequence[tuple[int, int]]
    s: float
    n: int

    def passes(self) -> Iterator[tuple[Pass, int, int]]:
        """The passes, each with its least and its greatest number."""
        return ((which, *ends) for which, ends in zip(self.bottleneck.passes, self.ends, strict=True))

    def distribution(self, which: Pass, low: int, high: int, numbers: Array) -> Distribution:
        """Of the numbers of a pass, less `low`, given `numbers (n, *grid)` of the passes before."""
        s = torch.full((self.n,), self.s, dtype=torch.float64)
        y = torch.as_tensor(numbers) * self.bottleneck.step(s)
        return of_mixture(self.bottleneck.frequencies(which, y, s), low, high)


def pushed(coding: Coding, numbers: Array) -> Array:
    """The words of a chunk of `numbers (n, *grid)`."""
    coder = Coder()
    for which, low, high in reversed(list(coding.passes())):
        some = numbers[coding.bottleneck.region(which)]
        coder.push((some.ravel() - low).astype(np.int64), coding.distribution(which, low, high, numbers))
    return coder.words


def popped(coding: Coding, words: Array) -> Array:
    """The inverse of `pushed`."""
    coder = Coder(words)
    numbers = np.zeros((coding.n, *coding.bottleneck.grid), np.int32)
    for which, low, high in coding.passes():
        region = coding.bottleneck.region(which)
        found = coder.pop(coding.distribution(which, low, high, numbers))
        numbers[region] = found.reshape(numbers[region].shape) + low
    return numbers


def of_mixture(mixture: Mixture, low: int, high: int) -> Distribution:
    """The frequencies of whole numbers from `low` to `high`, less `low`, under mixtures in steps."""
    log_weight, mean, log_rate = (each.flatten(0, -2).numpy() for each in mixture)
    rates = on_grid(np.exp(on_grid(log_rate, 64).clip(-20, 20)), 2**12).clip(2.0**-12)
    weights = shares(np.exp(log_weight))
    edges = partial(edge, low)
    return Binned(edges, high - low + 1, logistic(), on_grid(mean, 2**12), rates, weights)


def edge(low: int, values: Integers) -> Reals:
    """The lower ends of the intervals that round to `low` and more."""
    return np.asarray(values + (low - 0.5), dtype=np.float64)
