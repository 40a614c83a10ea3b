"""Features: what they do not depend on, what they depend on, and amounts divided among values."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.kinds.images import ImageSchema
from narrows.data.readers import as_data
from narrows.tasks.anomalies.features import (
    Affine,
    Blurred,
    OrientedGradients,
    is_series,
    neighbouring,
    range_scaled,
    standardised,
)
from tests.samples import curve

RNG = np.random.default_rng(0)

DIGITS = load("digits").array[:200].reshape(200, -1) / 16.0

SHAPE = (1, 8, 8)


def identity(values: int) -> Affine:
    return Affine(np.ones(values), np.zeros(values))


def gradients(rows: np.ndarray = DIGITS) -> OrientedGradients:
    return OrientedGradients(SHAPE, identity(64), rows)


def traces(n: int = 100) -> np.ndarray:
    """Sines of 40 values with two random amplitudes, and a little noise."""
    time = np.linspace(0, 2 * np.pi, 40)
    waves = RNG.standard_normal((n, 2)) @ np.array([np.sin(time), np.cos(2 * time)])
    return np.asarray(waves + 0.05 * RNG.standard_normal((n, 40)))


def test_units_of_columns_do_not_matter() -> None:
    rows, units = RNG.standard_normal((300, 4)), np.array([1.0, 1e6, 1e-6, 60.0])
    np.testing.assert_allclose(range_scaled(rows * units)(rows * units), range_scaled(rows)(rows))


def test_a_column_is_divided_by_its_range_without_the_tails() -> None:
    even = np.linspace(0, 5, 101)[:, None]
    np.testing.assert_allclose(range_scaled(even)(even), even / (0.98 * 5))


def test_a_rare_value_stands_out_and_constants_are_finite() -> None:
    """One row in 200 has the value, so the range without tails is 0."""
    rows = np.zeros((200, 3))
    rows[:, 0], rows[7, 1] = RNG.standard_normal(200), 1.0
    seen = range_scaled(rows)(rows)
    assert seen[7, 1] > 3
    assert np.isfinite(seen).all()
    assert (seen[:, 2] == 0).all()


def test_the_levels_of_a_category_are_divided_by_the_same_number() -> None:
    """So that a rare word is as far from the others as the common ones are from each other."""
    words = RNG.choice(3, size=1000, p=[0.6, 0.398, 0.002])
    rows = np.column_stack([RNG.standard_normal(1000), np.eye(3)[words]])
    starts = np.array([0, 1])
    for make, unit in ((standardised, 1.0), (range_scaled, 4.65)):
        scale = make(rows, starts).scale
        assert len(set(scale[1:])) == 1
        np.testing.assert_allclose(scale[1], unit * np.sqrt(rows[:, 1:].var(axis=0).sum()))
        assert scale[0] == make(rows).scale[0], "a number has its own"


def test_a_shift_by_a_pixel_matters_less_when_blurred() -> None:
    features = Blurred(SHAPE, identity(64))
    pictures = np.zeros((1, 1, 8, 8))
    pictures[..., 3] = 1.0
    shifted, gone = np.roll(pictures, 1, axis=3), 0 * pictures
    line, moved, nothing = (features(p.reshape(1, 64)) for p in (pictures, shifted, gone))
    assert np.linalg.norm(line - moved) < 0.7 * np.linalg.norm(line - nothing)
    assert np.linalg.norm(pictures - shifted) > np.linalg.norm(pictures - gone)
    np.testing.assert_allclose(line.sum(), pictures.sum())


def test_gradients_do_not_depend_on_brightness_or_contrast() -> None:
    features = gradients()
    seen = features(DIGITS)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1.0)
    np.testing.assert_allclose(features(3 * DIGITS + 7), seen)
    assert np.linalg.norm(features(1 - DIGITS) - seen, axis=1).min() > 0.5, "but an inverted image differs"


def test_weak_gradients_of_an_empty_image_are_not_normalised() -> None:
    lengths = np.linalg.norm(gradients().gradients(DIGITS), axis=1)
    weak = np.linalg.norm(gradients()(0.01 * DIGITS), axis=1)
    np.testing.assert_allclose(weak, 0.01 * lengths / (0.1 * np.median(lengths)))
    noise = 1e-4 * RNG.standard_normal((5, 64))
    assert np.linalg.norm(gradients()(noise), axis=1).max() < 0.05


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (2, 1, 9), (1, 40), (1, 1, 1)])
def test_amounts_keep_their_sums_when_divided_among_values(shape: tuple[int, ...]) -> None:
    rows = RNG.random((6, int(np.prod(shape))))
    same = identity(rows.shape[1])
    for features in (Blurred(shape, same), OrientedGradients(shape, same, rows), range_scaled(rows)):
        made = RNG.random(features(rows).shape)
        assert features.to_values(made).shape == rows.shape
        np.testing.assert_allclose(features.to_values(made).sum(axis=1), made.sum(axis=1))


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 4), (6, 6)])
def test_amounts_of_the_gradients_of_a_spot_go_to_its_place(row: int, column: int) -> None:
    features = gradients()
    spot = np.zeros((1, 8, 8))
    spot[0, row, column] = 1.0
    made = features.to_values(np.asarray(features(spot.reshape(1, 64))) ** 2).reshape(8, 8)
    place = (made.sum(axis=1) @ np.arange(8), made.sum(axis=0) @ np.arange(8)) / made.sum()
    assert np.abs(place - [row, column]).max() < 1.5


def test_series_are_recognised() -> None:
    schema, rows = as_data(traces()).schema, traces()
    assert is_series(schema, rows)
    assert not is_series(schema, rows[:, RNG.permutation(40)])
    assert not is_series(schema, RNG.standard_normal((100, 40)))
    common = RNG.standard_normal((100, 1)) + 0.3 * RNG.standard_normal((100, 40))
    assert not is_series(schema, common), "correlated, but not more with neighbours"
    assert is_series(schema, rows[:, :16])
    assert not is_series(schema, rows[:, :15]), "too few columns"
    assert is_series(schema, rows * np.linspace(1, 50, 40) + 100), "in any unit"
    assert is_series(schema, rows + 1000 * RNG.standard_normal(40)), "with any offsets of the columns"


def test_series_are_compared_on_their_original_scale() -> None:
    """Values that hardly vary are not scaled to the variance of the others."""
    rows = traces()
    rows[:, :5] *= 0.01
    steady = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    blurred, gradients = neighbouring(as_data(rows).schema, rows, steady)
    seen = blurred(steady)
    assert seen[:, :3].std() < 0.1 * seen[:, 10:].std()
    again = OrientedGradients((1, 40), identity(40), rows)
    np.testing.assert_allclose(gradients(steady), again(rows), atol=1e-9)
    stretched = neighbouring(as_data(rows).schema, rows, 3 * steady)[0]
    np.testing.assert_allclose(stretched(3 * steady), seen, atol=1e-9)


def test_tables_and_images_have_different_features() -> None:
    table, pictures = as_data(curve(50)), as_data(load("digits").array[:20])
    assert neighbouring(table.schema, table.array, table.array) == ()
    rows = pictures.array.reshape(20, -1) / 16.0
    assert [type(v) for v in neighbouring(pictures.schema, pictures.array, rows)] == [
        Blurred,
        OrientedGradients,
    ]


@pytest.mark.parametrize("spatial", [1, 2, 3])
def test_values_have_neighbours_along_the_spatial_axes(spatial: int) -> None:
    class Stack(ImageSchema):
        """Examples of 2 channels, or of more with fewer axes of space."""

        model_shape = (2, 3, 4, 5)

    Stack.spatial = spatial
    rows = RNG.random((6, 120))
    blurred, gradients = neighbouring(Stack("float64", (4, 5, 2), "HWC"), rows, rows)
    spot = np.zeros((1, 2, 3, 4, 5))
    spot[0, 1, 1, 2, 2] = 1.0
    for seen in (blurred(spot.reshape(1, -1)), gradients.to_values(gradients(spot.reshape(1, -1)))):
        shaped = np.asarray(seen).reshape(spot.shape)
        along = [shaped.take(i, axis).any() for axis, i in ((1, 0), (2, 0), (3, 1), (4, 1))]
        assert along == [False, spatial == 3, spatial >= 2, True]


def test_a_change_of_a_constant_column_is_a_feature() -> None:
    """Also in a series, where constants have no deviation to be divided by."""
    rows = traces()
    rows[:, :3] = 0.0
    steady = (rows - rows.mean(axis=0)) / np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1.0)
    changed = steady[:1].copy()
    changed[0, 1] = 3.0
    for features in neighbouring(as_data(rows).schema, rows, steady):
        assert np.linalg.norm(features(changed) - features(steady[:1])) > 0.1


def test_there_are_gradients_along_every_axis_with_two_values_or_more() -> None:
    rows = np.arange(30.0).reshape(3, 10)
    assert OrientedGradients((1, 2, 5), identity(10), rows).axes == [2, 3]
    assert OrientedGradients((1, 1, 10), identity(10), rows).axes == [3]
