"""Checks of what a fit needs: memory and time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from narrows.core.findings import Finding
from narrows.core.memory import free_memory, in_words, machine_memory
from narrows.data.split import most_on_disk, size_of_part
from narrows.doctor.case import DataCase
from narrows.fitting.memory import LIBRARIES, Steps, less, within_memory
from narrows.model.build import build
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
    """Whether data, model and training fit into the machine's memory, and into what is free of it."""
    steps = Steps(case.parts, case.choice.scaling, lambda: build(case.spec, case.domain))
    device = pick_device("auto", case.choice.scaling.precision)
    batch_size, reason = within_memory(steps, case.training.batch_size or 1, device)
    memory = steps.of_fit(batch_size, rows_held_out(case))
    there, free = machine_memory(), free_memory()
    parts = (
        f"{in_words(LIBRARIES)} for libraries, {steps.weights:,} weights, {case.data.array.size:,} values",
        f"{in_words(memory.step)} for the activations of a batch of {min(batch_size, steps.n)}",
    )
    text = f"A fit takes about {in_words(memory.total)}: {', and '.join(parts)}.{' ' * bool(reason)}{reason}"
    if memory.total <= there / 2 and memory.ahead <= free:
        return Finding("memory needed", "info", text)
    advice = f"Take {less(memory, batch_size, case.data.schema.smaller)}."
    known = f", of which {in_words(free)} are free" if math.isfinite(free) else ""
    room = f"This machine has {in_words(there)}{known}."
    return Finding("memory needed", "warning", f"{text} {room}", advice)


def rows_held_out(case: DataCase) -> int | None:
    """The held-out rows that a fit reads from the disk; None where they are in memory."""
    if case.whole.source.in_memory:
        return None
    return min(size_of_part(len(case.whole)), most_on_disk(math.prod(case.whole.schema.shape)))


def check_time(case: DataCase) -> Finding:
    """How long a fit would take, from a few real steps."""
    n = len(case.parts.index.train) * len(case.whole) // len(case.data)
    how = case.training
    assert how.epochs is not None
    assert how.batch_size is not None
    steps = how.epochs * math.ceil(n / how.batch_size)
    seconds = steps * seconds_per_step(case, how.batch_size)
    epochs = f"{how.epochs:,} epoch{'s' * (how.epochs > 1)}"
    text = (
        f"About {spoken(seconds)} to train {epochs} of {case.recipe}{verdict_too(case, seconds)}; the start "
        f"of the program and the report take some seconds more."
    )
    if seconds < LONG:
        return Finding("training time", "info", text)
    fewer = max(1, how.epochs // 10)
    advice = f"Try --epochs {fewer} first, take smaller images (--resize), or a machine with a GPU."
    return Finding("training time", "warning", text, advice)


def verdict_too(case: DataCase, seconds: float) -> str:
    """How long training and verdict take together, where the model may be trained again for the verdict."""
    if not case.data.schema.has_surrogate or case.objective.restores:
        return ""
    return (
        f"; with the verdict {spoken(2 * seconds)} at most, as it may train the model again on surrogate data"
    )


def seconds_per_step(case: DataCase, batch_size: int) -> float:
    """The time of a training step, the least of a few rounds.

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
            options = {**case.resolved[1], "epochs": ROUNDS, "batch_size": batch_size}
            epochs = train(objective, rows, checked, Training(**options))
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

    >>> spoken(0.2), spoken(4.2), spoken(200), spoken(9000)
    ('1 second', '4 seconds', '3 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} second{'s' * (round(seconds) > 1)}"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
