from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.data.sources import InMemory
from narrows.data.split import split
from narrows.report.probe import render_probe
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.measures import MEASURES
from narrows.tasks.few_labels.probe import METHODS, probe

RNG = np.random.default_rng(0)


@pytest.mark.usefixtures("brief_fine_tuning")
def test_every_method_is_measured_on_the_same_labels() -> None:
    found = probe(load("digits").rows(np.arange(600)), [1, 5], draws=2, epochs=4)
    assert [row["labels"] for row in found["rows"]] == [1, 5]
    assert [row["total"] for row in found["rows"]] == [10, 50]
    for row in found["rows"]:
        for method in METHODS:
            assert 0 < row[method] < 1
            assert row[f"{method}_ci95"][0] <= row[method] <= row[f"{method}_ci95"][1]
    assert found["rarest"] is None
    assert "pixels_auc" not in found["rows"][0]
    assert found["rows"][1]["pixels"] > found["rows"][0]["pixels"]
    page = render_probe(found, "digits")
    assert "With 1 label per class" in page
    assert "5 (50 in all)" in page


@pytest.mark.usefixtures("brief_fine_tuning")
def test_a_rare_class_is_measured_beside_the_accuracy() -> None:
    y = (np.arange(200) % 10 == 0).astype(int)
    data = as_data(RNG.standard_normal((200, 4)) + 3 * y[:, None], labels=np.where(y == 1, "ill", "well"))
    found = probe(data, [3], draws=2, epochs=2)
    assert found["rarest"]["name"] == "ill"
    assert found["rarest"]["share"] == pytest.approx(0.1, abs=0.03)
    (row,) = found["rows"]
    for method in METHODS:
        for measure in MEASURES:
            assert 0 <= row[f"{method}_{measure}"] <= 1
            assert row[f"{method}_{measure}_ci95"][0] <= row[f"{method}_{measure}"]
    assert row["pixels_auc"] > 0.9
    page = render_probe(found, "patients")
    assert "Recall of the rarest class" in page
    assert "Class ill has" in page


def test_draws_are_of_training_rows_alone() -> None:
    parts = LabelledSplit(load("digits"), 0)
    drawn = parts.draw(3, 0)
    assert len(drawn) + len(parts.test_y) == 1797
    np.testing.assert_array_equal(np.bincount(drawn[drawn >= 0]), 3)
    np.testing.assert_array_equal(drawn[drawn >= 0], parts.y[drawn >= 0])
    assert (parts.draw(3, 1) != drawn).any()


def test_data_without_classes_are_refused() -> None:
    plain = Data(InMemory(RNG.random((40, 3))), load("iris").schema, "plain")
    with pytest.raises(InputError, match="plain has no labels to learn"):
        probe(plain)
    with pytest.raises(InputError, match="wanted are at least 2 classes"):
        probe(replace(plain, labels=RNG.random(40)))


def judged_on(test_labels: list[str]) -> Data:
    """Sixty rows of two parts, ten of which have none, with others to be judged on."""
    x = RNG.standard_normal((60, 3))
    labels = np.array(["cat", "dog", "dog", "cat", "dog", ""] * 10)
    test = as_data(RNG.standard_normal((len(test_labels), 3)), labels=np.array(test_labels))
    return replace(as_data(x, labels=labels), test=test)


def test_rows_without_a_label_are_not_a_class() -> None:
    parts = LabelledSplit(judged_on(["cat", "", "dog", "dog"]), 0)
    assert parts.names.tolist() == ["cat", "dog"]
    assert (parts.y == -1).mean() == pytest.approx(1 / 6, abs=0.06)
    assert parts.test_y.tolist() == [0, 1, 1]
    assert len(parts.test_values) == 3
    assert (parts.draw(99, 0) == parts.y).all()
    numbers = as_data(RNG.standard_normal((60, 3)), labels=np.array([0.0, 1.0, np.nan] * 20))
    assert LabelledSplit(numbers, 0).names.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("labels", "said"), [(["cat", "bird"], "have bird"), (["", ""], "have no labels")])
def test_labels_that_cannot_be_judged_are_refused(labels: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LabelledSplit(judged_on(labels), 0)


def test_a_class_of_one_row_is_never_classified_correctly() -> None:
    """If it is held out, no row to learn from has the class; otherwise no row is judged on it."""
    labels = np.array(["a", "b"] * 45, dtype="U9")
    labels[7] = "only here"
    data = as_data(RNG.standard_normal((90, 3)), labels=labels)
    held_out = 0
    for seed in range(12):
        parts, found = split(90, seed=seed), LabelledSplit(data, seed)
        assert parts.held_out is not None
        is_held_out = 7 in parts.held_out
        held_out += is_held_out
        assert found.names.tolist() == ["a", "b"] + ["only here"] * (not is_held_out)
        known = {"a": 0, "b": 1, "only here": -1}
        assert found.test_y.tolist() == [known[label] for label in labels[parts.held_out]]
    assert 0 < held_out < 12
