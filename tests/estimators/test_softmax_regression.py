"""Softmax regression as an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from narrows import SoftmaxRegression
from narrows.core.errors import InputError
from narrows.tasks.classification.softmax import SoftmaxModel

DIGITS, LABELS = load_digits().images, load_digits().target


def test_it_is_the_model_of_the_lecture() -> None:
    x = (DIGITS / 16).astype(np.float32)
    torch.manual_seed(0)
    theirs = SoftmaxModel(64, 10)
    losses = theirs.fit(x, LABELS)
    ours = SoftmaxRegression().fit(x, LABELS)
    assert ours.losses_ == losses
    np.testing.assert_array_equal(ours.coef_.T, theirs.weight.detach())
    np.testing.assert_allclose(ours.predict_proba(x), theirs.probabilities(x), atol=1e-6)
    assert (ours.predict(x) == theirs.predict(x).numpy()).all()


def test_it_learns_about_as_well_as_logistic_regression() -> None:
    x, test = DIGITS[:1200] / 16, DIGITS[1200:] / 16
    ours = SoftmaxRegression(epochs=60, batch_size=32).fit(x, LABELS[:1200])
    theirs = LogisticRegression(max_iter=500).fit(x.reshape(1200, -1), LABELS[:1200])
    assert ours.score(test, LABELS[1200:]) > theirs.score(test.reshape(len(test), -1), LABELS[1200:]) - 0.02


def test_8_bits_are_divided_by_255() -> None:
    x = np.rint(DIGITS * 255 / 16).astype(np.uint8)
    ours, same = (SoftmaxRegression(epochs=2).fit(each, LABELS) for each in (x, x / 255))
    np.testing.assert_allclose(ours.predict_proba(x), same.predict_proba(x / 255), atol=1e-6)


def test_words_rows_and_independent_labels() -> None:
    x = DIGITS / 16
    words = np.array(["even", "odd"])[LABELS % 2]
    assert set(SoftmaxRegression(epochs=2).fit(x, words).predict(x)) == {"even", "odd"}
    classes, rows = (SoftmaxRegression(epochs=2).fit(x, y) for y in (LABELS, np.eye(10)[LABELS]))
    np.testing.assert_array_equal(classes.coef_, rows.coef_)
    y = np.stack([LABELS % 2 == 0, LABELS >= 5], axis=1)
    several = SoftmaxRegression(epochs=40, batch_size=32, multi_label=True).fit(x, y)
    assert several.predict(x).shape == y.shape
    assert (several.predict(x) == y).mean(axis=0).min() > 0.8
    assert several.predict_proba(x).sum(axis=1).max() > 1.01


@pytest.mark.parametrize(
    ("how", "y", "said"),
    [
        ({}, LABELS[:9], "There are 20 examples but 9 targets"),
        ({}, None, "requires y to be passed"),
        ({"learning_rate": -1.0}, LABELS[:20], "learning_rate"),
        ({}, np.full((20, 10), 2.0), "between 0 and 1"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(how: dict[str, Any], y: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        SoftmaxRegression(**how).fit(DIGITS[:20], y)
