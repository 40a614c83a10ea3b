"""Circles, squares and triangles."""

from __future__ import annotations

import numpy as np

from narrows.reproduce.lab import Lab
from narrows.reproduce.toy_shapes import SIDE, gradients, shapes, toy


def test_shapes_are_centred_and_of_about_one_size_at_one_radius() -> None:
    values, kind = shapes(0, 300)
    assert values.shape == (300, SIDE, SIDE)
    assert np.bincount(kind).tolist() == [100, 100, 100]
    # A circle is the same turned by a quarter and mirrored, a square too, a triangle is mirrored only.
    assert (values[kind < 2] == np.rot90(values[kind < 2], axes=(1, 2))).all()
    assert (values == values[:, :, ::-1]).all()
    assert (values[kind == 2] != values[kind == 2][:, ::-1]).any()
    assert (values[:, 0] == 0).all()  # no shape touches the border
    assert values.max(axis=(1, 2)).min() == 255


def test_each_model_has_its_plane(lab: Lab) -> None:
    assert len(toy(0)) == 1200
    found = gradients(lab)
    assert [figure.html.count("<image") for figure in found] == [100, 100]
    assert "AE" in found[0].caption
    assert "VAE" in found[1].caption
