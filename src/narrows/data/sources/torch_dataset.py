"""Read the examples of a torch dataset into an array."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np
from torch.utils.data import Dataset, IterableDataset

from narrows.core.errors import InputError, show
from narrows.core.memory import check_room
from narrows.data.schema import Array


def from_dataset(dataset: Dataset[Any]) -> tuple[Array, Array | None]:
    """All examples of a torch dataset as one array `(n, …)`, and the labels `(n,)` if it has pairs.

    Raises:
        InputError: for a dataset without a length, without examples, or with examples of several shapes.
    """
    if isinstance(dataset, IterableDataset) or not isinstance(dataset, Sized):
        raise InputError(
            "The dataset has no length, so that no part can be held out; pass one that has, or an array."
        )
    n = len(dataset)
    if not n:
        raise InputError("The dataset has no examples.")
    first, label = example_and_label(dataset[0])
    check_room(n * first.nbytes, f"The {n:,} examples of the dataset need")
    examples, labels = np.empty((n, *first.shape), first.dtype), []
    for i in range(n):
        example, label = example_and_label(dataset[i])
        if example.shape != first.shape:
            raise InputError(
                f"Example {i} of the dataset has shape {show(example.shape)}, but the first has "
                f"{show(first.shape)}; they must have one shape."
            )
        examples[i] = example
        labels.append(label)
    return examples, None if label is None else np.asarray(labels)


class Seconds(Dataset[Any]):
    """The second of each pair in a dataset of pairs."""

    def __init__(self, pairs: Dataset[Any]) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)  # type: ignore[arg-type]

    def __getitem__(self, i: int) -> Any:
        return self.pairs[i][1]


def from_pairs(dataset: Dataset[Any]) -> tuple[Array, Array | None]:
    """As `from_dataset`; of pairs of two examples of one shape, both, `(n, …)` each.

    Raises:
        InputError: as `from_dataset`.
    """
    examples, labels = from_dataset(dataset)
    item = dataset[0]
    paired = isinstance(item, (tuple, list)) and len(item) > 1 and np.shape(item[1]) == examples.shape[1:]
    return (
        (examples, from_dataset(Seconds(dataset))[0]) if paired and examples.ndim > 1 else (examples, labels)
    )


def example_and_label(item: Any) -> tuple[Array, Any]:
    """An item of a dataset as an example and its label; None where there is no label."""
    example, label = (*item, None)[:2] if isinstance(item, (tuple, list)) else (item, None)
    return np.asarray(example), label if label is None or np.ndim(label) == 0 else None
