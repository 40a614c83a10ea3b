from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from narrows.tasks.few_labels.hidden_labels import FOLDS, calibrated, evidence, folds

RNG = np.random.default_rng(0)


def test_a_label_is_hidden_once_and_never_the_only_one_of_a_class() -> None:
    y = np.array([0, 1, 0, -1, 2, 1, *[1] * 9])
    fold = folds(y, 3)
    assert fold.tolist()[:6] == [0, 0, 1, -1, -1, 1]
    assert set(fold[y == 1]) == set(range(FOLDS))
    for each in range(FOLDS):
        assert set(y[(fold != each) & (y >= 0)]) == {0, 1, 2}


def test_a_prediction_does_not_see_the_labels_that_it_is_judged_by() -> None:
    y = np.arange(40) % 2
    seen = []

    def cheat(known: np.ndarray) -> np.ndarray:
        """Certain where the label is known, else equal probabilities."""
        seen.append((known < 0).sum())
        return np.where((known >= 0)[:, None], np.eye(2)[y], 0.5)

    found = evidence(cheat, y, 2)
    assert found is not None
    assert seen == [8] * 5
    assert found.log_likelihood == pytest.approx(-40 * np.log(2))
    assert evidence(cheat, np.array([0, 1, -1]), 2) is None


def test_calibration_finds_the_factors_of_biased_probabilities() -> None:
    logits = RNG.normal(0, 2, (4000, 3))
    y = np.array([RNG.choice(3, p=p) for p in softmax(logits, axis=1)])
    biased = np.log(softmax(logits + np.array([1.0, 0.0, -1.0]), axis=1))
    found = calibrated(biased, y)
    ratio = np.log(found.factors) - np.log(found.factors).mean()
    np.testing.assert_allclose(ratio, [-1, 0, 1], atol=0.15)
    exact = np.log(softmax(logits, axis=1))[np.arange(4000), y].sum()
    assert abs(found.log_likelihood - exact) < 10


def test_few_labels_hardly_change_probabilities() -> None:
    log_p = np.log(np.array([[0.7, 0.3], [0.4, 0.6]]))
    factors = calibrated(log_p, np.array([0, 0])).factors
    assert 1 < factors[0] / factors[1] < np.exp(2)
