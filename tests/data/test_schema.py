from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.kinds import describe
from narrows.data.kinds.table import TableSchema
from narrows.data.tables.table import to_frame


def test_images_are_laid_out_channels_first_and_back() -> None:
    for shape, axes, inner in [
        ((5, 6, 7), "HW", (1, 6, 7)),
        ((5, 6, 7, 3), "HWC", (3, 6, 7)),
        ((5, 3, 6, 7), "CHW", (3, 6, 7)),
    ]:
        values = np.random.default_rng(0).random(shape)
        schema = describe(values)
        assert (schema.axes, schema.model_shape) == (axes, inner)
        back = schema.from_model(torch.from_numpy(schema.arrange(values)))
        assert (back.numpy() == values).all()


def test_numbers_that_stand_for_no_word_are_refused() -> None:
    schema = TableSchema("float64", (1,), "F", (Column("d", "str", ("p", "q")),))
    with pytest.raises(InputError, match="Row 1 has 2 in column 'd'"):
        schema.check(np.array([[1.0], [2.0]]))
    assert to_frame(np.array([[1.0], [np.nan]]), schema)["d"].isna().tolist() == [False, True]


def test_levels_that_the_training_part_lacks_are_never_given_back() -> None:
    values = np.array([[0.0], [0.0], [1.0]] * 10)
    schema = TableSchema("float64", (1,), "F", (Column("d", "str", ("p", "q", "r")),))
    choice = schema.choose(schema.arrange(values))
    assert schema.restore(torch.tensor([[0.1, 0.2, 0.7]]), choice.scaling)[0, 0] == 1
