"""Compression with a loss: rounded coefficients of a code, coded under their learned distribution.

The whole numbers that coefficients round to are coded exactly, chunk by chunk, and a checksum of each chunk
is in the header. What is decoded of them is computed in floats, whose last digits depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.data.sources import Values, as_source
from narrows.model.bottlenecks.passes import Mixture, Pass
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.distributions import (
    Alphabet,
    Binned,
    Distribution,
    Integers,
    Reals,
    logistic,
    on_grid,
    shares,
)
from narrows.runs.run import Run
from narrows.tasks.compression.coder import Coder
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.exact import check_digest, check_stamp, digest, exactly, stamp
from narrows.tasks.compression.quantiser import Quantiser, Wish, chosen_of, decibels, error_of

METHOD = "quantised"
"""What the header of a file calls this."""

CHUNK = 2**19
"""Coefficients that are coded together, at the most."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Data in a container.

    Attributes:
        container: what is written.
        psnr: of the data that it gives, in dB.
    """

    container: Container
    psnr: float


def pack(run: Run, source: Values, wish: Wish, ids: Sequence[str] = ()) -> Packed:
    """Compress examples `(n, *schema.shape)` with the loss that a wish allows.

    Args:
        run: a fitted model whose bottleneck rounds.
        source: the examples; all are brought into memory.
        wish: how much may be lost.
        ids: their names.

    Raises:
        InputError: for a run whose bottleneck does not round, and for a wish that it cannot fulfil.
    """
    quantiser = Quantiser(run)
    values = as_source(source).all()
    y = quantiser.coefficients(values)
    s = error_of(wish, quantiser, values, y)
    numbers = quantiser.rounded(y, s)
    found = decibels(run, quantiser.restored(numbers, s), values)
    named = {"ids": list(ids)} if ids else {}
    return Packed(coded(run, numbers, s, named), found)


def summary(packed: Packed, values: Values) -> dict[str, Any]:
    """The size of a file of examples, beside theirs."""
    size, source = len(to_bytes(packed.container)), as_source(values)
    count = int(np.prod(source.shape))
    return {
        "bytes": size,
        "original_bytes": count * np.dtype(source.dtype).itemsize,
        "bits_per_value": 8 * size / count,
        "psnr": packed.psnr,
        "n": len(source),
    }


def coded(run: Run, numbers: Array, s: float, named: Mapping[str, Any]) -> Container:
    """The container of rounded coefficients `numbers (n, *grid)`; its header has `named`, too."""
    chosen = Quantiser(run).bottleneck
    ends = [ends_of(numbers[chosen.region(which)]) for which in chosen.passes]
    chunks = np.array_split(numbers, chunks_for(numbers.shape))
    with exactly(run) as model:
        words = [pushed(Coding(chosen_of(model), ends, s, len(chunk)), chunk) for chunk in chunks]
    header = {
        "method": METHOD,
        **stamp(run),
        "shape": numbers.shape,
        **named,
        "error": s,
        "ends": ends,
        "words": [len(each) for each in words],
        "sums": [digest(chunk) for chunk in chunks],
    }
    return Container(header, np.concatenate(words).astype("<u4").tobytes())


def unpack(run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None) -> Array:
    """The examples `(n, *schema.shape)` in `container`, the content of the file `name`.

    Args:
        run: that compressed them.
        container: the content.
        name: of the file.
        on_chunk: called with the number of examples that are done.

    Raises:
        InputError: when another model compressed them, or this machine computes the model otherwise.
    """
    numbers = numbers_in(run, container, name, on_chunk)
    return Quantiser(run).restored(numbers, container.header["error"])


def numbers_in(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> Array:
    """The rounded coefficients `(n, *grid)` in a container; as `unpack`."""
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
            if on_chunk is not None:
                on_chunk(sum(map(len, chunks)))
    return np.concatenate(chunks)


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
    alphabet = Alphabet(high - low + 1, partial(edge, low))
    return Binned(alphabet, logistic(), on_grid(mean, 2**12), rates, weights)


def edge(low: int, values: Integers) -> Reals:
    """The lower ends of the intervals that round to `low` and more."""
    return np.asarray(values + (low - 0.5), dtype=np.float64)
