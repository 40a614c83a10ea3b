"""What an estimator generates, in the container of its data."""

from __future__ import annotations

import numpy as np
import pandas

from narrows import Autoencoder
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.interpolate import interpolate
from tests.samples import DIGITS, mixed


def test_examples_come_in_the_container_of_the_data() -> None:
    frame = mixed(120)
    ae = Autoencoder(2, training={"epochs": 1}).fit(frame)
    for found in (ae.sample(4), ae.traverse(1, steps=4), ae.grid(2), ae.interpolate(frame[:2], 4)):
        pandas.testing.assert_series_equal(found.dtypes, frame.dtypes)
        assert len(found) == 4
    flat = DIGITS[:200].reshape(200, 64)
    ours = Autoencoder(2, image_shape=(8, 8), training={"epochs": 1}).fit(flat)
    assert ours.sample(3).shape == ours.traverse(0, 3).shape == (3, 64)
    assert ours.arithmetic(flat[:2], flat[2:3]).shape == (1, 64)
    np.testing.assert_array_equal(ours.sample(3, random_state=5), ours.sample(3, random_state=5))
    assert (ours.sample(3, random_state=5) != ours.sample(3)).any()


def test_the_estimator_makes_the_same() -> None:
    ae = Autoencoder(2, training={"epochs": 2}).fit(DIGITS[:300])
    assert (ae.interpolate(DIGITS[:2], 4) == interpolate(ae.run_, DIGITS[:2], 4)["linear"].values).all()
    assert ae.interpolate(DIGITS[:2], 4, spherical=True).shape == (4, 8, 8)
    assert (ae.interpolate(DIGITS[:2], alpha=[0, 1]) == ae.interpolate(DIGITS[:2], 2)).all()
    np.testing.assert_allclose(ae.interpolate(DIGITS[:2], alpha=1), ae.reconstruct(DIGITS[1:2]), atol=1e-4)
    assert (
        ae.arithmetic(DIGITS[:2], DIGITS[2:3]) == arithmetic(ae.run_, DIGITS[:2], DIGITS[2:3]).value
    ).all()
    assert ae.arithmetic(DIGITS[:1]).shape == (1, 8, 8)
    assert ae.grid(3).shape == (9, 8, 8)
