"""The range within which the outputs of a model stay."""

from __future__ import annotations

import numpy as np
import torch

from narrows.data.kinds import describe
from narrows.data.limits import whole_type, widened
from narrows.data.scaling import Scaling


def scaling_of(values: np.ndarray) -> Scaling:
    schema = describe(values)
    return schema.choose(schema.arrange(values)).scaling


RNG = np.random.default_rng(0)
PIXELS = RNG.uniform(100, 900, (20, 6, 5)).round().astype(np.uint16)
ROWS = RNG.normal(5, 2, (200, 3))
IMAGES, TABLE = scaling_of(PIXELS), scaling_of(ROWS)


def test_what_is_made_of_an_image_is_cut_at_the_ends_of_its_type_alone() -> None:
    images = torch.full((3, 1, 6, 5), 500.0)
    images[:, 0, 2, 3] = torch.tensor([2000.0, -40.0, 70000.0])
    limits = describe(PIXELS).limits(IMAGES, IMAGES(images))
    kept = IMAGES.restore(IMAGES(images), limits=limits)[:, 0, 2, 3].int().tolist()
    assert kept == [2000, 0, 65535]
    floats = describe(PIXELS.astype(np.float32)).limits(IMAGES, images)
    assert floats == whole_type("float32", torch.float32)
    assert float(floats.high) > 1e38


def test_each_cell_of_a_table_stays_in_the_range_of_its_column_and_its_own_value() -> None:
    low, high = TABLE.floor, TABLE.ceiling
    rows = torch.stack([high + torch.tensor([9.0, 0.0, -1.0]), torch.stack([low[0], low[1] - 9, low[2]])])
    x = TABLE(rows)
    x[0, 1] = torch.nan
    limits = describe(ROWS).limits(TABLE, x)
    torch.testing.assert_close(limits.high[0] - high, torch.tensor([9.0, 0, 0], dtype=torch.float64))
    torch.testing.assert_close(limits.low[1] - low, torch.tensor([0, -9.0, 0], dtype=torch.float64))
    torch.testing.assert_close(limits.high[1], high)
    torch.testing.assert_close(limits.low[0], low)


def test_examples_together_have_the_furthest_value_of_any() -> None:
    images = torch.full((3, 1, 6, 5), 500.0)
    images[:, 0, 2, 3] = torch.tensor([1000.0, 1700.0, 50.0])
    limits = widened(IMAGES, IMAGES(images), together=True)
    assert [round(float(end)) for end in limits] == [50, 1700]
    missing = widened(IMAGES, torch.full((2, 1, 6, 5), torch.nan), together=True)
    assert [float(end) for end in missing] == [float(IMAGES.floor), float(IMAGES.ceiling)]
