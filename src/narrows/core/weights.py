"""Named tensors of a model: copied after a comparison, and in 16 bits where that loses nothing."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError


def copy_into(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], where: str) -> None:
    """Copy `given` into the tensors of `wanted`; names, shapes and types must be equal.

    Raises:
        InputError: with the first difference, or the first tensor that is not finite, and `where` it is.
    """
    for name in sorted(wanted.keys() ^ given.keys()):
        raise InputError(
            f"{where}: the weight {name!r} is {'missing' if name in wanted else 'not in the model'}."
        )
    for name, value in wanted.items():
        if given[name].shape != value.shape or given[name].dtype != value.dtype:
            came, expected = (f"{tuple(w.shape)} of {w.dtype}" for w in (given[name], value))
            raise InputError(f"{where}: the weight {name!r} has shape {came}, the model's has {expected}.")
        if not given[name].isfinite().all():
            raise InputError(f"{where}: the weight {name!r} holds numbers that are not finite.")
        value.copy_(given[name])


def is_half(weight: Tensor) -> bool:
    """Whether float16 holds the float32 `weight` exactly.

    >>> is_half(torch.tensor([0.5, 3.0])), is_half(torch.tensor([0.1])), is_half(torch.tensor([1e5]))
    (True, False, False)
    """
    return weight.dtype == torch.float32 and torch.equal(weight.half().float(), weight)


def all_half(model: nn.Module) -> bool:
    """Whether float16 holds all trainable weights of `model` exactly, as after `halve`."""
    return all(is_half(weight.detach()) for weight in model.parameters())


def halve(model: nn.Module) -> None:
    """Round the trainable weights of `model` to float16; they stay float32.

    Raises:
        InputError: for weights that exceed float16.
    """
    rounded = [weight.detach().half() for weight in model.parameters()]
    if not all(bool(weight.isfinite().all()) for weight in rounded):
        raise InputError("The model has weights beyond 65,504, which float16 does not hold; keep float32.")
    for weight, value in zip(model.parameters(), rounded, strict=True):
        weight.detach().copy_(value)


def narrowed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` as they are stored, in float16 where it holds them exactly."""
    return {name: weight.half() if is_half(weight) else weight for name, weight in weights.items()}


def widened(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `narrowed`."""
    return {name: w.float() if w.dtype == torch.float16 else w for name, w in weights.items()}
