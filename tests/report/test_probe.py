from __future__ import annotations

from typing import Any
from unittest.mock import patch

from matplotlib.figure import Figure

from narrows.report import figures
from narrows.report.probe import NAMES, bars, draw, render_probe, sentence
from narrows.tasks.few_labels.measures import MEASURES
from narrows.tasks.few_labels.probe import METHODS
from tests.report.html import parsed


def row(labels: int, **shares: float) -> dict[str, Any]:
    each = {method: shares.get(method, 0.25) for method in METHODS}
    intervals: dict[str, Any] = {
        f"{method}_ci95": [each[method] - 0.03125, each[method] + 0.03125] for method in METHODS
    }
    return {"labels": labels, "total": 3 * labels, "draws": 4, **each, **intervals}


def found(*rows: dict[str, Any]) -> dict[str, Any]:
    of = {"n_test": 1234, "classes": 3, "recipe": "mixture-vae", "judged_by": "values", "rarest": None}
    return {"rows": list(rows), **of}


def with_rare_class(row: dict[str, Any]) -> dict[str, Any]:
    """What `probe` finds where the class "ill" is rare, the other measures a half of the accuracy."""
    for measure in MEASURES:
        row |= {f"{method}_{measure}": row[method] / 2 for method in METHODS}
        row |= {f"{method}_{measure}_ci95": None for method in METHODS}
    return {**found(row), "rarest": {"name": "ill", "share": 0.03}}


def test_every_way_has_a_name_on_the_page() -> None:
    assert set(NAMES) == set(METHODS)


def test_the_best_with_an_encoder_stands_beside_the_best_without() -> None:
    told = sentence(
        found(row(1, fine_tuned=0.5, pretrained=0.75, random=0.125, pca=0.375), row(10, random=1))
    )
    assert told == (
        "With 1 label per class 75.0 % of the test rows are classified correctly; without an encoder 37.5 %."
    )
    assert sentence(found(row(5))).startswith("With 5 labels per class 25.0 %")


def test_the_page_holds_every_share_with_its_interval() -> None:
    shown = found(row(1, pixels=0.5), {**row(10), "pca_ci95": None})
    page = parsed(render_probe(shown, "<b>mine</b>"))
    text = " ".join(" ".join(page.text).split())
    assert "<b>mine</b>" in text
    assert "1 (3 in all)" in text
    assert "50.00 % (46.9 to 53.1)" in text
    assert "Accuracy on 1,234 test rows of 3 classes" in text
    assert text.count(" % (") == 9, "one method has no interval at 10 labels"


def test_with_a_rare_class_the_page_does_not_speak_of_accuracy_alone() -> None:
    shown = with_rare_class(row(5, fine_tuned=0.75, pca=0.5))
    assert sentence(shown) == (
        "With 5 labels per class the balanced accuracy is 37.5 %; without an encoder 25.0 %. Class "
        "ill has 3 % of the rows."
    )
    text = " ".join(" ".join(parsed(render_probe(shown, "mine")).text).split())
    for heading in ("Accuracy", "Balanced accuracy", "Recall of the rarest class", "AUC of the rarest class"):
        assert f"{heading} labels per class" in text
    assert "balanced accuracy on test rows, %" in render_probe(shown, "mine")


def test_the_axis_of_accuracies_ends_at_100_percent() -> None:
    wide = row(1, fine_tuned=0.97, pretrained=0.02)
    wide |= {"fine_tuned_ci95": [0.5, 1.0], "pretrained_ci95": [0.0, 0.3]}
    figure = Figure()
    axis = figure.subplots()
    with patch.object(figures, "axes", return_value=(figure, axis)):
        draw(found(wide, row(10)))
    assert axis.get_ylim() == (0, 100)


def test_bars_end_where_the_interval_does() -> None:
    assert bars({"pca": 0.75, "pca_ci95": [0.25, 1.0]}, "pca") == (50.0, 25.0)
    assert bars({"pca": 0.75, "pca_ci95": None}, "pca") == (0.0, 0.0)


def test_methods_for_nodes_are_those_that_were_measured() -> None:
    shares = {"pretrained": 0.75, "svd": 0.5}
    nodes: dict[str, Any] = {"labels": 1, "total": 3, "draws": 4, **shares}
    nodes |= {f"{key}_ci95": None for key in shares}
    shown = {**found(nodes), "judged_by": "edges", "recipe": "autoencoder"}
    text = " ".join(" ".join(parsed(render_probe(shown, "citations")).text).split())
    assert "75.0 % of the test rows are classified correctly; without an encoder 50.0 %" in text
    assert "linear on the SVD" in text
    assert "linear on features" not in text
    assert "Fine-tuned:" not in text
