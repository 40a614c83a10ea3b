"""How to compute a training: measured on its first batches, where that pays."""

from __future__ import annotations

import copy
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError, TrainingError
from narrows.core.records import Batch
from narrows.model.build import Objective
from narrows.training.batches import Rows
from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import placed, random_states, set_random_states, threads
from narrows.training.engines.plain import Plain
from narrows.training.optimizers import Updates
from narrows.training.options import Training
from narrows.training.stream import Stream

ENGINE_NAMES = ("auto", "plain")

WORTH = 5e11
"""Operations of a training, multiplications and additions, from which measuring pays: about five seconds."""

LIGHT = 1e9
"""Operations of a step, below which several threads wait for each other as long as they save."""

SHARE = 0.03
"""Share of the estimated time of the training that measuring takes at the most."""

GAIN = 0.9
"""Another way is chosen when its step takes at most this share of the time."""

COMPILING = 40.0
"""Seconds that compiling takes, about, where nothing of it is cached."""

HOPELESS = 3.0
"""A way whose first step takes so many times as long is not measured further."""

ROUNDS = 5
"""Steps of each of two ways that are compared, in turn."""

TRIED = ROUNDS + 2
"""Steps of a way that is measured: two first ones, which are not timed, and one a round."""


class EngineChoice(NamedTuple):
    """How a training is computed, and why, a clause."""

    computing: Computing
    why: str

    def to_json(self) -> dict[str, Any]:
        """Entries of the config of a run."""
        return {"threads": self.computing.threads, "engine": {**self.computing.to_json(), "why": self.why}}


class Trial:
    """Steps of a training on a copy of its model; the model and the random states stay as they are.

    Args:
        objective: what is trained, on the device of `rows`.
        rows: the training part.
        how: the options.
    """

    def __init__(self, objective: Objective, rows: Rows | Stream, how: Training) -> None:
        self.device = rows.device
        self.how = how.sized_for(len(rows))
        epochs, size, _ = self.how.sizes(len(rows))
        self.steps = epochs * rows.steps(size)
        self.objective = copy.deepcopy(objective).train()
        self.batch: Batch = next(iter(rows.shuffled(size)))
        self.spent = 0.0

    def stepper(self, computing: Computing) -> Callable[[], float]:
        """A function that makes a step as `computing` says and returns its seconds; two are made at once."""
        engine = Plain(self.device, computing=computing)
        engine.prepare(self.objective, Updates(list(self.objective.parameters()), self.how, self.steps))

        def step() -> float:
            with computing.entered():
                start = time.perf_counter()
                engine.step(self.batch)
                seconds = time.perf_counter() - start
            self.spent += seconds
            return seconds

        step()
        step()
        if engine.compiled is not None and engine.compiled.failed:
            raise RuntimeError("the objective cannot be compiled")
        return step

    @torch.no_grad()
    def operations(self) -> float:
        """Multiplications and additions of a step, about: of its layers, and twice as many for gradients.

        Torch's own counter imports its compiler, which takes a second.
        """
        found: list[float] = []
        layers = [module for module in self.objective.modules() if weights(module)]
        hooks = [layer.register_forward_hook(lambda *of: found.append(products(*of))) for layer in layers]
        self.objective(self.batch)
        for hook in hooks:
            hook.remove()
        return 3 * sum(found)


def weights(layer: nn.Module) -> list[nn.Parameter]:
    """The matrices and kernels of a `layer` itself, not of layers in it."""
    return [each for each in layer.parameters(recurse=False) if each.dim() > 1]


def products(layer: nn.Module, given: tuple[Any, ...], output: Any) -> float:
    """Multiplications and additions of a `layer`: each weight counts at each place of an input or output."""
    kernels = weights(layer)
    axis = 1 if kernels[0].dim() > 2 else -1
    tensors = [each for each in (*given, output) if isinstance(each, Tensor) and each.dim() > 1]
    # A kernel with a stride is used at each place of the smaller one of the two.
    places = min((each.numel() / max(1, each.shape[axis]) for each in tensors), default=1.0)
    return 2 * places * sum(each.numel() for each in kernels)


def choose_engine(name: str, objective: Objective, rows: Rows | Stream, how: Training) -> EngineChoice:
    """How the training of `objective` on `rows` is computed.

    Args:
        name: "plain" for float32 without a compiler, "auto" for what is found to be fastest.
        objective: in its initial state, which it keeps, as the random states do.
        rows: the training part.
        how: the options.

    Raises:
        InputError: for another name.
    """
    if name not in ENGINE_NAMES:
        raise InputError(f"There is no engine {name!r}; use {' or '.join(ENGINE_NAMES)}.")
    here = replace(FLOAT32, threads=threads())
    if name == "plain":
        return EngineChoice(here, "as was asked for")
    if rows.device.type != "cpu":
        return EngineChoice(here, f"other engines are not measured on the device {rows.device.type}")
    before = random_states(rows.device)
    try:
        with placed(rows.device, objective, rows.scaling):
            return measured(Trial(objective, rows, how), here)
    finally:
        set_random_states(before, rows.device)


def measured(trial: Trial, here: Computing) -> EngineChoice:
    """The fastest way to make the steps of `trial` that was found in the time that measuring may take."""
    operations = trial.operations()
    if operations * trial.steps < WORTH:
        if operations < LIGHT:
            return EngineChoice(replace(here, threads=1), "steps are too small for several threads")
        return EngineChoice(here, "the training is too short to measure other engines")
    if SHARE * trial.steps < 3 * TRIED:
        return EngineChoice(here, f"{trial.steps:,} steps are too few to measure other engines")
    usual = trial.stepper(here)
    seconds = statistics.median(usual() for _ in range(ROUNDS))
    best, gained = here, 1.0
    for way in ways(trial, here):
        if trial.spent + way.seconds + 2 * TRIED * seconds > SHARE * seconds * trial.steps:
            continue
        other = replace(best, **way.change)
        ratio = compared(trial, best, other)
        if ratio <= way.limit:
            best, gained = other, gained * ratio
    return EngineChoice(best, f"a step takes {gained:.0%} of the time of {here}")


class Way(NamedTuple):
    """A change of how a training is computed.

    Attributes:
        change: of a `Computing`.
        limit: the share of the time before that a step may take at the most.
        seconds: that are needed before the first step.
    """

    change: dict[str, Any]
    limit: float = GAIN
    seconds: float = 0.0


def ways(trial: Trial, here: Computing) -> Iterator[Way]:
    """The changes that are tried one after the other."""
    if here.threads != 1:
        # One thread leaves the machine to other work, and never waits for another one.
        yield Way({"threads": 1}, limit=2 - GAIN)
    if not trial.objective.model.bottleneck.precise:
        yield Way({"precision": "products"})
        yield Way({"precision": "bfloat16"})
    if trial.batch.x.dim() == 4:
        yield Way({"channels_last": True})
    # The compiler chooses the order of images itself.
    yield Way({"compiled": True, "channels_last": False}, seconds=COMPILING)


def compared(trial: Trial, one: Computing, other: Computing) -> float:
    """The share of the time of a step of `one` that a step of `other` takes: the median over rounds in turn.

    A way that fails is infinitely slow, and so is one whose first step takes several times as long.
    """
    try:
        first, second = trial.stepper(one), trial.stepper(other)
        ratios = [second() / first()]
        if ratios[0] < HOPELESS:
            ratios += [second() / first() for _ in range(ROUNDS - 1)]
        return statistics.median(ratios)
    except (RuntimeError, NotImplementedError, TypeError, TrainingError):
        return math.inf
