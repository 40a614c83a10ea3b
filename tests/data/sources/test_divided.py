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


@pytest.mark.usefixtures("small_blocks")
def test_a_block_is_read_at_once_by_each_process_that_has_rows_of_it() -> None:
    """A row group of Parquet, or a chunk, is decoded as a whole for each reading."""
    source = stored(np.arange(300 * 6.0).reshape(300, 6))
    owners = {row: i for i, rows in enumerate(source.blocks()) for row in rows}
    for rank in range(3):
        read = [{owners[row] for row in rows} for rows in divided(source, Processes(rank, 3), 2).blocks()]
        assert all(len(blocks) == 1 for blocks in read)
        assert len(read) == len(set.union(*read))


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
