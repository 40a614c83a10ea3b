"""Ways to look at rows: what each is blind to, what it sees, and which values it puts amounts down to."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.kinds.images import ImageSchema
from narrows.data.readers import as_data
from narrows.tasks.anomalies.features import Blurred, InRange, Line, Slopes, follow, views
from tests.samples import curve

RNG = np.random.default_rng(0)

DIGITS = load("digits").array[:200].reshape(200, -1) / 16.0

SHAPE = (1, 8, 8)


def plain(values: int) -> Line:
    return Line(np.ones(values), np.zeros(values))


def slopes(rows: np.ndarray = DIGITS) -> Slopes:
    return Slopes(SHAPE, plain(64), rows)


def traces(n: int = 100) -> np.ndarray:
    """Sines of 40 values with two random amplitudes, and a little noise."""
    time = np.linspace(0, 2 * np.pi, 40)
    waves = RNG.standard_normal((n, 2)) @ np.array([np.sin(time), np.cos(2 * time)])
    return np.asarray(waves + 0.05 * RNG.standard_normal((n, 40)))


def test_a_column_is_seen_the_same_in_any_unit() -> None:
    rows, units = RNG.standard_normal((300, 4)), np.array([1.0, 1e6, 1e-6, 60.0])
    np.testing.assert_allclose(InRange(rows * units)(rows * units), InRange(rows)(rows))


def test_a_rare_value_stands_out_and_a_constant_one_breaks_nothing() -> None:
    """One row in 200 has it: its range without the tails is 0."""
    rows = np.zeros((200, 3))
    rows[:, 0], rows[7, 1] = RNG.standard_normal(200), 1.0
    seen = InRange(rows)(rows)
    assert seen[7, 1] > 3
    assert np.isfinite(seen).all()
    assert (seen[:, 2] == 0).all()


def test_a_shift_by_a_pixel_matters_less_when_blurred() -> None:
    look = Blurred(SHAPE, plain(64))
    pictures = np.zeros((1, 1, 8, 8))
    pictures[..., 3] = 1.0
    shifted, gone = np.roll(pictures, 1, axis=3), 0 * pictures
    line, moved, nothing = (look(p.reshape(1, 64)) for p in (pictures, shifted, gone))
    assert np.linalg.norm(line - moved) < 0.7 * np.linalg.norm(line - nothing)
    assert np.linalg.norm(pictures - shifted) > np.linalg.norm(pictures - gone)
    np.testing.assert_allclose(line.sum(), pictures.sum())


def test_slopes_do_not_see_brightness_or_contrast() -> None:
    look = slopes()
    seen = look(DIGITS)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1.0)
    np.testing.assert_allclose(look(3 * DIGITS + 7), seen)
    assert np.linalg.norm(look(1 - DIGITS) - seen, axis=1).min() > 0.5, (
        "but what is inverted is another shape"
    )


def test_an_empty_picture_is_not_blown_up_to_one_of_noise() -> None:
    noise = 1e-4 * RNG.standard_normal((5, 64))
    assert np.linalg.norm(slopes()(noise), axis=1).max() < 0.05


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (2, 1, 9), (1, 40), (1, 1, 1)])
def test_amounts_keep_their_sums_on_the_way_back_to_values(shape: tuple[int, ...]) -> None:
    rows = RNG.random((6, int(np.prod(shape))))
    same = plain(rows.shape[1])
    for look in (Blurred(shape, same), Slopes(shape, same, rows), InRange(rows)):
        made = RNG.random(look(rows).shape)
        assert look.by_value(made).shape == rows.shape
        np.testing.assert_allclose(look.by_value(made).sum(axis=1), made.sum(axis=1))


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 4), (6, 6)])
def test_what_slopes_see_of_a_spot_is_put_down_to_where_it_is(row: int, column: int) -> None:
    look = slopes()
    spot = np.zeros((1, 8, 8))
    spot[0, row, column] = 1.0
    made = look.by_value(np.asarray(look(spot.reshape(1, 64))) ** 2).reshape(8, 8)
    place = (made.sum(axis=1) @ np.arange(8), made.sum(axis=0) @ np.arange(8)) / made.sum()
    assert np.abs(place - [row, column]).max() < 1.5


def test_columns_that_follow_one_another_are_told() -> None:
    schema, rows = as_data(traces()).schema, traces()
    assert follow(schema, rows)
    assert not follow(schema, rows[:, RNG.permutation(40)])
    assert not follow(schema, RNG.standard_normal((100, 40)))
    common = RNG.standard_normal((100, 1)) + 0.3 * RNG.standard_normal((100, 40))
    assert not follow(schema, common), "alike, but each as like to all as to its neighbours"
    assert not follow(schema, rows[:, :5]), "too few to tell"
    assert follow(schema, rows * np.linspace(1, 50, 40) + 100), "in any unit"


def test_traces_are_looked_at_on_the_scale_they_share() -> None:
    """A stretch that hardly varies is not drawn out to the height of the others."""
    rows = traces()
    rows[:, :5] *= 0.01
    steady = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    blurred, sloping = views(as_data(rows).schema, rows, steady)
    seen = blurred(steady)
    assert seen[:, :3].std() < 0.1 * seen[:, 10:].std()
    again = Slopes((1, 40), plain(40), rows)
    np.testing.assert_allclose(sloping(steady), again(rows), atol=1e-9)


def test_kinds_have_their_views() -> None:
    table, pictures = as_data(curve(50)), as_data(load("digits").array[:20])
    assert [type(v) for v in views(table.schema, table.array, table.array)] == [InRange]
    rows = pictures.array.reshape(20, -1) / 16.0
    assert [type(v) for v in views(pictures.schema, pictures.array, rows)] == [Blurred, Slopes]


@pytest.mark.parametrize("spatial", [1, 2, 3])
def test_values_are_neighbours_along_the_axes_of_space_and_time(spatial: int) -> None:
    class Stack(ImageSchema):
        """Examples of 2 channels, or of more with fewer axes of space."""

        model_shape = (2, 3, 4, 5)

    Stack.spatial = spatial
    rows = RNG.random((6, 120))
    blurred, slopes = views(Stack("float64", (4, 5, 2), "HWC"), rows, rows)
    spot = np.zeros((1, 2, 3, 4, 5))
    spot[0, 1, 1, 2, 2] = 1.0
    for seen in (blurred(spot.reshape(1, -1)), slopes.by_value(slopes(spot.reshape(1, -1)))):
        shaped = np.asarray(seen).reshape(spot.shape)
        along = [shaped.take(i, axis).any() for axis, i in ((1, 0), (2, 0), (3, 1), (4, 1))]
        assert along == [False, spatial == 3, spatial >= 2, True]


def test_a_column_that_was_constant_is_seen_to_change() -> None:
    """In a trace, too, where constants have no spread to be measured by."""
    rows = traces()
    rows[:, :3] = 0.0
    steady = (rows - rows.mean(axis=0)) / np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1.0)
    changed = steady[:1].copy()
    changed[0, 1] = 3.0
    for look in views(as_data(rows).schema, rows, steady):
        assert np.linalg.norm(look(changed) - look(steady[:1])) > 0.1
