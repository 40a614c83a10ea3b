from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.weights import all_half, copy_into, halve, narrowed, widened


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


def test_weights_are_rounded_to_16_bits_and_stored_in_them() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    assert not all_half(model)
    halve(model)
    assert all_half(model)
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name].half().float())
    stored = narrowed(model.state_dict())
    assert stored["0.weight"].dtype == torch.float16
    for name, weight in widened(stored).items():
        assert weight.dtype == before[name].dtype
        assert torch.equal(weight, model.state_dict()[name])


def test_what_16_bits_do_not_hold_stays_as_it_is() -> None:
    running = {"mean": torch.tensor([0.1]), "count": torch.tensor(3), "wide": torch.tensor([0.5]).double()}
    assert {name: w.dtype for name, w in narrowed(running).items()} == {
        name: w.dtype for name, w in running.items()
    }
    model = nn.Linear(1, 2)
    nn.init.constant_(model.weight, 1e5)
    nn.init.constant_(model.bias, 0.1)
    with pytest.raises(InputError, match="float16 does not hold"):
        halve(model)
    assert torch.equal(model.bias, torch.full((2,), 0.1))
