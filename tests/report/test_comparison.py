from __future__ import annotations

from typing import Any

from narrows.report import figures
from narrows.report.comparison import draw, render_comparison
from tests.report.html import parsed


def rows(recipe: str, *errors: float) -> list[dict[str, Any]]:
    numbers = {"pca_mse": 2.0, "ratio_ci95": [0.1, 0.2], "verdict": "beats"}
    return [row(recipe, 2**k, {"mse": error, **numbers}) for k, error in enumerate(errors, 1)]


def row(recipe: str, size: int, *fits: dict[str, Any]) -> dict[str, Any]:
    return {"recipe": recipe, "latent_dim": size, **fits[0], "fits": list(fits)}


def with_pca(of: dict[str, Any], error: float | None) -> dict[str, Any]:
    return row(of["recipe"], of["latent_dim"], *({**each, "pca_mse": error} for each in of["fits"]))


FOUND = {
    "rows": [*rows("vae", 1.5, 0.75, 0.5), *rows("<odd>", 1.0, 0.5, 0.25)],
    "seeds": [0],
    "failed": [],
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
    for of in FOUND["rows"]:  # type: ignore[attr-defined]
        assert f"{of['recipe']} {of['latent_dim']} {of['mse']:.4g} 2 {of['mse'] / 2:.3f} beats" in text


def test_there_is_a_line_for_each_recipe_one_for_pca_and_the_knee_only_where_there_is_one() -> None:
    with figures.house_style():
        with_knee, without = draw(FOUND), draw({**FOUND, "knee": None})
    for svg in (with_knee, without):
        assert [name in svg for name in ("vae", "&lt;odd&gt;", "PCA")] == [True] * 3
        assert svg.count("var(--pca)") > 0
    assert "knee: 4" in with_knee
    assert "knee" not in without


def test_where_pca_makes_no_error_there_is_no_ratio() -> None:
    perfect = [with_pca(each, 0.0) for each in rows("vae", 1.5, 0.75, 0.5)]
    text = " ".join(
        " ".join(parsed(render_comparison({**FOUND, "rows": perfect}, "x", "error")).text).split()
    )
    assert "vae 2 1.5 0 – beats" in text


def test_data_without_pca_are_compared_among_recipes_alone() -> None:
    alone = {**FOUND, "rows": [with_pca(each, None) for each in FOUND["rows"]]}  # type: ignore[attr-defined]
    text = " ".join(" ".join(parsed(render_comparison(alone, "a", "squared error")).text).split())
    assert "vae 2 1.5 – – beats" in text
    with figures.house_style():
        assert "var(--pca)" not in draw(alone)


def test_fits_of_a_graph_are_shown_by_auc_beside_the_best_yardstick() -> None:
    of = {"auc": 0.951, "ap": 0.962, "error": 0.049, "verdict": "beats"}
    beside = {"yardstick": "Katz", "yardstick_auc": 0.9, "yardstick_ap": 0.91, "yardstick_error": 0.1}
    of_one = row("gae", 4, {**of, **beside, "gain_ci95": [0.01, 0.02]})
    found = {**FOUND, "judged_by": "edges", "rows": [of_one], "knee": None}
    text = " ".join(" ".join(parsed(render_comparison(found, "a", "share")).text).split())
    assert "gae 4 95.1 % 90.0 % 96.2 % 91.0 % Katz +1.0 to +2.0 beats" in text
    with figures.house_style():
        assert "the best without training" in draw(found)


def test_several_seeds_are_shown_as_means_with_their_spread() -> None:
    of = {"mse": 0.5, "pca_mse": 1.0, "verdict": "beats"}
    many = row("vae", 4, of, {**of, "mse": 0.7, "verdict": "cannot tell"}, {**of, "mse": 0.6})
    stopped = {"recipe": "vae", "latent_dim": 4, "seed": 3, "stopped": "Training stopped: <why>."}
    found = {**FOUND, "rows": [many], "seeds": [0, 1, 2, 3], "failed": [stopped], "knee": None}
    text = " ".join(" ".join(parsed(render_comparison(found, "x", "error")).text).split())
    assert "vae 4 0.60 ± 0.10 1 ± 0 0.600 ± 0.100 beats in 2 of 3" in text
    assert "fitted with 4 seeds (0 to 3)" in text
    assert "vae 4, seed 3: Training stopped: <why>." in text
    auc = {
        "auc": 0.95,
        "ap": 0.9,
        "error": 0.05,
        "verdict": "beats",
        "yardstick_auc": 0.9,
        "yardstick_ap": 0.9,
    }
    edges = row("gae", 4, {**auc, "yardstick_error": 0.1}, {**auc, "auc": 0.97, "yardstick_error": 0.1})
    edges["yardstick"] = "Katz"
    found = {**FOUND, "judged_by": "edges", "rows": [edges], "seeds": [0, 1], "knee": None}
    text = " ".join(" ".join(parsed(render_comparison(found, "x", "share")).text).split())
    assert "gae 4 96.0 ± 1.4 % 90.0 ± 0.0 % 90.0 ± 0.0 % 90.0 ± 0.0 % Katz +6.0 ± 1.4 beats" in text


def test_a_band_is_drawn_for_several_seeds_only() -> None:
    several = [
        row(of["recipe"], of["latent_dim"], *({**of["fits"][0], "mse": k * of["mse"]} for k in (1, 2)))
        for of in FOUND["rows"]  # type: ignore[attr-defined]
    ]
    with figures.house_style():
        one, many = draw(FOUND), draw({**FOUND, "rows": several, "seeds": [0, 1]})
    assert (
        "FillBetween" in one or "PolyCollection" in one,
        "FillBetween" in many or "PolyCollection" in many,
    ) == (
        False,
        True,
    )
