from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.datasets import load_digits

from narrows import Autoencoder, PretrainedClassifier
from narrows.core.errors import InputError
from narrows.estimators.pretrained_classifier import encoded

RNG = np.random.default_rng(0)


SHORT = {"epochs": 2}


@pytest.mark.parametrize(("method", "least"), [("fine-tuned", 0.8), ("probe", 0.5)])
def test_rows_without_a_label_are_learned_from(method: str, least: float, tmp_path: Path) -> None:
    x, y = load_digits(return_X_y=True)
    some = np.where(np.arange(len(y)) < 100, y, -1)
    few = PretrainedClassifier(
        Autoencoder(image_shape=(8, 8), training={"epochs": 10}),
        unlabelled=-1,
        method=method,
        fine_tuning={"epochs": 3},
    ).fit(x, some)
    assert few.score(x[100:], y[100:]) > least
    assert few.run_.config["spec"]["bottleneck"]["components"] == 10
    assert few.predict_proba(x[:5]).shape == (5, 10)
    again = PretrainedClassifier.load(few.save(tmp_path / "few"))
    assert again.method == method
    np.testing.assert_array_equal(again.predict_proba(x), few.predict_proba(x))


@pytest.mark.parametrize(
    "names", [np.array(["ant", "bee", "ant"]), np.array([3, -1, 7]), np.array([True, False, True])]
)
def test_names_of_classes_come_back_as_they_were(names: np.ndarray, tmp_path: Path) -> None:
    x, which = load_digits(return_X_y=True)
    few = PretrainedClassifier(Autoencoder(training=SHORT), method="probe").fit(
        x[:200], names[which[:200] % 3]
    )
    again = PretrainedClassifier.load(few.save(tmp_path / "few"))
    np.testing.assert_array_equal(again.predict(x[:50]), few.predict(x[:50]))
    assert again.classes_.dtype == few.classes_.dtype


def test_a_run_without_a_classifier_is_none(tmp_path: Path) -> None:
    x = load_digits().data[:100]
    folder = Autoencoder(training=SHORT).fit(x).save(tmp_path / "plain")
    with pytest.raises(InputError, match="holds an autoencoder and no classifier"):
        PretrainedClassifier.load(folder)


def test_a_classifier_says_what_is_wrong() -> None:
    x, y = load_digits(return_X_y=True)
    with pytest.raises(InputError, match="no row has a label"):
        PretrainedClassifier(unlabelled=-1).fit(x, np.full(len(x), -1))
    with pytest.raises(InputError, match=r"Did you mean .probe"):
        PretrainedClassifier(method="prob").fit(x, y)
    with pytest.raises(InputError, match="3 labels for 1,797 rows"):
        PretrainedClassifier().fit(x, y[:3])


@pytest.mark.parametrize("y", [np.array(["2020-01-01"] * 20, "M8[D]"), np.array(["a", 1] * 10, dtype=object)])
def test_labels_that_are_no_names_are_refused_before_the_training(y: np.ndarray) -> None:
    with pytest.raises(InputError, match="numbers, words or booleans"):
        PretrainedClassifier().fit(RNG.standard_normal((20, 3)), y)


def test_nan_may_stand_for_no_label() -> None:
    y = np.where(np.arange(60) < 30, np.arange(60) % 2, np.nan)
    few = PretrainedClassifier(Autoencoder(training=SHORT), unlabelled=np.nan, method="probe")
    assert few.fit(RNG.standard_normal((60, 3)), y).classes_.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "y",
    [
        [0, 1, None, 0],
        np.array([0, 1, None, 0], dtype=object),
        pandas.Series([0, 1, pandas.NA, 0], dtype=object),
        pandas.Series([0, 1, None, 0], dtype="Int64"),
        [0.0, 1.0, np.nan, 0.0],
    ],
)
def test_missing_labels_are_none(y: Any) -> None:
    classes, numbers = encoded(y, 4, None)
    assert classes.tolist() == [0, 1]
    assert classes.dtype.kind in "if"
    assert numbers.tolist() == [0, 1, -1, 0]


@pytest.mark.parametrize("dtype", ["string", "category", object])
def test_missing_words_are_none_beside_another_mark(dtype: Any) -> None:
    y = pandas.Series(["b", "a", None, "?"], dtype=dtype)
    classes, numbers = encoded(y, 4, "?")
    assert (classes.tolist(), numbers.tolist()) == (["a", "b"], [1, 0, -1, -1])
    with pytest.raises(InputError, match=r"contains '\?', NaN or None only: no row has a label"):
        encoded(y[2:], 2, "?")


@pytest.mark.parametrize(
    ("y", "mark"),
    [
        ([-1] * 7 + [0, 1, 1], "-1 in 70 %"),
        ([-1] * 2 + [0, 1, 2, 3] * 2, "-1 in 20 %"),
        (np.array(["a", "b", np.nan, "a"]), "'nan' in 25 %"),
        (["", "b", "b", "a"], "'' in 25 %"),
        ([-1, 1] * 5, ""),
        ([-1, 0, 1] * 5, ""),
        ([-2, -1, 0, 1, 2] * 5, ""),
        (["none of them", "b"] * 5, ""),
    ],
)
def test_a_class_that_looks_like_no_label_is_named(y: Any, mark: str) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        encoded(y, len(y), None)
    said = [str(each.message) for each in told]
    assert len(said) == bool(mark)
    assert not mark or f"y holds {mark} of the rows, which counts as a class" in said[0]
