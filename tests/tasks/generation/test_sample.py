from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from narrows.tasks.generation.sample import sample, sample_by_epoch
from tests.samples import DIGITS


def test_a_run_keeps_the_weights_of_earlier_epochs(vae_run: Run, vae_folder: Path) -> None:
    assert list(vae_run.earlier) == [1, 2, 3]
    again = load_run(vae_folder)
    for number, earlier in vae_run.earlier.items():
        assert (again.earlier[number].encode(DIGITS[:5]) == earlier.encode(DIGITS[:5])).all()
        assert (sample(again.earlier[number], 4)[0] == sample(earlier, 4)[0]).all()
    assert not np.allclose(vae_run.earlier[1].encode(DIGITS[:5]), vae_run.encode(DIGITS[:5]))
    brief = Autoencoder(3, recipe="vae", training={"epochs": 5, "keep": "last"}).fit(DIGITS[:600]).run_
    with pytest.raises(InputError, match="snapshots"):
        sample_by_epoch(brief, 3)


def test_samples_by_epoch_are_the_same_draw(vae_run: Run) -> None:
    found, note = sample_by_epoch(vae_run, 6, seed=4)
    assert "prior" in note
    assert list(found)[:3] == ["epoch 1", "epoch 2", "epoch 3"]
    assert (list(found.values())[-1] == sample(vae_run, 6, 4)[0]).all()
    plain = Autoencoder(2, training={"epochs": 4, "snapshots": 2}).fit(DIGITS[:300]).run_
    shapes = {name: values.shape for name, values in sample_by_epoch(plain, 5)[0].items()}
    assert shapes == dict.fromkeys(("epoch 1", "epoch 2", "epoch 4"), (5, 8, 8))
