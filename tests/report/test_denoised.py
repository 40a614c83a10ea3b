"""Denoised images in a report."""

from __future__ import annotations

import numpy as np

from narrows.report.denoised import SHOWN, denoised, figure
from narrows.report.kinds import DRAWN
from narrows.runs.run import Run


def test_noisy_images_are_the_sum_of_the_denoised_ones_and_the_residual(denoiser: Run) -> None:
    found = denoised(denoiser)
    assert found is not None
    noisy, made, residual, uncertainty = found.lines.values()
    assert noisy.shape == (min(SHOWN, len(noisy)), *denoiser.schema.shape)
    np.testing.assert_allclose(noisy, made + residual)
    assert uncertainty.min() >= 0
    assert {"gaussian", "median", "wavelet"} <= set(found.filters)
    assert figure(found.residual).startswith("<svg")


def test_the_page_says_what_the_residual_says(denoiser: Run, digits_run: Run) -> None:
    page = DRAWN["images"].denoised_examples(denoiser)
    assert page.count("<img") == 4 * min(SHOWN, len(denoiser.evidence.median.originals))
    assert "None of this excludes that detail was invented" in page
    assert DRAWN["images"].denoised_examples(digits_run) == ""
