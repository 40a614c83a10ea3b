from __future__ import annotations

from pathlib import Path

import numpy as np

from narrows import Autoencoder


def test_a_large_code_keeps_a_small_density(tmp_path: Path) -> None:
    X = np.random.default_rng(0).random((40, 3))
    ae = Autoencoder(300, training={"epochs": 1}).fit(X)
    assert ae.run_.density.factors.shape == (1, 300, 1)
    again = Autoencoder.load(ae.save(tmp_path / "a"))
    assert (again.sample(5) == ae.sample(5)).all()
