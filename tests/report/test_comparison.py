from __future__ import annotations

from typing import Any

from narrows.report import figures
from narrows.report.comparison import draw, render_comparison
from tests.report.html import parsed


def rows(recipe: str, *errors: float) -> list[dict[str, Any]]:
    numbers = {"pca_mse": 2.0, "ratio_ci95": [0.1, 0.2], "verdict": "beats"}
    return [
        {"recipe": recipe, "latent_dim": 2**k, "mse": error, **numbers} for k, error in enumerate(errors, 1)
    ]


FOUND = {
    "rows": [*rows("vae", 1.5, 0.75, 0.5), *rows("<odd>", 1.0, 0.5, 0.25)],
    "judged_by": "values",
    "best": "<odd>",
    "knee": 4,
    "sentence": "Take <odd> with 4 numbers.",
}


def test_the_page_holds_every_row_and_takes_names_as_text() -> None:
    page = parsed(render_comparison(FOUND, "my <data>", "squared error"))
    text = " ".join(" ".join(page.text).split())
    assert "Take <odd> with 4 numbers." in text
    assert "my <data>" in text
    assert not [tag for tag, _ in page.tags if tag in ("script", "odd", "data")]
    for row in FOUND["rows"]:  # type: ignore[attr-defined]
        assert f"{row['recipe']} {row['latent_dim']} {row['mse']:.4g} 2 {row['mse'] / 2:.3f} beats" in text


def test_there_is_a_line_for_each_recipe_one_for_pca_and_the_knee_only_where_there_is_one() -> None:
    with figures.house_style():
        with_knee, without = draw(FOUND), draw({**FOUND, "knee": None})
    for svg in (with_knee, without):
        assert [name in svg for name in ("vae", "&lt;odd&gt;", "PCA")] == [True] * 3
        assert svg.count("var(--pca)") > 0
    assert "knee: 4" in with_knee
    assert "knee" not in without


def test_where_pca_makes_no_error_there_is_no_ratio() -> None:
    perfect = [{**row, "pca_mse": 0.0} for row in rows("vae", 1.5, 0.75, 0.5)]
    text = " ".join(
        " ".join(parsed(render_comparison({**FOUND, "rows": perfect}, "x", "error")).text).split()
    )
    assert "vae 2 1.5 0 – beats" in text


def test_data_without_pca_are_compared_among_recipes_alone() -> None:
    alone = {**FOUND, "rows": [{**row, "pca_mse": None} for row in FOUND["rows"]]}  # type: ignore[attr-defined]
    text = " ".join(" ".join(parsed(render_comparison(alone, "a", "squared error")).text).split())
    assert "vae 2 1.5 – – beats" in text
    with figures.house_style():
        assert "var(--pca)" not in draw(alone)


def test_fits_of_a_graph_are_shown_by_auc_beside_the_best_yardstick() -> None:
    of = {"recipe": "gae", "latent_dim": 4, "auc": 0.951, "ap": 0.962, "error": 0.049, "verdict": "beats"}
    beside = {"yardstick": "Katz", "yardstick_auc": 0.9, "yardstick_ap": 0.91, "yardstick_error": 0.1}
    row = {**of, **beside, "gain_ci95": [0.01, 0.02]}
    found = {**FOUND, "judged_by": "edges", "rows": [row], "knee": None}
    text = " ".join(" ".join(parsed(render_comparison(found, "a", "share")).text).split())
    assert "gae 4 95.1 % 90.0 % 96.2 % 91.0 % Katz +1.0 to +2.0 beats" in text
    with figures.house_style():
        assert "the best without training" in draw(found)
