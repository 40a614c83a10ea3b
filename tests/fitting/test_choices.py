from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.readers import as_data
from tests.samples import patches, shapes


def test_the_recipe_is_dense_for_small_images_and_a_u_net_for_larger_ones() -> None:
    from narrows.fitting.choices import resolve

    def spec(data: Data) -> Any:
        return resolve("denoising", data, data.schema.choose(data.schema.arrange(data.array)), None, {})[0]

    small, large = spec(as_data(shapes(28, 28, 9))), spec(as_data(shapes(33, 33, 9)))
    assert (small["encoder"]["name"], small["output"]) == ("mlp", {"name": "direct"})
    assert (large["encoder"]["name"], large["output"]) == ("unet", {"name": "residual"})
    assert spec(patches(np.uint8))["encoder"]["name"] == "unet"
    assert spec(as_data(np.random.default_rng(0).random((50, 3))))["output"] == {"name": "direct"}
