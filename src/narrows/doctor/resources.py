"""Checks of what a fit needs: memory and time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from torch import Tensor, nn

from narrows.core.findings import Finding
from narrows.core.memory import machine_memory
from narrows.data.split import most_on_disk, size_of_part
from narrows.doctor.case import DataCase
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

LIBRARIES = 0.5 * 2**30
"""Bytes that a process takes before it reads data: those of Python, torch and scikit-learn."""

JUDGED = 36
"""Bytes for a held-out value: as it came, as the model and as PCA reconstruct it, and the errors."""

SAMPLE, EVALUATED = 4, 1000
"""Rows that activations are measured with, and rows that are evaluated at a time."""


def check_memory(case: DataCase) -> Finding:
    """Whether data, model and training fit into the machine's memory."""
    numbers = case.data.array.size
    weights = sum(each.numel() for each in case.objective.parameters())
    activations = batch_memory(case)
    # As they came and for training; on the model's scale for PCA, and centred by it.
    needed = LIBRARIES + 2 * case.data.array.nbytes + 3 * 4 * numbers + 16 * weights + activations
    needed += JUDGED * held_out_on_disk(case)
    there = machine_memory()
    text = (
        f"A fit takes about {in_words(needed)}: {in_words(LIBRARIES)} for libraries, {weights:,} weights, "
        f"{numbers:,} values, and {in_words(activations)} for the activations of a batch."
    )
    if needed <= there / 2:
        return Finding("memory needed", "info", text)
    advice = "Take fewer rows, smaller images (--resize) or fewer columns (--columns)."
    if activations > needed / 2:
        advice = "Take smaller batches (--set training.batch_size=8) or smaller images (--resize)."
    return Finding("memory needed", "warning", f"{text} This machine has {there / 2**30:.2g} GiB.", advice)


def held_out_on_disk(case: DataCase) -> int:
    """The values of the held-out rows that are read from the disk, and not among those in memory."""
    if case.whole.source.in_memory:
        return 0
    values = math.prod(case.whole.schema.shape)
    return values * min(size_of_part(len(case.whole)), most_on_disk(values))


def batch_memory(case: DataCase) -> int:
    """The bytes of the activations of a batch, the larger of those of a step and of an evaluation.

    A step holds the outputs of all layers and their gradients; an evaluation the outputs of two layers, for
    more rows.
    """
    sizes, some = [], case.parts.arranged[:SAMPLE]

    def add(module: nn.Module, inputs: object, output: object) -> None:
        sizes.append(output.nbytes if isinstance(output, Tensor) else 0)

    layers = [each for each in case.objective.modules() if not [*each.children()]]
    hooks = [each.register_forward_hook(add) for each in layers]
    rows = Rows(some, case.choice.scaling, collate=case.data.schema.collate)
    case.objective(next(rows.batches(len(some))))
    for hook in hooks:
        hook.remove()
    batch = min(case.training.batch_size or 1, len(case.parts.train))
    evaluated = min(EVALUATED, len(case.parts.train))
    return max(2 * sum(sizes) * batch, 2 * max(sizes, default=0) * evaluated) // len(some)


def in_words(size: float) -> str:
    return f"{size / 2**30:.2g} GiB" if size > 2**30 / 10 else f"{max(1, round(size / 2**20))} MiB"


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
