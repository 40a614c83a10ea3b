"""Measure a model whose code is rounded on held-out examples: its bytes beside those of other methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np

from narrows.core.steps import step
from narrows.data.schema import Array, Schema
from narrows.data.split import Index
from narrows.evaluation.codec_bytes import Made, Method, Parts, methods, summed
from narrows.evaluation.errors import Floats
from narrows.evaluation.lossy_codecs import PEAK, Pixels, Rows, pixels
from narrows.evaluation.rates import OURS, Rates
from narrows.evaluation.rounded_codes import Coded, coded, errors_of
from narrows.evaluation.same_quality import interval
from narrows.evaluation.verdict import FEWEST
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.runs.folder import model_bytes
from narrows.runs.run import Run

MOST_VALUES = 2**19
"""Held-out values that are measured, at the most, but at least `FEWEST` examples."""

MOST_PARTS = 64
"""Parts that the held-out examples are divided into for the interval, at the most."""


class MeasuredRates(NamedTuple):
    """What was measured of the bytes.

    Attributes:
        rates: of all methods.
        rows: `(n,)`, the numbers of the held-out rows that were measured.
        errors: `(n,)`, the squared error of each at the quality in the middle, where the range is 1.
    """

    rates: Rates
    rows: Index
    errors: Floats


def measure_rates(run: Run, parts: SplitData, rows: ScaledParts) -> MeasuredRates:
    """Measure the bytes of a part of the held-out rows."""
    index = chosen(len(rows.held_out), run.schema.size)
    owner = owners(parts.held_out.counted, index)
    x, part = rows.held_out.rows(index), divided(owner)
    step("verdict: measuring the bytes of the code")
    made = [coded(run, x, s) for s in errors_of(run)]
    observed = (~np.isnan(x.flat)).sum(axis=1).astype(np.float64)
    psnr = [each.psnr(int(observed.sum())) for each in made]
    images = as_pixels(parts.held_out.array[index], run.schema)
    known, left_out = methods(images, on_peak(run, rows.train.flat), on_peak(run, x.flat), part)
    bits: dict[str, list[float | None]] = {OURS: [float(each.bits.sum()) for each in made]}
    for name, method in known.items():
        step(f"verdict: measuring the bytes of {name}")
        bits[name] = [method.bits(each) for each in psnr]
        if not any(bits[name]):
            left_out[name] = f"it reaches less than {min(psnr):.1f} dB"
            del bits[name]
    places = prod(run.schema.model_shape[1:]) * len(index) if run.schema.spatial else int(observed.sum())
    shape = "×".join(map(str, run.schema.shape))
    found = Rates(
        n=len(index),
        groups=int(owner.max()) + 1,
        places=places,
        noun=run.schema.value_noun if run.schema.spatial else "value",
        examples=f"{run.schema.nouns} of {shape}",
        psnr=tuple(psnr),
        bits={name: tuple(b and b / places for b in each) for name, each in bits.items()},
        left_out=left_out,
        model_bytes=model_bytes(run),
    )
    by_parts = [by_part(each, part) for each in made]
    compared = with_interval(found, known, by_parts, summed(observed, part))
    return MeasuredRates(compared, index, made[len(made) // 2].squared)


def chosen(n: int, size: int) -> Index:
    """The numbers of the examples of so many values that are measured, evenly spaced among `n`."""
    most = max(FEWEST, MOST_VALUES // size)
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def owners(groups: Array | None, index: Index) -> Parts:
    """The group that each of the examples `index` belongs to, from 0 on; each its own when None."""
    return np.arange(len(index)) if groups is None else np.unique(groups[index], return_inverse=True)[1]


def divided(owner: Parts) -> Parts:
    """The part that each example belongs to, from 0 on: whole groups, in at most `MOST_PARTS` parts.

    >>> divided(np.array([0, 0, 1, 2])).tolist(), int(divided(np.arange(1000)).max())
    ([0, 0, 1, 2], 63)
    """
    several = int(owner.max()) + 1
    return owner * min(several, MOST_PARTS) // several


def as_pixels(values: Array, schema: Schema) -> Pixels | None:
    """The examples as images of 8 bits; None for other data."""
    return pixels(values, schema) if schema.kind == "images" and values.dtype == np.uint8 else None


def on_peak(run: Run, rows: Rows) -> Rows:
    """Rows on the model's scale where the range of the data is `PEAK`."""
    return rows * np.float32(PEAK * run.scaling.unit**0.5)


def by_part(made: Coded, part: Parts) -> Made:
    """The bits and the errors of each part."""
    return Made(summed(made.bits, part), summed(made.squared, part))


def with_interval(rates: Rates, known: Mapping[str, Method], ours: Sequence[Made], values: Floats) -> Rates:
    """The rates with the interval of their ratio.

    Args:
        rates: of all methods.
        known: the other methods, by name.
        ours: the model at each quality.
        values: `(parts,)`, how many each part has.
    """
    best = [(i, name) for i, name in enumerate(rates.best) if name is not None]
    if not best:
        return rates
    step(f"verdict: measuring how the bytes of {rates.yardstick} vary")
    theirs = [known[name].by_part(rates.psnr[i]) for i, name in best]
    return replace(rates, ratio_ci95=interval([ours[i] for i, _ in best], theirs, values))
