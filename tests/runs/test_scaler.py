from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from tests.samples import curve, mixed, of_frame


def test_other_data_are_refused_with_both_shapes(digits_run: Run) -> None:
    with pytest.raises(InputError, match="shape 28x28, but the model was fitted to examples of shape 8x8"):
        digits_run.encode(np.zeros((3, 28, 28)))
    with pytest.raises(InputError, match=r"\(n, 4\) is wanted|Codes of shape \(n, 4\)"):
        digits_run.decode(np.zeros((3, 5)))


def test_pixels_of_another_type_are_refused(digits_run: Run) -> None:
    with pytest.raises(InputError, match="uint8, but the model was fitted to float64"):
        digits_run.encode(np.zeros((3, 8, 8), dtype="u1"))
    assert digits_run.encode(np.zeros((3, 8, 8), dtype="f4")).shape == (3, 4)


def test_no_rows_are_refused(digits_run: Run) -> None:
    with pytest.raises(InputError, match="no rows"):
        digits_run.encode(np.empty((0, 8, 8)))


def test_missing_cells_of_a_batch_are_masked_for_words() -> None:
    data = of_frame(mixed(200, missing=0.3))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    scaled = run.scaled(data.array)
    starts = data.schema.starts
    assert np.isnan(scaled[:, starts]).sum() == np.isnan(data.array).sum()
    assert run.model.reconstruct(Batch(torch.zeros(1, 8))).shape == (1, 8)


def test_a_value_far_beyond_the_training_part_is_located(digits_run: Run) -> None:
    ae = fit(as_data(curve(60)), latent_dim=2, overrides={"training": {"epochs": 1}})
    values = np.repeat(curve(30), 70, axis=0)  # more than one batch
    values[1234, 2] = 1e12
    with pytest.raises(InputError, match="Row 1234 holds a value over 1e\\+09 on the model's scale"):
        ae.scaler.check(values)
    ae.scaler.check(np.delete(values, 1234, axis=0))


def test_scaled_rows_are_those_of_the_scaling() -> None:
    values = curve(60)
    run = fit(as_data(values), latent_dim=2, overrides={"training": {"epochs": 1}})
    expected = run.scaling(torch.as_tensor(values)).float().numpy()
    np.testing.assert_array_equal(run.scaler.scaled(values), expected)


@pytest.mark.parametrize("dtype", ["float64", "float32", "uint8"])
def test_rows_that_are_scaled_once_give_the_same_bits(dtype: str) -> None:
    """In the precision of the values, whatever part of them is used, and more than one batch of them."""
    values = (100 * load("digits").array[:1200] / 16).astype(dtype)
    run = fit(as_data(values), latent_dim=2, overrides={"training": {"epochs": 1}})
    scaled, index = run.scaler.prepare(values), np.arange(3, 1100)[::-1]
    assert scaled.dtype == ("float64" if dtype == "float64" else "float32")
    np.testing.assert_array_equal(scaled.flat, run.scaled(values))
    for use in (run.encode, run.reconstruct, run.reconstruct_scaled):
        found = use(scaled.rows(index))
        np.testing.assert_array_equal(found, use(values[index]))
        assert found.dtype == use(values[index]).dtype


def test_missing_cells_and_words_survive_scaling_once() -> None:
    data = of_frame(mixed(200, missing=0.3))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    scaled = run.scaler.prepare(data.array)
    np.testing.assert_array_equal(scaled.flat, run.scaled(data.array))
    for use in (run.encode, run.reconstruct, run.corrupted, run.restored):
        np.testing.assert_array_equal(use(scaled), use(data.array))


def test_what_cannot_be_used_is_refused_when_it_is_prepared(digits_run: Run) -> None:
    with pytest.raises(InputError, match="no rows"):
        digits_run.scaler.prepare(np.empty((0, 8, 8)))
