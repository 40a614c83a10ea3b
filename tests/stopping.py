"""Trainings that are stopped, and what is compared afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.folder import finish_run
from narrows.training.checkpoint import Checkpoint
from narrows.training.history import Epoch
from tests.samples import curve

EXACT = ("model.safetensors", "metrics.json", "evidence.safetensors", "config.json")


STATE = Path("checkpoint/state.safetensors")


class Stopped(BaseException):
    """What takes the place of a power cut within a test."""


def run_in(folder: Path, values: NDArray[Any], *, stop: int = 0, every: float = 0.0, **how: Any) -> None:
    """Fit into `folder`, or go on in it; stop when epoch `stop` has been trained and not yet kept."""

    def maybe_stop(epoch: Epoch) -> None:
        if epoch.number == stop:
            raise Stopped

    with Checkpoint(folder, every) as checkpoint:
        run = fit(as_data(values), on_epoch=maybe_stop, checkpoint=checkpoint, **how)
        finish_run(run, checkpoint, {})


def stop_in(folder: Path, values: NDArray[Any], stop: int, **how: Any) -> None:
    with pytest.raises(Stopped):
        run_in(folder, values, stop=stop, **how)


def lines(folder: Path) -> list[dict[str, Any]]:
    """The history but for what a clock says."""
    records = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k not in ("seconds", "left")} for record in records]


def equal(first: Path, second: Path) -> bool:
    assert {f.name for f in first.iterdir()} == {f.name for f in second.iterdir()}
    return lines(first) == lines(second) and all(
        (first / name).read_bytes() == (second / name).read_bytes() for name in EXACT
    )


NOISE = np.random.default_rng(0).standard_normal((60, 8))


TIRING = {"epochs": 60, "patience": 4, "learning_rate": 0.03, "clip": 0.7}
"""On noise the best epoch comes early: some epochs later patience ends the training."""


TRAININGS: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
    "plain": (curve(121), {"overrides": {"training": {"epochs": 4, "batch_size": 16}}}),
    "vae": (curve(121), {"recipe": "vae", "overrides": {"training": {"epochs": 4, "batch_size": 19}}}),
    "a row left over": (
        curve(100),
        {"recipe": "denoising-vae", "overrides": {"training": {"epochs": 4, "batch_size": 79}}},
    ),
    "momentum": (
        curve(60),
        {"overrides": {"training": {"epochs": 4, "optimizer": "sgd", "learning_rate": 1e-3}}},
    ),
    "adam, constant, no clip": (
        curve(60),
        {"overrides": {"training": {"epochs": 4, "optimizer": "adam", "schedule": "constant", "clip": 0}}},
    ),
    "earlier epochs kept": (
        curve(60),
        {"overrides": {"training": {"epochs": 5, "snapshots": 3, "batch_size": 16}}},
    ),
    "early stop": (NOISE, {"recipe": "vae", "latent_dim": 7, "overrides": {"training": TIRING}}),
    "images": (
        load("digits").array[:90],
        {"overrides": {"encoder": "conv", "training": {"epochs": 3}}, "latent_dim": 2},
    ),
}


def ctrl_c_at(number: int) -> Callable[[Epoch], None]:
    def stop(epoch: Epoch) -> None:
        if epoch.number == number:
            raise KeyboardInterrupt

    return stop
