from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset, IterableDataset, TensorDataset

from narrows import Autoencoder
from narrows.core.errors import InputError
from tests.samples import curve

SHORT = {"epochs": 3}


class Pairs(Dataset[Any]):
    def __init__(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        self.shapes = shapes

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, i: int) -> Any:
        return np.full(self.shapes[i], i, dtype=np.float32), "even" if i % 2 == 0 else "odd"


def test_a_data_set_is_the_array_of_its_examples() -> None:
    x = curve(80).astype(np.float32)
    labels = torch.arange(80) % 3
    ours = Autoencoder(2, training=SHORT).fit(TensorDataset(torch.as_tensor(x), labels))
    theirs = Autoencoder(2, training=SHORT).fit(x)
    np.testing.assert_array_equal(ours.transform(x), theirs.transform(torch.as_tensor(x)))
    np.testing.assert_array_equal(ours.transform(TensorDataset(torch.as_tensor(x))), ours.transform(x))
    assert set(ours.run_.evidence.labels) == {0, 1, 2}


def test_words_of_a_data_set_become_labels() -> None:
    ae = Autoencoder(1, training=SHORT).fit(Pairs(((4, 4),) * 40))
    assert ae.run_.evidence.label_names == ("even", "odd")
    assert ae.run_.schema.shape == (4, 4)


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter(())


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Endless(), "The dataset has no length"),
        (Pairs(()), "has no examples"),
        (Pairs(((2, 2), (2, 3))), "Example 1 of the dataset has shape 2x3, but the first has 2x2"),
    ],
)
def test_data_sets_that_cannot_be_an_array_are_refused(dataset: Dataset[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Autoencoder().fit(dataset)
