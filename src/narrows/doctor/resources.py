"""Checks of what a fit needs: memory and time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from narrows.core.findings import Finding
from narrows.core.memory import machine_memory
from narrows.doctor.case import DataCase
from narrows.model.build import build, count_weights
from narrows.training.batches import Rows
from narrows.training.devices import pick_device, placed, seeded
from narrows.training.history import Epoch
from narrows.training.loop import train
from narrows.training.options import Training

STEPS, ROUNDS, ENOUGH, PATIENCE = 4, 20, 4, 5.0
"""Training steps that are timed, how often at the most, how often at the least, and the seconds after which
the least is enough."""

LONG = 7200.0
"""Seconds that are a warning."""


def check_memory(case: DataCase) -> Finding:
    """Whether data, model and training fit into the machine's memory."""
    numbers = case.data.array.size
    weights = count_weights(case.spec, case.data.schema.domain(case.choice.scaling))
    # As they came and for training; on the model's scale for PCA, and centred by it.
    needed, there = 2 * case.data.array.nbytes + 3 * 4 * numbers + 16 * weights, machine_memory()
    text = f"A fit takes about {needed / 2**30:.2g} GiB: {weights:,} weights, {numbers:,} values."
    if needed <= there / 2:
        return Finding("memory", "info", text)
    advice = "Take fewer rows, smaller images (--resize) or fewer columns (--columns)."
    return Finding("memory", "warning", f"{text} This machine has {there / 2**30:.2g} GiB.", advice)


def check_time(case: DataCase) -> Finding:
    """How long a fit would take, from a few real steps."""
    n = len(case.parts.index.train) * len(case.whole) // len(case.data)
    how = Training().sized_for(n)
    assert how.epochs is not None
    assert how.batch_size is not None
    steps = how.epochs * math.ceil(n / how.batch_size)
    seconds = steps * seconds_per_step(case, how.batch_size)
    text = f"About {spoken(seconds)} for {how.epochs} epochs, and at most as long again for the verdict."
    if seconds < LONG:
        return Finding("time", "info", text)
    advice = "Try --epochs 10 first, take smaller images (--resize), or a machine with a GPU."
    return Finding("time", "warning", text, advice)


def seconds_per_step(case: DataCase, batch_size: int) -> float:
    """The time of a training step of the default model, the least of a few rounds.

    The first round is slower for what is set up in it, and others for whatever else the machine does.
    """
    some = case.parts.arranged[: STEPS * batch_size]
    scaling, schema = case.choice.scaling, case.data.schema
    device = pick_device("auto", scaling.precision)
    with seeded(0, device):
        objective = build(case.spec, schema.domain(scaling))
        with placed(device, objective, scaling):
            rows, checked = (
                Rows(values, scaling, device, collate=schema.collate) for values in (some, some[:2])
            )
            epochs = train(objective, rows, checked, Training(epochs=ROUNDS, batch_size=batch_size))
            times = [0.0, *enough(epochs)]
    return float(np.diff(times).min()) / math.ceil(len(some) / batch_size)


def enough(epochs: Iterable[Epoch]) -> Iterator[float]:
    """The seconds after each of `epochs`, until a few of them took long enough to be measured."""
    for epoch in epochs:
        yield epoch.seconds
        if epoch.seconds > PATIENCE and epoch.number >= ENOUGH:
            return


def spoken(seconds: float) -> str:
    """A length of time in the unit that people would use.

    >>> spoken(4.2), spoken(200), spoken(9000)
    ('4 seconds', '3 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
