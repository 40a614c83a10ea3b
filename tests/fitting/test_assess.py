from __future__ import annotations

import numpy as np

from narrows.runs.run import Run
from tests.samples import patches


def test_the_verdict_of_a_denoiser_is_about_what_it_restores(denoiser: Run) -> None:
    seen = denoiser.corrupted(patches(np.uint8).array[:50])
    clean = denoiser.scaled(patches(np.uint8).array[:50])
    assert np.array_equal(seen, denoiser.corrupted(patches(np.uint8).array[:50]))
    assert 0.005 < ((seen - clean) ** 2).mean() < 0.03
    assert denoiser.metrics["held_out"]["pca_mse"] < ((seen - clean) ** 2).mean()
    assert denoiser.metrics["held_out"]["surrogate_ratio"] is None
    assert denoiser.evidence.codes is None
    assert denoiser.evidence.best.seen.dtype == np.uint8
