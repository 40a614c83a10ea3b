from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.readers import as_data, read
from narrows.data.sources import on_disk
from narrows.doctor import resources
from narrows.doctor.case import DataCase
from narrows.doctor.resources import check_memory, check_time, rows_held_out, spoken
from narrows.fitting import memory
from narrows.training.batches import Rows
from narrows.training.history import Epoch


def test_the_time_of_a_step_is_that_of_the_fastest_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of four steps that end at these seconds; it stops after four of them, as five seconds are over."""
    rounds = []

    def trained(objective: object, rows: Rows, *_: object) -> Iterator[Epoch]:
        assert len(rows) == 4 * 64
        for number, seconds in enumerate((2.0, 2.6, 4.0, 5.5, 5.6), 1):
            rounds.append(number)
            yield Epoch(number, 20, "whole", {}, {}, 0.0, True, seconds, 0.0)

    monkeypatch.setattr(resources, "train", trained)
    assert resources.seconds_per_step(DataCase(load("digits")), 64) == pytest.approx((2.6 - 2.0) / 4)
    assert rounds == [1, 2, 3, 4]


def test_a_fit_of_hours_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Iris has 90 training rows: three steps of 32 in each of 100 epochs."""
    for seconds, severity, words in ((24.0, "warning", "2.0 hours"), (23.0, "info", "1.9 hours")):
        monkeypatch.setattr(resources, "seconds_per_step", lambda *_, seconds=seconds: seconds)
        found = check_time(DataCase(load("iris")))
        assert found.severity == severity
        assert found.evidence.startswith(f"About {words} to train 100 epochs of autoencoder")
        assert found.evidence.endswith("; the start of the program and the report take some seconds more.")


@pytest.mark.parametrize(
    ("there", "free", "severity"), [(8.0, 4.0, "info"), (1.0, 4.0, "warning"), (8.0, 0.0, "warning")]
)
def test_more_than_half_of_the_memory_or_than_is_free_is_a_warning(
    there: float, free: float, severity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "machine_memory", lambda: there * 2**30)
    monkeypatch.setattr(resources, "free_memory", lambda: free * 2**30)
    found = check_memory(DataCase(load("wine")))
    assert found.severity == severity
    if severity == "warning":
        assert f"This machine has {there:.2g} GiB" in found.evidence
        assert found.advice == "Take fewer rows or columns (--columns)."


def test_smaller_batches_are_advised_where_activations_take_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The network that removes noise has 48 maps of the size of the image."""
    data = as_data(np.random.default_rng(0).random((60, 96, 96), np.float32))
    monkeypatch.setattr(memory, "LIBRARIES", 0)
    monkeypatch.setattr(resources, "free_memory", lambda: 2.0**26)
    found = check_memory(DataCase(data, "denoising"))
    assert found.severity == "warning"
    assert "smaller batches (--set training.batch_size=2), smaller images (--resize)" in found.advice


@pytest.mark.parametrize("recipe", ["vq-vae", "contractive", "mixture-vae", "stacked", "topk"])
def test_time_and_memory_are_those_of_the_recipe(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "seconds_per_step", lambda *_: 0.01)
    case = DataCase(load("digits"), recipe)
    assert f"epochs of {recipe}" in check_time(case).evidence
    assert "for the activations of a batch of 64." in check_memory(case).evidence


def test_the_verdict_may_train_again_where_the_data_have_surrogates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "seconds_per_step", lambda *_: 1.0)
    assert "with the verdict 10 minutes at most" in check_time(DataCase(load("iris"))).evidence


def test_times_are_told_in_the_largest_unit_that_fits() -> None:
    assert [spoken(seconds) for seconds in (0.2, 89, 91, 5399, 5400)] == [
        "1 second",
        "89 seconds",
        "2 minutes",
        "90 minutes",
        "1.5 hours",
    ]


def test_held_out_rows_on_disk_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((200, 8, 8), np.float32))
    in_memory = DataCase(read(tmp_path / "x.npy"))
    monkeypatch.setattr(on_disk, "LARGE", 1)
    large = DataCase(read(tmp_path / "x.npy"))
    assert [rows_held_out(case) for case in (in_memory, large)] == [None, 40]
