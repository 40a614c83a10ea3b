from __future__ import annotations

from collections import deque

import pytest
import torch

from narrows.core.processes import Processes
from narrows.training.sizes import batch_indices, fitting, sizes_of


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 33, 64, 65])
@pytest.mark.parametrize("size", [1, 4, 8, 100])
def test_batches_are_all_examples_and_the_last_is_never_one(n: int, size: int) -> None:
    sizes = sizes_of(n, size)
    assert sum(sizes) == n
    assert set(sizes[:-1]) <= {size}
    assert sizes[-1] > 1 or n == 1


@pytest.mark.parametrize("processes", [2, 3, 8])
@pytest.mark.parametrize("n", [64, 65, 70, 77, 200])
def test_processes_have_at_least_two_examples_each_of_every_batch(n: int, processes: int) -> None:
    order = torch.randperm(n)
    shares = [list(batch_indices(order, 16, Processes(rank, processes))) for rank in range(processes)]
    whole = [torch.cat(batch) for batch in zip(*shares, strict=True)]
    assert [len(batch) for batch in whole] == sizes_of(n, 16, Processes(0, processes))
    assert torch.equal(torch.cat(whole), order)
    assert min(len(batch) for share in shares for batch in share) >= 2


def test_the_fitting_sizes_are_taken_away() -> None:
    sizes = deque([4, 4, 5])
    assert fitting(sizes, 3) == []
    assert fitting(sizes, 9) == [4, 4]
    assert list(sizes) == [5]
    assert fitting(sizes, 9) == [5]
