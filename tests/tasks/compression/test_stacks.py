"""Examples of several sizes come back in their order."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.tasks.compression.stacks import Stacks

RNG = np.random.default_rng(0)


def test_those_of_one_shape_and_type_are_together_and_come_back_in_order() -> None:
    shapes = [(3, 4), (5, 2), (3, 4), (3, 4), (5, 2), (6, 6, 3)]
    examples = [RNG.integers(0, 256, shape).astype(np.uint8) for shape in shapes]
    examples.append(examples[0].astype(np.float32))
    found = Stacks.of(examples)
    assert [each.shape for each in found.arrays] == [(3, 3, 4), (2, 5, 2), (1, 6, 6, 3), (1, 3, 4)]
    assert found.which.tolist() == [0, 1, 0, 0, 1, 2, 3]
    assert found.size == sum(each.size for each in examples)
    assert found.nbytes == sum(each.nbytes for each in examples)
    back = found.in_order()
    assert isinstance(back, list)
    for a, b in zip(back, examples, strict=True):
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


def test_an_array_is_one_stack_and_none_is_refused() -> None:
    values = RNG.normal(size=(4, 3))
    assert np.array_equal(np.asarray(Stacks.of(values).in_order()), values)
    assert np.array_equal(np.asarray(Stacks.of(list(values)).in_order()), values)
    with pytest.raises(InputError, match="no rows"):
        Stacks.of([])
