from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.data.readers import as_data
from narrows.evaluation.raw_errors import Unbent, raw_errors
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.runs.run import Run
from tests.data.kinds.test_shared_unit import spectra
from tests.samples import curve

QUICK: Any = {"training": {"epochs": 2}}


def fitted(x: np.ndarray) -> tuple[Run, np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """A run on `x`, its training and held-out rows on the model's scale, and the held-out rows as they came."""
    run, parts = fit(as_data(x), latent_dim=2, overrides=QUICK), split_data(as_data(x), 0)
    held_out = parts.held_out.array
    return run, run.scaled(parts.train.array), run.scaled(held_out), held_out


def with_tail(n: int = 300) -> np.ndarray:  # type: ignore[type-arg]
    x = curve(n)
    x[::50, 2] = 1e4
    return x


def bright(n: int = 300) -> np.ndarray:  # type: ignore[type-arg]
    x = spectra(n)
    x[5] *= 40
    return x


def test_nothing_is_measured_where_no_value_is_bent() -> None:
    run, train, x, _ = fitted(curve(100))
    assert raw_errors(run, train, x, x, x) is None
    assert "raw" not in run.metrics["held_out"]


@pytest.mark.parametrize("x", [with_tail(), bright()])
def test_bent_values_come_back_in_units_of_the_training_part(x: np.ndarray) -> None:  # type: ignore[type-arg]
    run, train, scaled, held_out = fitted(x)
    unbent = Unbent(run, train)
    np.testing.assert_allclose(unbent.values(scaled), held_out, rtol=1e-4, atol=1e-4)
    variances = unbent(train).var(axis=0)[unbent.bent]
    assert variances[variances > 1e-9].mean() == pytest.approx(1, rel=1e-3)


def test_errors_of_values_are_those_of_the_output_in_common_units() -> None:
    run, train, scaled, held_out = fitted(bright())
    found = raw_errors(run, train, scaled, run.reconstruct_scaled(held_out), scaled)
    assert found is not None
    ours, pca, mean = found
    assert pca.mse < 0.1 * mean.mse, "PCA is given the values, clipped to the range of the training part"
    made = Unbent(run, train).values(run.reconstruct_scaled(held_out), kept=True)
    centre = split_data(as_data(bright()), 0).train.array.mean(axis=0)
    share = ((made - held_out) ** 2).sum() / ((held_out - centre) ** 2).sum()
    assert ours.mse / mean.mse == pytest.approx(share, rel=1e-3)


def test_the_better_pca_is_compared_with() -> None:
    run, train, x, _ = fitted(bright())
    worse = raw_errors(run, train, x, x, np.zeros_like(x))
    assert worse is not None
    assert worse[1].mse < 0.9 * worse[2].mse, "PCA of the values, as that on the scale is none"


def test_the_metrics_hold_the_errors_of_the_values() -> None:
    run = fitted(bright())[0]
    assert set(run.metrics["held_out"]["raw"]) == {"mse", "yardstick_mse", "mean_mse", "ratio_ci95"}
