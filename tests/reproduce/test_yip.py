from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab, held_out_images, mse, reconstruct_images
from narrows.reproduce.yip import ENTRIES


def test_the_numbers_are_errors_on_the_test_images(lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == "Y1").measure(lab)
    x = held_out_images(lab.digits)
    assert finding.measured["test_mse"] == mse(x, reconstruct_images(lab.fit("y1"), x))
    assert finding.yardstick["pca_mse"] == lab.pca(lab.digits, 3)[1]
    assert finding.holds == (finding.measured["test_mse"] <= finding.yardstick["pca_mse"])


@pytest.mark.parametrize("name", ["Y2", "Y5"])
def test_each_has_numbers_and_a_sentence(name: str, lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == name).measure(lab)
    assert finding.checks
    assert "nan" not in finding.sentence.lower()
    assert finding.measured
    assert np.isfinite(list(finding.measured.values())).all()
