"""The names that recipes are called by."""

from __future__ import annotations

import pytest

from narrows.core.errors import InputError
from narrows.model.lecture_recipes import CLASSIFIERS
from narrows.model.recipe_names import recipe_name
from narrows.model.recipes import RECIPES
from narrows.reproduce import ENTRIES


@pytest.mark.parametrize("name", RECIPES)
def test_case_does_not_matter(name: str) -> None:
    assert recipe_name(name.upper()) == recipe_name(name.title()) == name


def test_other_names() -> None:
    with pytest.raises(InputError, match=r"No recipe is called 'vea'\. Did you mean 'vae'"):
        recipe_name("Vea")
    with pytest.raises(InputError, match="No recipe is called 3"):
        recipe_name(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["p6", "P6"])
def test_a_classifier_says_how_it_is_run(name: str) -> None:
    with pytest.raises(InputError, match=r"p6 is softmax regression, a classifier.*`narrows reproduce P6`"):
        recipe_name(name)
    assert not CLASSIFIERS.keys() & RECIPES.keys()
    assert "P6" in {entry.id for entry in ENTRIES}
