from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.data.tensors import is_nan, tensor


def test_a_tensor_shares_the_memory_of_an_array_that_can_be_written() -> None:
    values = np.arange(6.0).reshape(2, 3)
    tensor(values)[0, 0] = 9.0
    assert values[0, 0] == 9.0


@pytest.mark.parametrize("change", [lambda x: x[::-1], lambda x: np.broadcast_to(x[:1], (2, 3))])
def test_arrays_in_reverse_order_or_that_cannot_be_written_are_copied(change) -> None:  # type: ignore[no-untyped-def]
    values = change(np.arange(6.0).reshape(2, 3))
    assert torch.equal(tensor(values), torch.tensor(values.tolist(), dtype=torch.float64))


def test_whole_numbers_are_never_nan() -> None:
    assert is_nan(np.array([1.0, np.nan])).tolist() == [False, True]
    assert is_nan(np.array([1, 2])).tolist() == [False, False]
