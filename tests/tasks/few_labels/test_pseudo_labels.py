from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.few_labels import pseudo_labels
from narrows.tasks.few_labels.label_propagation import Embedding
from narrows.tasks.few_labels.pseudo_labels import (
    Represented,
    Teacher,
    choose_teacher,
    compared,
    pseudo_labelled,
    sampled,
)

RNG = np.random.default_rng(0)


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles: not linearly separable, but neighbours have the same class."""
    from sklearn.datasets import make_moons

    return make_moons(400, noise=0.05, random_state=0)


def wide() -> tuple[np.ndarray, np.ndarray]:
    """Classes that differ in the first of 30 columns, which neighbours hardly tell; 6 % are of the second."""
    rng = np.random.default_rng(0)
    y = (np.arange(600) % 16 == 0).astype(int)
    x = rng.standard_normal((600, 30)) * np.where(np.arange(30) == 0, 0.5, 1)
    return x + 2 * y[:, None] * (np.arange(30) == 0), y


def first_of_each(y: np.ndarray, each: int) -> np.ndarray:
    known = np.full(len(y), -1)
    for c in np.unique(y):
        known[np.flatnonzero(y == c)[:each]] = c
    return known


def rows_of(x: np.ndarray, *others: np.ndarray) -> Represented:
    return Represented(x, tuple(Embedding(points) for points in (x, *others)))


def test_given_labels_stay_and_the_least_certain_ones_stay_soft() -> None:
    x = RNG.standard_normal((400, 4))
    y = np.where(RNG.random(400) < 0.1, RNG.integers(0, 2, 400), -1)
    rows = rows_of(x)
    found = pseudo_labelled(x, rows, y, choose_teacher(rows, y, 2))
    assert len(found.values) == 400
    assert (found.target[found.given].argmax(axis=1) == y[y >= 0]).all()
    assert found.hard[found.given].all()
    assert found.hard[~found.given].mean() == pytest.approx(0.7, abs=0.02)
    assert (found.target[found.hard].max(axis=1) == 1).all()
    np.testing.assert_allclose(found.target.sum(axis=1), 1)


def test_the_embedding_is_the_one_that_predicts_hidden_labels() -> None:
    x, y = moons()
    known, noise = np.where(np.arange(400) < 40, y, -1), RNG.standard_normal((400, 2))
    for rows, best in ((rows_of(x, noise), 0), (rows_of(noise, x), 1)):
        assert choose_teacher(rows, known, 2).embedding is rows.embeddings[best]


def test_one_label_of_each_class_says_nothing_about_ways_to_learn() -> None:
    x, y = moons()
    rows = rows_of(RNG.standard_normal((400, 2)), x)
    found = choose_teacher(rows, first_of_each(y, 1), 2)
    assert found.embedding is rows.embeddings[0]
    assert found.factors.tolist() == [1, 1]
    assert found.linear is None


def test_hidden_labels_decide_between_neighbours_and_a_linear_model() -> None:
    x, y = moons()
    assert choose_teacher(rows_of(x), first_of_each(y, 20), 2).weight < 0.05
    x, y = wide()
    assert choose_teacher(rows_of(x), first_of_each(y, 20), 2).weight > 0.95


def test_a_rare_class_is_labelled_as_well_as_by_a_linear_model() -> None:
    from sklearn.metrics import roc_auc_score

    x, y = wide()
    known = first_of_each(y, 10)
    rows, hidden = rows_of(x), known < 0
    teacher = choose_teacher(rows, known, 2)
    assert teacher.linear is not None
    linear = teacher.linear.probabilities(x)[hidden]
    found = pseudo_labelled(x, rows, known, teacher)
    alone = pseudo_labelled(x, rows, known, Teacher(rows.embeddings[0], np.ones(2)))
    auc = [roc_auc_score(y[hidden], p[:, 1]) for p in (found.target[hidden], linear, alone.target[hidden])]
    assert auc[0] > auc[2] + 0.05
    recall = [(p.argmax(axis=1) == 1)[y[hidden] == 1].mean() for p in (found.target[hidden], linear)]
    assert recall[0] >= recall[1] - 0.05


def test_a_linear_model_that_takes_minutes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = wide()
    monkeypatch.setattr(pseudo_labels, "MAX_LINEAR", 40 * 30 * 2 - 1)
    assert choose_teacher(rows_of(x), first_of_each(y, 20), 2).linear is None
    assert choose_teacher(rows_of(x), first_of_each(y, 19), 2).linear is not None


def test_ways_are_compared_on_a_limited_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudo_labels, "COMPARED", 20)
    y = np.where(np.arange(100) < 30, np.arange(100) % 2, -1)
    rows = compared(y, 0)
    assert (np.diff(rows) > 0).all()
    assert [(y[rows] >= 0).sum(), (y[rows] < 0).sum()] == [20, 20]


def test_all_labelled_rows_are_sampled_and_others_up_to_the_limit() -> None:
    y = np.where(np.arange(100) % 10 == 0, 0, -1)
    rows = sampled(y, 30, 0)
    assert len(rows) == 40
    assert (np.diff(rows) > 0).all()
    assert set(np.flatnonzero(y == 0)) <= set(rows)
    assert (sampled(y, 30, 1) != rows).any()
