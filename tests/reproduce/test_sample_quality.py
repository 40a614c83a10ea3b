from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from narrows.data.schema import Array
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.sample_quality import (
    Features,
    Nearness,
    Quality,
    distance_ratio,
    frechet,
    gain,
    precision_and_coverage,
    quality_table,
    radii,
)
from tests.reproduce.moments import with_moments


def near(samples: Array, real: Array) -> Nearness:
    return precision_and_coverage(samples, real, radii(real))


def test_frechet_is_the_closed_form() -> None:
    first, second = np.array([[2.0, 0.8], [0.8, 1.0]]), np.array([[1.0, -0.3], [-0.3, 3.0]])
    a, b = with_moments([1, 2], first), with_moments([0, -1], second)
    expected = 1 + 9 + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    # In one dimension it is (m₁ - m₂)² + (σ₁ - σ₂)².
    assert frechet(with_moments([3], [[4]]), with_moments([1], [[9]])) == pytest.approx(5)


def test_frechet_accepts_constant_features() -> None:
    a = np.column_stack([with_moments([0], [[1]]), np.zeros(50)])
    assert frechet(a, a + np.array([0, 2])) == pytest.approx(4)


def test_points_are_near_up_to_the_third_neighbour_of_a_real_one() -> None:
    line = np.arange(10, dtype=np.float32)[:, None]  # at the ends the third neighbour is 3 away
    near_far = np.array([[4.5], [11.9], [12.1], [-3.1]], dtype=np.float32)
    found = near(near_far, line)
    assert found.precision == 0.5
    # 4.5 is as near to 3 to 6 as their third neighbour is, 11.9 to 9.
    assert found.coverage == pytest.approx(0.5)


def test_far_samples_cover_nothing_and_copies_of_one_cover_little(rng: np.random.Generator) -> None:
    real = rng.standard_normal((400, 3)).astype(np.float32)
    assert near(real + 100, real) == (0, 0)
    collapsed = near(np.repeat(real[:1], 400, axis=0), real)
    assert collapsed.precision == 1
    assert collapsed.coverage < 0.05
    new = near(rng.standard_normal((400, 3)).astype(np.float32), real)
    assert new.coverage == pytest.approx(7 / 8, abs=0.05)


def test_a_table_of_qualities_has_an_interval_where_there_are_several_seeds(lab: Lab) -> None:
    features = Features(lab)
    x = flat(lab.digits.held_out.array)
    real, noise = features.quality(x), features.quality(np.random.default_rng(0).random(x.shape))
    assert real.distance < noise.distance / 5
    assert real.precision > 0.8 > 0.1 > noise.precision
    html = quality_table({"real": [real], "noise": [noise, noise, real]}, features).html
    assert html.count("[") == 4


def test_differences_are_paired_by_seed() -> None:
    first = [Quality(d, 0.5 + d, 0.5 + d) for d in (0.1, 0.2, 0.3)]
    second = [Quality(2 * d, 0.4 + d, 0.4 + d) for d in (0.1, 0.2, 0.3)]
    lead, ratio = gain(first, second), distance_ratio(first, second)
    assert (lead.low, lead.value, lead.high) == pytest.approx((0.1, 0.1, 0.1))
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx((0.5, 0.5, 0.5))
    assert Quality(0.1, 0.9, 0.1).f1 == pytest.approx(0.18)
    assert Quality(0.1, 0.0, 0.0).f1 == 0
