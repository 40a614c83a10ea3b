from __future__ import annotations

import numpy as np

from narrows.tasks.few_labels.classifiers import LinearProbe

RNG = np.random.default_rng(0)


def test_a_probe_gives_the_chances_that_scikit_learn_gives() -> None:
    from sklearn.linear_model import LogisticRegression

    for classes in (2, 3):
        codes, y = RNG.standard_normal((90, 4)), np.arange(90) % classes
        scale = codes.std(axis=0).mean()
        theirs = LogisticRegression(max_iter=1000).fit(codes / scale, y).predict_proba(codes / scale)
        np.testing.assert_allclose(LinearProbe.fit(codes, y).probabilities(codes), theirs, rtol=1e-9)
