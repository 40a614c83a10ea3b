from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.scaling import choose
from narrows.data.schema import Schema, describe
from narrows.data.tables import to_frame


def test_images_are_laid_out_channels_first_and_back() -> None:
    for shape, axes, inner in [
        ((5, 6, 7), "HW", (1, 6, 7)),
        ((5, 6, 7, 3), "HWC", (3, 6, 7)),
        ((5, 3, 6, 7), "CHW", (3, 6, 7)),
    ]:
        values = np.random.default_rng(0).random(shape)
        schema = describe(values)
        assert (schema.axes, schema.model_shape) == (axes, inner)
        assert (schema.restore(schema.arrange(values)) == values).all()


def test_numbers_that_stand_for_no_word_are_refused() -> None:
    schema = Schema("table", "float64", (1,), "F", (Column("d", "str", ("p", "q")),))
    with pytest.raises(InputError, match="Row 1 has 2 in column 'd'"):
        schema.check(np.array([[1.0], [2.0]]))
    assert to_frame(np.array([[1.0], [np.nan]]), schema)["d"].isna().tolist() == [False, True]


def test_levels_that_the_training_part_lacks_are_never_given_back() -> None:
    values = np.array([[0.0], [0.0], [1.0]] * 10)
    schema = Schema("table", "float64", (1,), "F", (Column("d", "str", ("p", "q", "r")),))
    choice = choose(schema.arrange(values), schema)
    x = choice.scaling.restore(torch.tensor([[0.1, 0.2, 0.7]]))
    assert schema.restore(x)[0, 0] == 1
