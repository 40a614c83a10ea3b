from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.fitting.restorations import best_restoration
from narrows.runs.scaler import Scaled
from tests.samples import shapes


def best(clean: Array, noisy: Array) -> str:
    schema: Any = SimpleNamespace(model_shape=(1, *clean.shape[1:]), spatial=2, starts=None)
    train = Scaled(clean[:, None], schema, noisy[:, None])
    run: Any = SimpleNamespace(schema=schema, corrupted=lambda rows: rows.given.reshape(len(rows), -1))
    flat = noisy.reshape(len(noisy), -1)
    return best_restoration(run, train, Pca.fit(train.flat, 4).restoring(train.flat, flat)).name


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (lambda x, rng: x + 1e-5 * rng.normal(size=x.shape), "the noisy input"),
        (lambda x, rng: np.where(rng.random(x.shape) < 0.05, 9.0, x), "a median filter"),
        (lambda x, rng: 5 - 3 * x, "the best linear filter"),
    ],
)
def test_the_yardstick_of_pairs_is_the_method_that_undoes_their_damage(damage: Any, wanted: str) -> None:
    clean = shapes(16, 16, 60).astype(np.float32)
    noisy = damage(clean, np.random.default_rng(0)).astype(np.float32)
    assert best(clean, noisy).startswith(wanted)
