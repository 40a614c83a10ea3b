from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.data.kinds.column_scales import dominant_row
from narrows.data.kinds.table import TableSchema
from narrows.data.scaling import Scaling
from tests.data.kinds.test_shared_unit import spectra, traces


def chosen(x: np.ndarray) -> tuple[str, Scaling, np.ndarray]:  # type: ignore[type-arg]
    choice = TableSchema.of(x.shape[1:], x.dtype.name).choose(x)
    return choice.name, choice.scaling, choice.scaling(torch.as_tensor(x)).numpy()


@pytest.mark.parametrize("x", [spectra(), traces()])
def test_one_scale_keeps_the_relative_size_of_columns(x: np.ndarray) -> None:  # type: ignore[type-arg]
    name, scaling, scaled = chosen(x)
    assert (name, scaling.shared) == ("common", True)
    np.testing.assert_allclose(scaled.std(axis=0) / scaled.std(), x.std(axis=0) / x.std(), rtol=0.2)
    np.testing.assert_allclose(np.ptp(scaled.std(axis=0) / x.std(axis=0)), 0, atol=1e-9)
    assert (scaled.var(axis=0)).mean() == pytest.approx(1)


def test_a_channel_with_two_photons_weighs_next_to_nothing() -> None:
    x = spectra()
    x[:, 0] = 0
    x[[5, 80], 0] = 1
    scaled = chosen(x)[2]
    assert scaled.var(axis=0)[0] < 0.01 * scaled.var(axis=0).max()


def test_a_channel_that_was_dark_in_the_training_part_has_the_common_scale() -> None:
    x = 1000 * spectra()
    x[:, 0] = 0
    name, scaling, _ = chosen(x)
    assert name == "common"
    photon = torch.as_tensor(np.eye(20)[:1] * 1000)
    assert scaling(photon)[0, 0] == pytest.approx(1000 / float(scaling.scale.max()))


def test_counts_stay_non_negative_so_that_poisson_can_be_chosen() -> None:
    assert chosen(spectra())[1].low == 0


def test_counts_of_which_one_row_holds_most_are_given_the_same_noise() -> None:
    x = spectra()
    x[7] *= 40
    assert dominant_row(x) > 0.5
    name, scaling, scaled = chosen(x)
    assert (name, scaling.shared, scaling.rooted) == ("anscombe", True, True)
    back = scaling.inverse(torch.as_tensor(scaled)).numpy()
    np.testing.assert_allclose(back, x, atol=1e-9)
    assert dominant_row(np.sqrt(x)) < dominant_row(x)


def test_the_noise_after_the_square_root_is_that_of_any_mean() -> None:
    rng, scaling = np.random.default_rng(0), chosen(np.vstack([spectra(), spectra()[:1] * 300]))[1]
    deviations = [
        float((scaling(torch.as_tensor(rng.poisson(m, (20_000, 20)).astype(float)))[:, 3]).std())
        for m in (5, 50, 900)
    ]
    assert max(deviations) < 1.05 * min(deviations)


def test_rooted_values_below_zero_are_finite_and_come_back() -> None:
    scaling = chosen(np.vstack([spectra(), spectra()[:1] * 300]))[1]
    x = torch.linspace(-5, 5, 20, dtype=torch.float64)[None]
    assert torch.isfinite(scaling(x)).all()
    np.testing.assert_allclose(scaling.inverse(scaling(x)), x, atol=1e-12)
    assert Scaling.from_json(scaling.to_json()).rooted


def test_a_series_with_a_heavy_tail_is_bent_in_one_unit() -> None:
    x = traces()
    x[3, 5] = 1e5
    choice = TableSchema.of((24,), "float64").choose(x)
    assert "Heavy tails in x5: all are transformed" in " ".join(choice.why)
    assert len(np.unique(choice.scaling.spread)) == 1
    np.testing.assert_allclose(choice.scaling.inverse(choice.scaling(torch.as_tensor(x))), x, rtol=1e-6)


def test_columns_of_different_units_are_divided_each_by_its_own() -> None:
    x = np.random.default_rng(0).normal(size=(200, 4)) * [1, 10, 1000, 0.1]
    name, scaling, scaled = chosen(x)
    assert (name, scaling.shared) == ("standard", False)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
