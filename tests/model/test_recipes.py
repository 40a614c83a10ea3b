"""Recipes are data, and every one of them is built for images of any size."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import Model, build
from narrows.model.recipes import GRAPHS, RECIPES, SEQUENTIAL


def built(entry: dict[str, Any], domain: Domain) -> Model:
    """The model of a recipe, with what the recipe leaves to the data."""
    spec = entry["spec"]
    left_open = spec["loss"]["name"] in ("error", "likelihood", "exact")
    chosen = {**spec, "loss": {"name": "squared"}} if left_open else spec
    bottleneck = {"latent_dim": 4, **spec["bottleneck"]}
    return build({"encoder": {"name": "mlp"}, **chosen, "bottleneck": bottleneck}, domain).model.eval()


@pytest.mark.parametrize("shape", [(3, 33, 47), (2, 7, 5), (1, 1, 40)])
@pytest.mark.parametrize("recipe", [name for name in RECIPES if name not in GRAPHS])
def test_every_recipe_takes_images_of_any_size(recipe: str, shape: tuple[int, ...]) -> None:
    entry = RECIPES[recipe]
    for form in (entry, *(entry[each] for each in ("images", "large_images") if each in entry)):
        if recipe == "colouring" and shape[0] == 1:
            with pytest.raises(InputError, match="colour images"):
                built(form, Domain(shape))
            continue
        if recipe in SEQUENTIAL:
            with pytest.raises(InputError, match="is for sequences"):
                built(form, Domain(shape))
            continue
        model = built(form, Domain(shape))
        x = torch.rand(3, *shape)
        assert model.reconstruct(Batch(x)).shape == x.shape
        assert model.bypassed or model.decode(model.encode(Batch(x))).shape == x.shape


def test_recipes_are_data() -> None:
    for entry in RECIPES.values():
        assert json.loads(json.dumps(entry)) == entry
        assert {"summary", "source", "formula", "spec"} <= set(entry)
        sections = {"images", "tables", "large_images"}
        assert set(entry) <= {"summary", "source", "formula", "spec", "training"} | sections
        for each in sections:
            assert set(entry.get(each, {})) <= {"summary", "source", "formula", "spec", "training"}
