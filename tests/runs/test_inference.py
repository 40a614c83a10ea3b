from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.records import Batch
from narrows.runs.inference import gathered, inference, precise
from narrows.runs.run import Run


def test_inference_is_the_same_in_both_layouts(denoiser: Run) -> None:
    x = torch.rand(2, 1, 40, 36)
    with inference(denoiser.model) as model:
        other = model.reconstruct(Batch(x.contiguous(memory_format=torch.channels_last)))
        torch.testing.assert_close(model.reconstruct(Batch(x)), other, atol=1e-6, rtol=0)


def test_parts_are_gathered_in_order() -> None:
    parts = [np.arange(6).reshape(3, 2), np.arange(6, 10).reshape(2, 2)]
    np.testing.assert_array_equal(gathered(iter(parts), 5), np.arange(10).reshape(5, 2))


@pytest.mark.parametrize(
    ("dtype", "expected"), [("f8", "float64"), ("f4", "float32"), ("i8", "float32"), ("u1", "float32")]
)
def test_only_real_numbers_of_64_bits_are_computed_in_64(dtype: str, expected: str) -> None:
    assert precise(np.zeros((1, 2), dtype)) == expected


def test_a_model_is_as_it_was_after_inference(digits_run: Run) -> None:
    model = digits_run.model.train()
    with inference(model, "float64") as copied:
        assert copied is not model
        assert not copied.training
        assert next(copied.parameters()).dtype == torch.float64
    assert model.training
    assert next(model.parameters()).dtype == torch.float32
    model.eval()
