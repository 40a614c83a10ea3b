from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.restoration.filters import FILTERS, filtered
from narrows.tasks.restoration.image_quality import psnr
from tests.samples import shapes


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_takes_noise_away(name: str, channels: int) -> None:
    pytest.importorskip("skimage")
    wanted = np.moveaxis(shapes(80, 60, 1, channels).reshape(80, 60, channels), -1, 0)
    seen = wanted + 0.1 * np.random.default_rng(0).standard_normal(wanted.shape)
    assert psnr(filtered(FILTERS[name], seen, wanted), wanted, 1.0) > psnr(seen, wanted, 1.0) + 3
