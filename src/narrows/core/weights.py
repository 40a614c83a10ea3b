"""Copy named tensors into a model, after a comparison of names, shapes and types."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

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
