from __future__ import annotations

import pytest
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.weights import copy_into


def weights() -> dict[str, Tensor]:
    return {"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.int64)}


def test_weights_are_copied_in_place() -> None:
    wanted = weights()
    place = wanted["a"].data_ptr()
    copy_into(wanted, {"a": torch.ones(2, 3), "b": torch.arange(4)}, "here")
    assert wanted["a"].data_ptr() == place
    assert torch.equal(wanted["a"], torch.ones(2, 3))
    assert torch.equal(wanted["b"], torch.arange(4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c": torch.zeros(1)}, "here: the weight 'c' is not in the model"),
        ({"a": torch.zeros(3, 2)}, r"'a' has shape \(3, 2\) of torch.float32, the model's has \(2, 3\)"),
        ({"b": torch.zeros(4)}, r"'b' has shape \(4,\) of torch.float32, the model's .* of torch.int64"),
        ({"a": torch.full((2, 3), torch.nan)}, "'a' holds numbers that are not finite"),
    ],
)
def test_other_weights_are_refused_with_the_difference(change: dict[str, Tensor], message: str) -> None:
    with pytest.raises(InputError, match=message):
        copy_into(weights(), {**weights(), **change}, "here")


def test_a_weight_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="here: the weight 'b' is missing"):
        copy_into(weights(), {"a": torch.zeros(2, 3)}, "here")
