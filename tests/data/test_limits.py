"""The range within which the outputs of a model stay."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.data.kinds import describe
from narrows.data.limits import Beyond, beyond, limits_for
from narrows.data.scaling import Scaling


def scaling_of(values: np.ndarray) -> Scaling:
    schema = describe(values)
    return schema.choose(schema.arrange(values)).scaling


IMAGES = scaling_of(np.random.default_rng(0).uniform(100, 900, (20, 6, 5)).round().astype(np.uint16))
TABLE = scaling_of(np.random.default_rng(0).normal(5, 2, (200, 3)))


def on_scale(scaling: Scaling, values: list[float]) -> torch.Tensor:
    """An image for each of `values`, which it has in one pixel; the others are in the middle of the range."""
    images = torch.full((len(values), 1, 6, 5), float(scaling.floor + scaling.ceiling) / 2)
    images[:, 0, 2, 3] = torch.as_tensor(values)
    return scaling(images)


def test_an_end_is_dropped_where_an_image_and_its_output_lie_beyond_it() -> None:
    given, made = on_scale(IMAGES, [2000, 2000, 800, 0]), on_scale(IMAGES, [1900, 850, 1900, 20])
    limits = limits_for(IMAGES, beyond(IMAGES, given), beyond(IMAGES, made), None)
    floor, ceiling = float(IMAGES.floor), float(IMAGES.ceiling)
    assert limits.high.flatten().tolist() == [65535, ceiling, ceiling, ceiling]
    assert limits.low.flatten().tolist() == [floor, floor, floor, 0]
    kept = IMAGES.restore(made, limits=limits)[:, 0, 2, 3].int().tolist()
    assert kept == [1900, 850, ceiling, 20]


def test_an_end_is_kept_where_training_rows_overshoot_as_far() -> None:
    given = made = beyond(IMAGES, on_scale(IMAGES, [1900]))
    usual = beyond(IMAGES, on_scale(IMAGES, [1700]))
    assert float(limits_for(IMAGES, given, made, usual).high) == float(IMAGES.ceiling)
    assert float(limits_for(IMAGES, given, made, Beyond(*(0.5 * side for side in usual))).high) == 65535


def test_each_column_of_a_table_has_limits_of_its_own() -> None:
    low, high = TABLE.floor, TABLE.ceiling
    rows = TABLE(
        torch.stack([high + torch.tensor([9.0, 0.0, -1.0]), torch.stack([low[0], low[1] - 9, low[2]])])
    )
    rows[0, 1] = torch.nan
    limits = limits_for(TABLE, beyond(TABLE, rows), beyond(TABLE, rows), None)
    assert torch.isfinite(limits.high).tolist() == [[True] * 3] * 2, "the range of the type is finite"
    assert (limits.high > high).tolist() == [[True, False, False], [False] * 3]
    assert (limits.low < low).tolist() == [[False] * 3, [False, True, False]]


def test_examples_together_have_the_furthest_value_of_any() -> None:
    sides = beyond(IMAGES, on_scale(IMAGES, [1000, 1700, 500]), together=True)
    span = float(IMAGES.ceiling - IMAGES.floor)
    assert float(sides.above) == pytest.approx((1700 - float(IMAGES.ceiling)) / span, rel=1e-5)
    assert float(sides.below) < 0
