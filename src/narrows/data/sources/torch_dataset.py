"""Torch data sets as arrays: all their examples, each taken once."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np
from torch.utils.data import Dataset, IterableDataset

from narrows.core.errors import InputError, show
from narrows.core.memory import check_room
from narrows.data.schema import Array


def from_dataset(dataset: Dataset[Any]) -> tuple[Array, Array | None]:
    """All examples of a torch data set as one array, and their labels if it has pairs.

    Raises:
        InputError: for a data set without a length, without examples, or of examples of several shapes.
    """
    if isinstance(dataset, IterableDataset) or not isinstance(dataset, Sized):
        raise InputError(
            "The data set has no length, so that no part can be held out; pass one that has, or an array."
        )
    n = len(dataset)
    if not n:
        raise InputError("The data set has no examples.")
    first, label = parted(dataset[0])
    check_room(n * first.nbytes, f"The {n:,} examples of the data set need")
    found, labels = np.empty((n, *first.shape), first.dtype), []
    for i in range(n):
        example, label = parted(dataset[i])
        if example.shape != first.shape:
            raise InputError(
                f"Example {i} of the data set has shape {show(example.shape)}, but the first has "
                f"{show(first.shape)}; they must be alike."
            )
        found[i] = example
        labels.append(label)
    return found, None if label is None else np.asarray(labels)


def parted(item: Any) -> tuple[Array, Any]:
    """What a data set gives, as an example and its label; None where there is no label."""
    example, label = (*item, None)[:2] if isinstance(item, (tuple, list)) else (item, None)
    return np.asarray(example), label if label is None or np.ndim(label) == 0 else None
