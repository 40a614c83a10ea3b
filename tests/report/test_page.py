from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.sources import InMemory
from narrows.fitting.fit import fit
from narrows.model.lecture_recipes import LECTURES
from narrows.model.recipes import COMPRESSION, FRAMES, FROM_NOISE, GRAPHS, RECIPES, RESTORATIONS, SEQUENTIAL
from narrows.report import render
from narrows.report.composition import references
from narrows.report.page import overfitting
from narrows.runs.run import Run
from tests.browser import Open
from tests.report.html import parsed


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    found = parsed(page)
    assert not [tag for tag, _ in found.tags if tag in ("script", "link", "iframe", "object")]
    sources = [
        value
        for _, attrs in found.tags
        for key, value in attrs.items()
        if key in ("src", "href", "xlink:href")
    ]
    assert sources
    assert all(value is not None and value.startswith(("data:image/png;base64,", "#")) for value in sources)
    assert not re.search(r"url\((?!#)", page)
    assert "default-src 'none'" in page
    assert "script-src" not in page


def test_a_page_without_its_live_part_says_how_to_get_it(page: str) -> None:
    assert "narrows report RUN" in " ".join(parsed(page).text)


def test_the_page_says_what_was_found(page: str, digits_run: Run) -> None:
    text = " ".join("".join(parsed(page).text).split())
    verdict = digits_run.metrics["verdict"]["sentence"]
    assert verdict.split(" (")[0] in text
    for part in ("mlp, widths 256-128", "plain, latent dim 4", "bernoulli"):
        assert part in text
    assert f"{digits_run.metrics['held_out']['pca_mse']:.4g}" in text
    assert all(reference in text for reference in references(digits_run))
    assert "Hinton & Salakhutdinov 2006" in text


def test_codes_are_coloured_by_labels_where_there_are_any(page: str, digits_run: Run) -> None:
    words = "coloured by label; labels were not used in training"
    assert words in page
    assert words not in render(replace(digits_run, evidence=replace(digits_run.evidence, labels=None)))


def test_names_are_text_and_never_markup() -> None:
    evil = "<script>alert('x')</script>\"&$\\frac$語"
    values = np.random.default_rng(0).random((40, 3))
    data = as_data(values, None, evil, columns=(evil, "b", "c"))
    page = render(fit(data, overrides={"training": {"epochs": 1}}))
    found = parsed(page)
    assert not [tag for tag, _ in found.tags if tag == "script"]
    assert evil in "".join(found.text)


FEW = ("p3", "y2", "y4", "c1", "s2", "s4")
"""Recipes of lectures that stand for the others, which take their turn in the slow tests."""


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LECTURES and name not in FEW else [])
        for name in RECIPES
        if name not in (*RESTORATIONS, *COMPRESSION, *FROM_NOISE, *SEQUENTIAL, *FRAMES, *GRAPHS)
    ],
)
def test_every_recipe_has_a_page(recipe: str) -> None:
    without = {"lossless": "digits"} | dict.fromkeys(LECTURES, "iris")
    for name in {"iris", "digits"} - {without.get(recipe)}:
        data = load(name)
        small = replace(
            data, source=InMemory(data.array[:60]), labels=None if data.labels is None else data.labels[:60]
        )
        run = fit(small, recipe=recipe, overrides={"training": {"epochs": 8}})
        parsed(render(run))


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).random((12, 3)),
        np.random.default_rng(0).random((30, 1)),
        np.random.default_rng(0).integers(0, 256, (30, 33, 47, 3), dtype="u1"),
        np.random.default_rng(0).integers(0, 60000, (30, 7, 5), dtype="u2"),
        np.random.default_rng(0).random((30, 70, 2)) > 0.5,
        np.random.default_rng(0).random((30, 9, 9, 5)),
    ],
    ids=["12 rows", "one column", "colours", "16 bit", "binary", "five channels"],
)
@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_any_data_have_a_page(values: np.ndarray, latent_dim: int) -> None:  # type: ignore[type-arg]
    parsed(render(fit(as_data(values), latent_dim=latent_dim, overrides={"training": {"epochs": 1}})))


def test_overfitting_is_reported_with_the_epoch_that_was_kept() -> None:
    def epochs(*totals: tuple[float, float]) -> list[dict[str, object]]:
        best, found = float("inf"), []
        for number, (train, validation) in enumerate(totals, 1):
            record = {"train": {"total": train}, "validation": {"total": validation}}
            found.append({"number": number, "stage": "whole", **record, "improved": validation < best})
            best = min(best, validation)
        return found

    falling = [(9.0, 9.0), (5.0, 6.0), (3.0, 5.0)]
    assert overfitting(epochs(*falling)) == ""
    assert overfitting(epochs(*falling, (2.9, 5.01), (2.8, 5.02), (2.7, 5.02))) == ""
    assert "The weights of epoch 3 were kept" in overfitting(epochs(*falling, (2, 6), (1, 7), (0.5, 8)))


def test_a_warning_stands_on_the_page_once() -> None:
    """What the fit warned of is a finding, and not a reason for a choice."""
    rows = np.repeat(np.random.default_rng(0).standard_normal((40, 4)), 5, axis=0)
    run = fit(as_data(rows), overrides={"training": {"epochs": 1}})
    warning = next(warning for warning in run.config["warnings"] if "near-copy" in warning)
    text = " ".join("".join(parsed(render(run)).text).split())
    assert text.count(warning.split(";")[0]) == 1


# ── in a real browser ────────────────────────────────────────────────────────────────────────────


def test_the_page_opens_without_a_complaint(opened: Open, page: str) -> None:
    shown = opened(page, ready="h1")
    assert "What was read and chosen" in shown.inner_text("body")


def test_a_page_that_breaks_the_policy_would_be_noticed(browser: Any, page: str, tmp_path: Path) -> None:
    """The negative control: a script in the page is refused, and the browser says so."""
    file = tmp_path / "spoilt.html"
    file.write_text(page.replace("</body>", "<script>document.title = 'run'</script></body>"), "utf-8")
    shown = browser.new_page()
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(file.as_uri())
    while not said:
        shown.wait_for_timeout(50)
    assert "Content Security Policy" in said[0]
    assert shown.title() != "run"
    shown.close()
