"""Pictures of latent spaces."""

from __future__ import annotations

import numpy as np

from narrows.reproduce.code_spaces import in_space, latent_plane, throughout
from narrows.reproduce.lab import Lab, decode


def test_codes_in_space_are_one_static_drawing(lab: Lab) -> None:
    found = in_space(lab, lab.fit("y1"), "Codes of test images.")
    assert found.html.startswith("<svg")
    assert "code 3" in found.html
    assert "<script" not in found.html


def test_points_throughout_the_space_are_decoded(lab: Lab) -> None:
    run = lab.fit("p3")
    found = throughout(lab, run, side=3)
    assert found.html.startswith("<img")
    codes = run.encode(lab.digits.held_out.array)
    assert f"dimensions {' and '.join(map(str, np.argsort(-codes.var(axis=0))[:2]))}," in found.caption
    assert decode(run, np.zeros((2, codes.shape[1]), np.float32)).shape == (2, 784)


def test_decoded_points_lie_in_the_plane(lab: Lab) -> None:
    found = latent_plane(lab)
    assert found.html.count("<image") == 100
    assert "code 2" in found.html
