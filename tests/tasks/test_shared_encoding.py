from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.core.processes import Processes
from narrows.data.readers import read
from narrows.data.sources.divided import SomeBlocks
from narrows.runs.run import Run
from narrows.tasks.shared_encoding import by_block, encode_together
from tests.samples import curve


def test_codes_go_to_the_rows_of_their_blocks() -> None:
    data = read_rows(9)
    some = SomeBlocks(data.source, [range(2), np.array([7, 5])])
    codes = np.arange(8.0).reshape(4, 2)
    found = [(list(rows), z.tolist()) for rows, z in by_block(some, codes)]
    assert found == [([0, 1], [[0, 1], [2, 3]]), ([7, 5], [[4, 5], [6, 7]])]


def read_rows(n: int):
    np.save("rows.npy", curve(n))
    return read("rows.npy")


def test_a_file_that_holds_no_codes_is_refused_first(digits_run: Run) -> None:
    from pathlib import Path

    with pytest.raises(InputError, match="Codes cannot be written to"):
        encode_together(digits_run, read_rows(9), Path("codes.png"), Processes(0, 2))
