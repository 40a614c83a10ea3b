from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.split import split


@settings(max_examples=50, deadline=None)
@given(n=st.integers(3, 400), seed=st.integers(0, 5))
def test_parts_are_disjoint_and_complete(n: int, seed: int) -> None:
    parts = split(n, seed=seed)
    assert parts.held_out is not None
    joined = np.concatenate([parts.train, parts.validation, parts.held_out])
    assert sorted(joined) == list(range(n))
    assert min(map(len, (parts.train, parts.validation, parts.held_out))) >= 1
    assert (split(n, seed=seed).train == parts.train).all()


def test_too_few_rows_cannot_be_split() -> None:
    with pytest.raises(InputError, match="Too few rows: 2, but at least 3"):
        split(2, seed=0)


def test_groups_are_never_parted() -> None:
    groups = np.random.default_rng(0).integers(0, 30, 400)
    for seed in range(5):
        parts = split(400, seed=seed, groups=groups)
        assert parts.held_out is not None
        where = [set(groups[part]) for part in (parts.train, parts.validation, parts.held_out)]
        assert len(set.union(*where)) == sum(map(len, where))
        assert sum(map(len, (parts.train, parts.validation, parts.held_out))) == 400
    with pytest.raises(InputError, match="Too few groups: 2"):
        split(400, seed=0, groups=groups % 2)


def test_large_groups_give_a_limited_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("narrows.data.split.MOST", 30)
    groups = np.arange(400) // 40
    parts = split(400, seed=0, groups=groups)
    assert parts.held_out is not None
    assert len(parts.validation) == len(parts.held_out) == 30
    of = [set(groups[rows]) for rows in (parts.train, parts.validation, parts.held_out)]
    assert len(of[0]) + len(of[1]) + len(of[2]) == len(of[0] | of[1] | of[2]) == 10
