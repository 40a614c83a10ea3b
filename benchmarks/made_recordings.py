"""Long recordings of a repeated course with one fault, as those of the UCR anomaly archive.

Wu & Keogh 2021, "Current time series anomaly detection benchmarks are flawed and are creating the illusion of
progress", IEEE TKDE: each recording has a first part without anomalies and one short anomaly later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FAULTS = ("noise", "reversed", "held", "smoothed", "weaker", "warped", "shifted", "faster")

BEATS = ("widened", "without P", "ectopic", "weaker")


class Labelled(NamedTuple):
    """Values `(time,)`, which of these time steps are anomalous, and how many first ones are usual."""

    name: str
    values: Floats
    anomalous: NDArray[np.bool_]
    usual: int


def recordings(seed: int) -> Iterator[Labelled]:
    """Twelve recordings: beats of a heart with one unlike the others, and repeated courses with a fault."""
    rng = np.random.default_rng(seed)
    for kind in BEATS:
        yield heart(rng, kind)
    for kind in FAULTS:
        yield repeated(rng, kind)


def bump(t: Floats, middle: float, width: float, height: float) -> Floats:
    return height * np.exp(-0.5 * ((t - middle) / width) ** 2)


def heart(rng: np.random.Generator, kind: str) -> Labelled:
    """Beats with the waves P, QRS and T, of varying length and height, over a slow drift."""
    steps, period = 7000, int(rng.integers(60, 120))
    at = int(rng.integers(3500, 6500))
    values, anomalous = [np.empty(0)], np.zeros(steps, dtype=np.bool_)
    begin = 0
    while begin < steps:
        length = int(period * (1 + 0.05 * rng.normal()))
        odd = begin <= at < begin + length
        values.append(beat(np.arange(length) / period, 1 + 0.05 * rng.normal(size=3), kind if odd else ""))
        anomalous[begin : begin + length] |= odd
        begin += length
    drift = 0.05 * np.sin(2 * np.pi * np.arange(steps) / rng.uniform(700, 1500))
    return Labelled(
        f"heart, {kind}",
        np.concatenate(values)[:steps] + drift + 0.02 * rng.normal(size=steps),
        anomalous,
        2500,
    )


def beat(t: Floats, heights: Floats, kind: str) -> Floats:
    """One beat; `kind` says what is odd in it."""
    p, r, after = heights * [0.15, 1.0, 0.3]
    width = {"widened": 0.045, "ectopic": 0.06}.get(kind, 0.02)
    if kind == "without P":
        p, after = 0.0, after / 2
    if kind == "ectopic":
        p, r, after = 0.0, 0.8, -0.25
    if kind == "weaker":
        r *= 0.75
    waves = (0.18, 0.03, p), (0.31, 0.6 * width, -0.15 * r), (0.35, width, r)
    later = (0.395, 0.7 * width, -0.25 * r), (0.62, 0.06, after)
    return np.sum([bump(t, *wave) for wave in (*waves, *later)], axis=0)


def repeated(rng: np.random.Generator, kind: str) -> Labelled:
    """A course of a few harmonics whose period and height vary, with a fault of about a period."""
    steps, period, count = 8000, int(rng.integers(40, 160)), int(rng.integers(2, 7))
    order = np.arange(1, count + 1)
    pace = np.convolve(rng.normal(size=steps), np.ones(period) / np.sqrt(period), "same")
    phase = np.cumsum(2 * np.pi / period * (1 + np.clip(0.04 * pace, -0.2, 0.2)))
    heights, shifts = rng.normal(size=count) / order, rng.uniform(0, 2 * np.pi, count)
    values = (heights[:, None] * np.sin(order[:, None] * phase + shifts[:, None])).sum(axis=0)
    slow = np.convolve(rng.normal(size=steps), np.ones(3 * period) / np.sqrt(3 * period), "same")
    values = values / values.std() * (1 + 0.08 * slow) + 0.03 * rng.normal(size=steps)
    begin, length = int(rng.integers(3500, 7000)), int(period * rng.uniform(0.5, 1.2))
    anomalous = np.zeros(steps, dtype=np.bool_)
    anomalous[begin : begin + length] = True
    values[anomalous] = faulty(values[anomalous], kind, float(values.std()), rng)
    return Labelled(f"repeated, {kind}", values, anomalous, 3000)


def faulty(values: Floats, kind: str, deviation: float, rng: np.random.Generator) -> Floats:
    """A stretch of a course with a fault."""
    t = np.linspace(0, 1, len(values))
    middle = values.mean()
    return np.asarray(
        {
            "noise": lambda: values + 0.15 * deviation * rng.normal(size=len(values)),
            "reversed": lambda: values[::-1],
            "held": lambda: np.full_like(values, values[0]),
            "smoothed": lambda: np.convolve(np.pad(values, 10, "edge"), np.ones(21) / 21, "valid"),
            "weaker": lambda: middle + 0.7 * (values - middle),
            "warped": lambda: np.interp(t + 0.12 * np.sin(np.pi * t), t, values),
            "shifted": lambda: values + 0.3 * deviation,
            "faster": lambda: np.interp((1.6 * t) % 1, t, values),
        }[kind]()
    )
