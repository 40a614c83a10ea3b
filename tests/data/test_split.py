from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.split import apart, near, split


@settings(max_examples=50, deadline=None)
@given(n=st.integers(3, 400), seed=st.integers(0, 5))
def test_parts_are_disjoint_and_complete(n: int, seed: int) -> None:
    parts = split(n, seed=seed)
    assert parts.held_out is not None
    joined = np.concatenate([parts.train, parts.validation, parts.held_out])
    assert sorted(joined) == list(range(n))
    assert min(map(len, (parts.train, parts.validation, parts.held_out))) >= 1
    assert (split(n, seed=seed).train == parts.train).all()


@pytest.mark.parametrize("groups", [None, np.arange(300) // 10])
def test_judged_parts_have_at_most_so_many_rows(groups: np.ndarray | None) -> None:
    parts = split(300, seed=0, groups=groups, most=7)
    assert parts.held_out is not None
    assert (len(parts.validation), len(parts.held_out)) == (7, 7)
    assert len(parts.train) == len(split(300, seed=0, groups=groups).train)


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


def test_large_groups_give_a_limited_number_of_rows() -> None:
    groups = np.arange(400) // 40
    parts = split(400, seed=0, groups=groups, most=30)
    assert parts.held_out is not None
    assert len(parts.validation) == len(parts.held_out) == 30
    of = [set(groups[rows]) for rows in (parts.train, parts.validation, parts.held_out)]
    assert len(of[0]) + len(of[1]) + len(of[2]) == len(of[0] | of[1] | of[2]) == 10


@pytest.mark.parametrize("reach", [1, 7, 30])
def test_windows_of_parts_begin_apart(reach: int) -> None:
    rng = np.random.default_rng(0)
    owner, starts = np.repeat([0, 1], 200), np.tile(np.arange(0, 600, 3), 2)
    blocks = owner * 1000 + starts // 60
    whole = split(400, seed=1, groups=blocks)
    parts = apart(whole, owner, starts, reach, "too short")
    assert parts.held_out is not None
    assert (parts.held_out == whole.held_out).all()
    assert 0 < len(parts.train) <= len(whole.train)
    for a, b in (
        (parts.train, parts.held_out),
        (parts.train, parts.validation),
        (parts.validation, parts.held_out),
    ):
        same = owner[a][:, None] == owner[b][None]
        assert (np.abs(starts[a][:, None] - starts[b][None])[same] >= reach).all()
    # No window is left out without need: each that is missing is near to a later part.
    gone = np.setdiff1d(whole.train, parts.train)
    later = np.concatenate([parts.held_out, parts.validation])
    close = np.abs(starts[gone][:, None] - starts[later]) < reach
    assert (close & (owner[gone][:, None] == owner[later])).any(axis=1).all()
    assert near(owner, starts, rng.permutation(400), np.empty(0, dtype=np.intp), reach).sum() == 0


def test_recordings_too_short_for_parts_are_refused() -> None:
    starts = np.arange(40)
    whole = split(40, seed=0, groups=starts // 8)
    with pytest.raises(InputError, match="too short for parts"):
        apart(whole, np.zeros(40, dtype=np.intp), starts, 100, "too short for parts")
