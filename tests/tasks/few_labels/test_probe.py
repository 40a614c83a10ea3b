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
from narrows.tasks.few_labels.probe import WAYS, Classes, interval, probe

RNG = np.random.default_rng(0)


def test_every_way_is_measured_on_the_same_labels() -> None:
    found = probe(load("digits"), [1, 5], draws=2, epochs=4)
    assert [row["labels"] for row in found["rows"]] == [1, 5]
    assert [row["total"] for row in found["rows"]] == [10, 50]
    for row in found["rows"]:
        for way in WAYS:
            assert 0 < row[way] < 1
            assert row[f"{way}_ci95"][0] <= row[way] <= row[f"{way}_ci95"][1]
    assert found["rows"][1]["pixels"] > found["rows"][0]["pixels"]
    page = render_probe(found, "digits")
    assert "With 1 label per class" in page
    assert "5 (50 in all)" in page


def test_draws_are_of_training_rows_alone() -> None:
    classes = Classes(load("digits"), 0)
    told = classes.draw(3, 0)
    assert len(told) + len(classes.test_y) == 1797
    np.testing.assert_array_equal(np.bincount(told[told >= 0]), 3)
    np.testing.assert_array_equal(told[told >= 0], classes.y[told >= 0])
    assert (classes.draw(3, 1) != told).any()


def test_an_interval_is_students() -> None:
    low, high = interval(np.array([0.4, 0.5, 0.6])) or (0, 0)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert interval(np.ones(1)) is None


def test_data_without_classes_are_refused() -> None:
    plain = Data(InMemory(RNG.random((40, 3))), load("iris").schema, "plain")
    with pytest.raises(InputError, match="plain has no labels to learn"):
        probe(plain)
    with pytest.raises(InputError, match="wanted are at least 2 classes"):
        probe(replace(plain, labels=RNG.random(40)))


def judged_on(test_labels: list[str]) -> Data:
    """Sixty rows of two classes, ten of which have none, with others to be judged on."""
    x = RNG.standard_normal((60, 3))
    labels = np.array(["cat", "dog", "dog", "cat", "dog", ""] * 10)
    test = as_data(RNG.standard_normal((len(test_labels), 3)), labels=np.array(test_labels))
    return replace(as_data(x, labels=labels), test=test)


def test_rows_without_a_label_are_no_class_of_their_own() -> None:
    classes = Classes(judged_on(["cat", "", "dog", "dog"]), 0)
    assert classes.names.tolist() == ["cat", "dog"]
    assert (classes.y == -1).mean() == pytest.approx(1 / 6, abs=0.06)
    assert classes.test_y.tolist() == [0, 1, 1]
    assert len(classes.test_values) == 3
    assert (classes.draw(99, 0) == classes.y).all()
    numbers = as_data(RNG.standard_normal((60, 3)), labels=np.array([0.0, 1.0, np.nan] * 20))
    assert Classes(numbers, 0).names.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("labels", "said"), [(["cat", "bird"], "have bird"), (["", ""], "have no labels")])
def test_labels_that_cannot_be_judged_are_refused(labels: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Classes(judged_on(labels), 0)


def test_an_interval_of_shares_is_one() -> None:
    low, high = interval(np.array([0.6, 0.9]))
    assert (low, high) == (0.0, 1.0)


def test_a_class_of_one_row_is_judged_wrong_whatever_the_seed() -> None:
    """Held out, it is a class that no row to learn from has; and learned from, it is in no row held out."""
    labels = np.array(["a", "b"] * 45, dtype="U9")
    labels[7] = "only here"
    data = as_data(RNG.standard_normal((90, 3)), labels=labels)
    held_out = 0
    for seed in range(12):
        parts, classes = split(90, seed=seed), Classes(data, seed)
        assert parts.held_out is not None
        apart = 7 in parts.held_out
        held_out += apart
        assert classes.names.tolist() == ["a", "b"] + ["only here"] * (not apart)
        known = {"a": 0, "b": 1, "only here": -1}
        assert classes.test_y.tolist() == [known[label] for label in labels[parts.held_out]]
    assert 0 < held_out < 12
