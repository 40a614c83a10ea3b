from __future__ import annotations

from typing import Any

import pytest

from narrows.core.errors import InputError
from narrows.training.options import Training


@pytest.mark.parametrize(
    ("n", "batch_size", "epochs"),
    [(1, 32, 100), (511, 32, 100), (512, 64, 100), (54_000, 128, 24), (10**7, 128, 10)],
)
def test_sizes_follow_from_the_number_of_examples(n: int, batch_size: int, epochs: int) -> None:
    assert Training().sizes(n) == (epochs, batch_size, max(10, epochs // 4))


def test_sizes_that_are_given_or_settled_stay() -> None:
    how = Training(epochs=3, patience=2).sized_for(5000)
    assert how.sizes(10) == (3, 128, 2)
    assert vars(how.sized_for(10)) == vars(how)


def test_epochs_that_are_kept_grow_and_leave_out_the_last() -> None:
    assert Training(epochs=100, snapshots=3).snapshot_epochs == [1, 5, 22]
    assert Training(epochs=3, snapshots=9).snapshot_epochs == [1, 2, 3]
    assert Training(epochs=9, snapshots=2, snapshot_every=3).snapshot_epochs == [1, 3, 6]
    assert Training(epochs=2, snapshot_every=2).snapshot_epochs == []
    assert Training(epochs=9).snapshot_epochs == []


@pytest.mark.parametrize(
    "options",
    [{"epochs": 0}, {"batch_size": 0}, {"patience": 0}, {"clip": -1.0}, {"beta2": 1.0}, {"momentum": 1.0}],
)
def test_options_out_of_their_range_are_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"The option {next(iter(options))!r} is"):
        Training(**options)
