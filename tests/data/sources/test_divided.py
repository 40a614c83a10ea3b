from __future__ import annotations

import numpy as np
import pytest

from narrows.core.processes import Processes
from narrows.data.sources import InMemory, Source
from narrows.data.sources.divided import SomeBlocks, divided
from tests.samples import stored


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_parts_are_all_rows_once_in_the_batches_of_one_process(on_disk: bool, size: int) -> None:
    values = np.arange(300 * 6.0).reshape(300, 6)
    source: Source = stored(values) if on_disk else InMemory(values)
    parts = [divided(source, Processes(rank, size), 7) for rank in range(size)]
    assert sum(map(len, parts)) == 300
    pieces = [piece for part in parts for _, piece in part.pieces()]
    np.testing.assert_array_equal(np.concatenate(pieces), values)
    batches = [len(block[i : i + 7]) for block in source.blocks() for i in range(0, len(block), 7)]
    assert [len(piece[i : i + 7]) for piece in pieces for i in range(0, len(piece), 7)] == batches


def test_rows_keep_their_numbers() -> None:
    part = divided(InMemory(np.arange(20)[:, None]), Processes(1, 2), 4)
    assert isinstance(part, SomeBlocks)
    assert part.rows.tolist() == list(range(8, 20))
    assert part.take(range(9, 11)).tolist() == [[9], [10]]
    empty = divided(InMemory(np.arange(2)[:, None]), Processes(0, 2), 4)
    assert len(empty) == 0


def test_examples_that_belong_together_are_not_divided() -> None:
    source = InMemory(np.zeros((9, 2)))
    source.context = {"edges": np.zeros((2, 3))}
    assert divided(source, Processes(1, 2), 4) is source
