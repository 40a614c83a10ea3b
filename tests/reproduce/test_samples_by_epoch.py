from __future__ import annotations

import numpy as np

from narrows.reproduce.lab import Lab
from narrows.reproduce.sample_quality import Quality
from narrows.reproduce.samples_by_epoch import checks, draw


def test_samples_are_drawn_from_the_same_codes_after_growing_epochs(lab: Lab) -> None:
    drawn = draw(lab, lab.first(lab.digits, 100), 0, 5)
    assert list(drawn) == sorted(drawn)
    assert drawn[1].shape == (5, 28, 28)
    assert np.abs(drawn[1].astype(float) - drawn[max(drawn)]).max() > 0


def test_samples_have_to_become_better_and_better_than_those_of_pca() -> None:
    poor = [Quality(1.0, 0.1, 0.1), Quality(1.0, 0.11, 0.1), Quality(1.0, 0.1, 0.11)]
    good = [quality._replace(coverage=0.6, precision=0.6) for quality in poor]
    assert [check.outcome for check in checks(poor, good, poor)] == [True, True]
    assert [check.outcome for check in checks(good, poor, good)] == [False, False]
