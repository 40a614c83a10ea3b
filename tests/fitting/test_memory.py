from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.doctor.case import DataCase
from narrows.fitting import memory
from narrows.fitting.fit import fit
from narrows.fitting.memory import Memory, Steps, shortage, within_memory
from narrows.model.build import build

GIB = 2.0**30

SMALL = {half: {"name": "conv", "channels": 8, "hidden": 8} for half in ("encoder", "decoder")}


def steps_of(case: DataCase, small: int = 0) -> Steps:
    return Steps(case.parts, case.choice.scaling, lambda: build(case.spec, case.domain), small)


@pytest.fixture(scope="module")
def images() -> Steps:
    """Sixty images of 96×96 for a network of few weights: a step takes most of the memory."""
    case = DataCase(as_data(np.random.default_rng(0).random((60, 96, 96), np.float32)))
    return Steps(case.parts, case.choice.scaling, lambda: build({**case.spec, **SMALL}, case.domain))


def test_the_parts_of_the_memory_are_those_of_the_data(images: Steps) -> None:
    found = images.of_fit(32)
    assert found.came == 60 * 96 * 96 * 4
    assert found.step == images.training(32) > images.training(16) > 16 * 96 * 96 * 4
    assert found.total == memory.LIBRARIES + found.came + found.parts + found.work
    assert found.work > found.step


def test_more_held_out_rows_take_more(images: Steps) -> None:
    assert images.of_fit(1, 100_000).work > images.of_fit(1).work + 100_000 * 96 * 96 * 4


def test_small_batches_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise AssertionError("measured")

    monkeypatch.setattr(memory, "step_memory", refuse)
    steps = steps_of(DataCase(load("digits")), memory.SMALL)
    assert steps.of_fit(64).step == 0


def test_the_batch_is_halved_until_half_of_the_memory_is_enough(
    images: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LIBRARIES", 0)
    needed = images.of_fit(32).total
    for size, there in ((32, 2 * needed), (16, 2 * needed - 1)):
        monkeypatch.setattr(memory, "memory_of", lambda _, there=there: there)
        found, why = within_memory(images, 32, torch.device("cpu"))
        assert found == size
        assert why.startswith(f"The batch size is {size}, not 32: a step on 32 examples takes ") or size == 32
    assert not within_memory(images, 32, torch.device("cpu"))[1].startswith("The batch size is 32")


def test_the_batch_is_not_reduced_for_what_it_does_not_take(
    images: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With libraries that fill the memory alone, a smaller batch would not help."""
    monkeypatch.setattr(memory, "LIBRARIES", 8 * GIB)
    monkeypatch.setattr(memory, "memory_of", lambda _: 8 * GIB)
    assert within_memory(images, 32, torch.device("cpu")) == (32, "")


def test_a_fit_says_that_its_batch_is_smaller_and_a_given_size_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = as_data(np.random.default_rng(0).random((60, 96, 96), np.float32))
    monkeypatch.setattr(memory, "LIBRARIES", 0)
    monkeypatch.setattr(memory, "memory_of", lambda _: 0.05 * GIB)
    told: list[str] = []
    changes = {**SMALL, "training": {"epochs": 1}}
    run = fit(data, overrides=changes, on_phase=told.append)
    size = run.config["training"]["batch_size"]
    assert size in (2, 4, 8, 16)
    assert told[0].startswith(f"The batch size is {size}, not 32: ")
    assert told[0] in run.config["why"]
    assert fit(data, overrides=changes).config["training"]["batch_size"] == size
    given = fit(data, overrides={**SMALL, "training": {"epochs": 1, "batch_size": 32}})
    assert given.config["training"]["batch_size"] == 32


@pytest.mark.parametrize(
    ("batch_size", "step", "wanted"),
    [
        (32, 3.0, "take smaller batches (--set training.batch_size=8), fewer rows, or close other programs."),
        (1, 3.0, "take fewer rows, or close other programs."),
        (32, 0.1, "take fewer rows, or close other programs."),
    ],
)
def test_a_shortage_says_what_to_do(
    batch_size: int, step: float, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 2 * GIB)
    needed = Memory(came=0.1 * GIB, parts=0.1 * GIB, step=step * GIB, work=3.1 * GIB)
    text = shortage(needed, batch_size, "fewer rows")
    assert text == f"This fit takes about 3.2 GiB more memory, but 2 GiB are free: {wanted}"
    assert not shortage(needed._replace(work=1.8 * GIB), batch_size, "fewer rows")


def test_a_fit_says_that_memory_is_short_before_it_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 0.0)
    order: list[str] = []
    note: Callable[[object], None] = lambda epoch: order.append("epoch")  # noqa: E731
    fit(load("wine"), overrides={"training": {"epochs": 1}}, on_epoch=note, on_phase=order.append)
    assert order[0].startswith("This fit takes about ")
    assert "fewer rows or columns (--columns), or close other programs." in order[0]
    assert "epoch" in order[1:]
