from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.filters import FILTERS, filtered
from narrows.evaluation.image_quality import psnr
from tests.samples import shapes


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_removes_noise(name: str, channels: int) -> None:
    pytest.importorskip("skimage")
    clean = np.moveaxis(shapes(80, 60, 1, channels).reshape(80, 60, channels), -1, 0)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    assert psnr(filtered(FILTERS[name], noisy, clean), clean, 1.0) > psnr(noisy, clean, 1.0) + 3


def test_the_strength_has_the_smallest_error() -> None:
    clean = np.moveaxis(shapes(80, 60, 1, 1).reshape(80, 60, 1), -1, 0)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    how = FILTERS["gaussian"]
    tried = [float(((how.use(noisy, 0.1, strength) - clean) ** 2).mean()) for strength in how.strengths]
    assert float(((filtered(how, noisy, clean) - clean) ** 2).mean()) == min(tried)


def test_an_image_without_noise_stays() -> None:
    image = shapes(20, 20)
    assert all(filtered(how, image, image) is image for how in FILTERS.values())
