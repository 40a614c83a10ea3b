from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.few_labels.label_propagation import Space, best, labelled, neighbours, spread

RNG = np.random.default_rng(0)


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one inside the other: no line parts them, but neighbours are of one class."""
    from sklearn.datasets import make_moons

    return make_moons(400, noise=0.05, random_state=0)


def test_labels_spread_along_neighbours() -> None:
    x, y = moons()
    known = np.zeros(400, dtype=bool)
    known[[int(np.flatnonzero(y == c)[0]) for c in (0, 1)]] = True
    found = spread(neighbours(x), np.eye(2)[y] * known[:, None], known)
    assert (found.argmax(axis=1) == y).mean() > 0.97
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_what_no_label_reaches_stays_open() -> None:
    far = np.concatenate([RNG.normal(0, 1, (30, 2)), RNG.normal(1000, 1, (30, 2))])
    known = np.arange(60) < 2
    found = spread(neighbours(far), np.eye(2)[[0, 1] * 30] * known[:, None], known)
    np.testing.assert_array_equal(found[30:], 0.5)


def test_given_labels_stay_and_the_least_sure_are_not_settled() -> None:
    x = RNG.standard_normal((400, 4))
    told = np.where(RNG.random(400) < 0.1, RNG.integers(0, 2, 400), -1)
    found = labelled(x, [Space(x)], told, 2)
    assert len(found.values) == 400
    assert (found.target[found.known].argmax(axis=1) == told[told >= 0]).all()
    assert found.settled[found.known].all()
    assert found.settled[~found.known].mean() == pytest.approx(0.7, abs=0.02)
    assert (found.target[found.settled].max(axis=1) == 1).all()


def test_labels_spread_where_they_tell_hidden_ones() -> None:
    x, y = moons()
    told = np.where(np.arange(400) < 40, y, -1)
    good, bad = Space(x), Space(RNG.standard_normal((400, 2)))
    assert best([good, bad], told, 2, 0) is best([bad, good], told, 2, 0) is good
    assert best([bad, good], np.where(np.arange(400) < 1, y, -1), 2, 0) is bad
