from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from narrows.data.kinds import describe
from narrows.data.scaling import Scaling, arsinh, sinh


def chosen(values: np.ndarray[Any, Any]):  # type: ignore[no-untyped-def]
    schema = describe(values)
    return schema.choose(schema.arrange(values)), schema


def back(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """To the model's scale and back."""
    choice, schema = chosen(values)
    x = torch.as_tensor(schema.arrange(values).astype("float64" if values.dtype.kind != "b" else "bool"))
    return schema.restore(choice.scaling(x), choice.scaling).numpy()


DTYPES = ["bool", "uint8", "int16", "uint16", "int32", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(40, 5), (12, 7, 5), (9, 6, 4, 3)])
def test_scaling_comes_back_in_type_and_range(dtype: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    top = 1 if dtype == "bool" else 200
    values = rng.uniform(0, top, shape).round().astype(dtype)
    again = back(values)
    assert again.dtype == values.dtype
    assert again.shape == values.shape
    np.testing.assert_allclose(again.astype(float), values.astype(float), rtol=1e-3, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_any_real_table_comes_back(values: np.ndarray[Any, Any]) -> None:
    spread = np.ptp(values, axis=0)
    assert (np.abs(back(values) - values) <= 1e-5 * spread + 1e-9).all()


def test_a_scaling_travels_through_json() -> None:
    values = np.random.default_rng(0).standard_cauchy((300, 2))
    choice, _ = chosen(values)
    again = Scaling.from_json(choice.scaling.to_json())
    x = torch.as_tensor(values)
    assert torch.equal(again(x), choice.scaling(x))
    assert (again.low, again.high, again.nature) == (choice.scaling.low, choice.scaling.high, "real")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_images_say_where_their_zero_unit_and_mean_are(dtype: str) -> None:
    values = (np.random.default_rng(0).random((6, 5, 4)) * 150 + 40).astype(dtype)
    scaling = Scaling.from_json(chosen(values)[0].scaling.to_json())
    zero, one = scaling(torch.tensor([0.0, 1.0])).tolist()
    mean = scaling(torch.as_tensor(values)).mean().item()
    assert scaling.intensity is not None
    found = scaling.intensity
    assert (found.zero, found.unit, found.mean) == pytest.approx((zero, one - zero, mean), abs=1e-5)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "float32", "float64"])
def test_a_grid_is_that_of_the_values_on_the_scale_of_the_model(dtype: str) -> None:
    values = (np.random.default_rng(0).random((6, 5, 4)) * 2.9 + 0.6).astype(np.uint8).astype(dtype)
    scaling = Scaling.from_json(chosen(values)[0].scaling.to_json())
    different = torch.unique(scaling(torch.as_tensor(values))).double()
    assert scaling.grid is not None
    assert scaling.grid.levels == len(different)
    steps = scaling.grid.low + scaling.grid.step * torch.arange(len(different))
    assert torch.allclose(different, steps.double(), atol=1e-6)


def test_values_of_several_scales_have_no_common_zero() -> None:
    assert chosen(np.random.default_rng(0).normal(5, [1.0, 9.0], (50, 2)))[0].scaling.intensity is None


def test_scaled_data_are_what_the_names_say() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal(5, 3, (400, 3))
    x = chosen(real)[0].scaling(torch.as_tensor(real)).numpy()
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(0), 1, atol=1e-6)
    tails = rng.standard_cauchy((2000, 1))
    assert np.abs(chosen(tails)[0].scaling(torch.as_tensor(tails)).numpy()).max() < 8


def test_constant_columns_come_back_exactly() -> None:
    values = np.c_[np.full(20, 0.1), np.full(20, -7.3e9), np.arange(20.0)]
    assert (back(values)[:, :2] == values[:, :2]).all()
    choice, _ = chosen(values)
    anything = torch.randn(5, 3)
    assert (choice.scaling.restore(anything)[:, :2] == values[:5, :2]).all()


def test_the_largest_integers_do_not_turn_negative() -> None:
    values = np.full((30, 2), 2**63 - 1)
    values[::2] = 2**62
    assert (back(values) > 0).all()


def test_outputs_stay_inside_the_range_of_the_training_part() -> None:
    values = np.random.default_rng(0).exponential(1, (200, 3))
    choice, _ = chosen(values)
    wild = choice.scaling.restore(100 * torch.randn(50, 3)).numpy()
    assert (wild.min(0) >= values.min(0)).all()
    assert (wild.max(0) <= values.max(0)).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_written_out_arsinh_is_torchs(dtype: torch.dtype) -> None:
    x = torch.tensor([-1e30, -1e9, -3.0, -1e-6, 0.0, 1e-9, 0.5, 2.0, 1e8, 2e9, 1e30], dtype=dtype)
    torch.testing.assert_close(arsinh(x), torch.asinh(x), rtol=1e-6, atol=0)
    y = torch.linspace(-20, 20, 41, dtype=dtype)
    torch.testing.assert_close(arsinh(sinh(y)), y)
