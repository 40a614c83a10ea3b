from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.reproduce.lab import Lab
from narrows.reproduce.sharif import ENTRIES, FEWER, basis, checkerboard, contrasted, largest_angle


def test_a_checkerboard_is_at_the_highest_frequency_and_a_slope_is_not() -> None:
    board = np.indices((28, 28)).sum(0)[None] % 2
    slope = np.linspace(0, 1, 28)[None, :, None] * np.ones((1, 28, 28))
    assert checkerboard(board.astype(float)) > 0.9
    assert checkerboard(slope) < 1e-3


def test_rows_are_contrasted_around_grey() -> None:
    rows = np.zeros((2, 784))
    rows[0, :2], rows[1, 5] = (-2.0, 1.0), 1e-6
    found = contrasted(rows).reshape(2, 784)
    assert found[0, :3].tolist() == [0.0, 0.75, 0.5]
    assert found[1, 5] == 1.0


def test_the_angle_is_0_for_the_components_themselves(lab: Lab) -> None:
    run = lab.fit("linear", latent_dim=2, overrides=FEWER)
    before = largest_angle(lab, run, 2)
    np.testing.assert_allclose(basis(run).T @ basis(run), np.eye(2), atol=1e-12)
    weight = run.model.decoder.project.weight  # type: ignore[union-attr]
    kept = weight.detach().clone()
    directions = lab.pca(lab.digits, 2)[0].directions
    try:
        turned = np.array([[1.0, 2.0], [0.0, 3.0]]) @ directions
        weight.data.copy_(torch.as_tensor(turned.T))
        assert largest_angle(lab, run, 2) < 0.05
        turned[0] = np.roll(directions[0], 7)
        weight.data.copy_(torch.as_tensor(turned.T))
        assert largest_angle(lab, run, 2) > 10
    finally:
        weight.data.copy_(kept)
    assert largest_angle(lab, run, 2) == pytest.approx(before)


@pytest.mark.parametrize("name", ["S1", "S3", "S5"])
def test_each_has_numbers_and_a_sentence(name: str, lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == name).measure(lab)
    assert finding.checks
    assert finding.sentence.endswith(".")
    assert "nan" not in finding.sentence.lower()
    assert finding.measured
    assert np.isfinite(list(finding.measured.values())).all()
