from __future__ import annotations

from dataclasses import astuple

import numpy as np

from narrows.data.readers import as_data
from narrows.runs.reference_rows import MOST_ROWS, Reference


def test_kept_rows_are_few_and_disjoint() -> None:
    data = as_data(np.arange(40_000, dtype=np.float64)[:, None])
    train, validation, held_out = np.split(np.arange(40_000), [32_000, 36_000])
    kept = Reference.draw(data, train, validation, data.rows(held_out))
    assert sum(map(len, astuple(kept))) == MOST_ROWS
    assert kept.train.max() < 32_000 <= kept.validation.min() <= kept.validation.max() < 36_000
    assert kept.held_out.min() >= 36_000
    assert len(kept.held_out) == MOST_ROWS / 5
    few = Reference.draw(data, train[:30], validation[:10], data.rows(held_out[:10]))
    assert [len(part) for part in astuple(few)] == [30, 10, 10]
