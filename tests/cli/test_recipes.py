from __future__ import annotations

import json

import pytest

from narrows.model.lecture_recipes import CLASSIFIERS
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
    assert set(as_json(capsys, "recipes")) == {*RECIPES, *CLASSIFIERS}


def test_upper_case_is_lower_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert narrows(capsys, "recipes", "P3")[0] == narrows(capsys, "recipes", "p3")[0]
    assert "Did you mean 'p3'" in narrows(capsys, "recipes", "p33", code=2)[1]


def test_softmax_regression_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = narrows(capsys, "recipes", "P6")[0]
    assert CLASSIFIERS["p6"]["formula"] in shown
    assert shown.splitlines()[-2:] == ["narrows reproduce P6", "narrows.SoftmaxRegression().fit(X, y)"]
    assert "classifier softmax regression" in narrows(capsys, "recipes")[0]
