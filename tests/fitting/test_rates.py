"""A model whose code is rounded is judged by bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.doctor.runs import examine
from narrows.evaluation.rates import OURS
from narrows.evaluation.verdict import Verdict
from narrows.fitting import assess, rates
from narrows.report.page import documents
from narrows.runs.run import Run
from tests.samples import DIGITS

PIXELS = (DIGITS * 15).astype(np.uint8)


def fitted(values: Any) -> Run:
    small: dict[str, Any] = {
        "encoder": {"hidden": 16},
        "bottleneck": {"hidden": 16},
        "training": {"epochs": 4, "batch_size": 32, "least_steps": 0},
    }
    return Autoencoder(None, recipe="compression", random_state=0, **small).fit(values).run_


@pytest.fixture(scope="module")
def digits() -> Run:
    with pytest.MonkeyPatch.context() as patch:
        # A second training would be for surrogate data.
        patch.delattr(assess, "surrogate_ratio")
        return fitted(PIXELS[:700])


def test_the_verdict_is_about_bytes(digits: Run) -> None:
    found = Verdict.from_metrics(digits.metrics).rates
    assert found is not None
    assert found.n == found.groups == len(digits.evidence.rows)
    assert {"JPEG", "PCA codes", OURS} <= {*found.bits, *found.left_out}
    assert list(found.psnr) == sorted(found.psnr)
    assert all(name in found.bits for name in found.best)
    assert found.ratio_ci95 is not None
    assert found.ratio is not None
    assert found.ratio_ci95[0] < found.ratio < found.ratio_ci95[1]


def test_the_page_and_the_card_show_bits_and_no_bars_of_errors(digits: Run) -> None:
    made = documents(digits)
    assert 'class="bars"' not in made["report.html"]
    assert "Bits per pixel at the PSNRs that the model reaches" in made["report.html"]
    assert "| dB | this model |" in made["README.md"]
    assert "New examples" not in made["report.html"]


def test_the_doctor_asks_no_smaller_code_of_it(digits: Run) -> None:
    names = {finding.name for finding in examine(digits)}
    assert not names & {"noise is reproduced", "copied dimensions", "underfitting", "overfitting"}


def test_shown_reconstructions_are_of_rounded_codes(digits: Run) -> None:
    best, worst = digits.evidence.best, digits.evidence.worst
    errors = [np.mean((each.originals.astype(float) - each.reconstructions) ** 2) for each in (best, worst)]
    assert 0 < errors[0] < errors[1]


def test_other_data_than_8_bits_are_compared_with_codes_of_pca() -> None:
    found = Verdict.from_metrics(fitted(DIGITS[:300] / 16).metrics).rates
    assert found is not None
    assert set(found.bits) == {OURS, "PCA codes"}
    assert found.yardstick == "PCA codes"


def test_what_is_measured_is_bounded_and_evenly_spaced() -> None:
    found = rates.chosen(10_000, 64 * 64)
    assert len(found) == rates.MOST_VALUES // 64**2
    assert (found[0], found[-1]) == (0, 9_999)
    assert np.ptp(np.diff(found)) <= 1
    assert len(rates.chosen(50, 10**7)) == rates.FEWEST
    assert rates.chosen(7, 100).tolist() == [*range(7)]
