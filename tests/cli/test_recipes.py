from __future__ import annotations

import json

import pytest

from narrows.model.recipes import RECIPES
from tests.commands import as_json, narrows


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_shown(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = narrows(capsys, "recipes", recipe)[0]
    assert RECIPES[recipe]["formula"] in shown
    assert f"--recipe {recipe}" in shown
    assert json.loads(shown[shown.index("{") : shown.rindex("}") + 1])["spec"] == RECIPES[recipe]["spec"]


def test_every_part_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "recipes", "--parts")
    assert found["penalty"]["l1"] == {"weight": 0.01}
    assert set(as_json(capsys, "recipes")) == set(RECIPES)
