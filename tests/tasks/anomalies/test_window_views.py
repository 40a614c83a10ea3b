from __future__ import annotations

import numpy as np

from narrows.tasks.anomalies.window_views import FLOOR, BesideResiduals, Shapes, Windows, values


def windows(rows: np.ndarray, residuals: np.ndarray | None = None) -> Windows:
    rows = np.asarray(rows, dtype=np.float32)
    return Windows(rows, np.zeros_like(rows) if residuals is None else residuals.astype(np.float32))


def test_a_shape_has_neither_level_nor_scale() -> None:
    rng = np.random.default_rng(0)
    found = windows(rng.normal(size=(50, 2, 16)))
    shapes = Shapes(found)
    np.testing.assert_allclose(shapes(windows(3 * found.rows + 7)), shapes(found), atol=1e-5)
    np.testing.assert_allclose(shapes(found).std(axis=2), 1, atol=1e-5)
    assert values(found) is found.rows


def test_noise_of_a_nearly_flat_window_is_not_magnified() -> None:
    rng = np.random.default_rng(0)
    shapes = Shapes(windows(rng.normal(size=(50, 1, 16))))
    quiet = shapes(windows(1e-3 * rng.normal(size=(5, 1, 16))))
    assert np.abs(quiet).max() < 0.05
    constant = Shapes(windows(np.ones((5, 1, 16))))
    assert np.isfinite(constant(windows(np.ones((2, 1, 16))))).all()


def test_residuals_count_as_far_as_the_model_explains() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 1, 16))
    good, poor = (
        BesideResiduals(windows(rows, share * rng.normal(size=rows.shape))).gain for share in (0.1, 1.1)
    )
    assert poor == 0
    assert abs(good - 0.99 / np.sqrt(0.1**2 + FLOOR**2)) < 0.1
    assert BesideResiduals(windows(rows, 0.1 * rows))(windows(rows, 0.1 * rows)).shape == (400, 2, 1, 16)
