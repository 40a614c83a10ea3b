from __future__ import annotations

import pytest
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.weights import copy_into


def named(**changes: Tensor) -> dict[str, Tensor]:
    return {"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.int64), **changes}


def test_values_are_copied_in_place() -> None:
    wanted = named()
    before = wanted["a"].data_ptr()
    copy_into(wanted, named(a=torch.full((2, 3), 7.0), b=torch.arange(4)), "here")
    assert wanted["a"].data_ptr() == before
    assert (wanted["a"] == 7).all()
    assert wanted["b"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c": torch.zeros(1)}, "here: the weight 'c' is not in the model"),
        ({"a": torch.zeros(3, 2)}, r"'a' has shape \(3, 2\) of torch.float32, the model's has \(2, 3\)"),
        ({"a": torch.zeros(2, 3).double()}, "'a' has shape .* of torch.float64"),
        ({"a": torch.full((2, 3), float("nan"))}, "'a' holds numbers that are not finite"),
    ],
)
def test_any_difference_is_named(change: dict[str, Tensor], message: str) -> None:
    with pytest.raises(InputError, match=message):
        copy_into(named(), named(**change), "here")


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(InputError, match="the weight 'b' is missing"):
        copy_into(named(), {"a": torch.zeros(2, 3)}, "here")
