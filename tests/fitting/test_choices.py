from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from tests.samples import patches, shapes


@pytest.mark.parametrize(
    ("recipe", "loss"), [("autoencoder", None), ("linear", "squared"), ("vae", "gaussian")]
)
def test_a_loss_other_than_the_one_for_the_data_is_named(recipe: str, loss: str | None) -> None:
    data = as_data(shapes(8, 8, 30) if recipe != "vae" else np.random.default_rng(0).normal(size=(60, 5)))
    why = fit(data, recipe=recipe, overrides={"training": {"epochs": 1}}).config["why"]
    named = [sentence for sentence in why if sentence.startswith("The loss is")]
    assert named == ([] if loss is None else [named[0]])
    assert loss is None or named[0].startswith(f"The loss is {loss} in this model, not ")


def test_the_recipe_is_dense_for_small_images_and_a_u_net_for_larger_ones() -> None:
    from narrows.fitting.choices import resolve

    def spec(data: Data) -> Any:
        return resolve("denoising", data, data.schema.choose(data.schema.arrange(data.array)), None, {})[0]

    small, large = spec(as_data(shapes(28, 28, 9))), spec(as_data(shapes(33, 33, 9)))
    assert (small["encoder"]["name"], small["output"]) == ("mlp", {"name": "direct"})
    assert (large["encoder"]["name"], large["output"]) == ("unet", {"name": "residual"})
    assert spec(patches(np.uint8))["encoder"]["name"] == "unet"
    assert spec(as_data(np.random.default_rng(0).random((50, 3))))["output"] == {"name": "direct"}


def test_a_pose_is_in_the_spec_only_where_it_is_found() -> None:
    data, short = as_data(shapes(8, 8, 30)), {"training": {"epochs": 1}}
    assert "pose" not in fit(data, overrides=short).config["spec"]
    assert "pose" not in fit(data, overrides={**short, "pose": "none"}).config["spec"]
    posed = fit(data, overrides={**short, "pose": {"name": "found", "scale": True}})
    assert posed.config["spec"]["pose"] == {"name": "found", "scale": True}
    with pytest.raises(InputError, match="No pose is called 'find'"):
        fit(data, overrides={"pose": "find"})
