from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from narrows.core.records import Batch
from narrows.data.datasets import load
from narrows.runs.inference import Placed, gathered, inference, moved, precise, used
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


class Watched(nn.Module):
    """Says where it is, and where what it is given is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.code_size = 3

    def encode(self, batch: Batch, noise: Tensor) -> Tensor:
        assert batch.mask is not None
        given = (self.weight, batch.x, batch.mask, batch.context["rows"], noise)
        assert [each.device.type for each in given] == ["meta"] * 5
        return torch.ones(len(batch.x), self.code_size)


def test_a_model_on_another_device_is_given_batches_that_are_there() -> None:
    """The device "meta" computes nothing, but is one on every machine."""
    model = Watched()
    placed = Placed(model, torch.device("meta"))  # type: ignore[arg-type]
    batch = Batch(torch.rand(4, 2), torch.ones(4, 2, dtype=torch.bool), {"rows": torch.arange(4)})
    assert placed.encode(batch, noise=torch.zeros(1)).shape == (4, placed.code_size)
    assert model.weight.device.type == batch.x.device.type == "cpu"
    noise = torch.zeros(1, device="meta")
    assert used(placed, lambda model, batch: model.encode(batch, noise), batch).device.type == "cpu"  # type: ignore[arg-type]


def test_records_are_moved_with_all_their_tensors() -> None:
    batch = moved(Batch(torch.rand(2), context={"a": torch.rand(2)}), torch.device("meta"))
    assert (batch.x.is_meta, batch.mask, batch.context["a"].is_meta) == (True, None, True)


def test_a_run_computes_the_same_on_each_device(digits_run: Run) -> None:
    """`cpu:0` counts as another device than `cpu`, where all passes through the same copies."""
    rows = load("digits").array[:20]
    results = []
    for device in ("cpu", "cpu:0"):
        digits_run.device = torch.device(device)
        codes = digits_run.encode(rows)
        results.append([codes, digits_run.reconstruct(rows), digits_run.decode(codes)])
        results[-1] += [digits_run.reconstruct_scaled(rows.astype(float)), digits_run.decode_scaled(codes)]
    digits_run.device = torch.device("cpu")
    for here, there in zip(*results, strict=True):
        np.testing.assert_array_equal(here, there)
