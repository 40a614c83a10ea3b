"""PSNR, SSIM and the methods without learning, on cases whose answer is known; and what is restored."""

from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from tests.samples import landscapes


def test_a_hole_is_black_where_no_image_ever_was() -> None:
    """Images of 16 bits need not reach down to 0, and 0 is then far outside of the model's scale."""
    X = 5000 + 10 * landscapes(80, 8)[..., 0].astype(np.uint16)
    how = {"name": "mask", "form": "rectangle", "share": 0.2}
    ae = Autoencoder(4, corruption=how, training={"epochs": 30}).fit(X)
    holes = X[:10].copy()
    holes[:, 2:5, 3:6] = 0
    Y = ae.restore(holes)
    outside = holes > 0
    assert (Y[outside] == X[:10][outside]).all()
    wrong = np.abs(Y.astype(float) - X[:10])[:, 2:5, 3:6].mean()
    assert wrong < 0.7 * np.abs(X[:10].astype(float) - X.min())[:, 2:5, 3:6].mean()


def test_a_network_of_one_size_restores_patches_of_larger_images() -> None:
    X = landscapes(60, 8)[..., 0]
    ae = Autoencoder(6, corruption={"name": "mask", "share": 0.3}, training={"epochs": 2}).fit(X)
    whole = landscapes(2, 19)[..., 0]
    assert ae.restore(whole).shape == (2, 19, 19)
    with pytest.raises(InputError, match=r"encoder\.name=unet"):
        ae.restore(whole[:, :5])
