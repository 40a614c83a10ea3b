from __future__ import annotations

from itertools import pairwise

import numpy as np

from narrows.data.datasets import load
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.report.composition import STEP, WIDEST, hourglass, layers, phrase
from narrows.runs.run import Run
from tests.samples import patches


def test_a_deep_network_is_drawn_in_few_strokes() -> None:
    how = {"encoder": {"widths": [4], "blocks": 8}, "training": {"epochs": 1}}
    deep = fit(patches(np.uint8), recipe="denoising", overrides=how)
    assert [layer.label for layer in hourglass(deep)] == ["1×32×32", "4×16×16", "4×16×16", "1×32×32"]
    assert "images of 32×32" in render(deep)


def test_labels_of_the_layers_lie_below_each_other_and_inside_the_drawing(digits_run: Run) -> None:
    drawn = hourglass(digits_run)
    assert all(later.y - layer.y >= 20 for layer, later in pairwise(drawn))
    assert max(layer.width for layer in drawn) <= WIDEST
    assert 0 < drawn[0].y < drawn[-1].y < STEP * len(drawn)


def test_an_option_that_is_left_open_is_not_named() -> None:
    assert phrase({"name": "plain", "project": "none", "latent_dim": None}) == "plain, project none"


def test_the_hourglass_has_the_sizes_of_the_layers(digits_run: Run) -> None:
    shapes = [layer.shape for layer in layers(digits_run)]
    assert shapes == [(1, 8, 8), (256,), (128,), (4,), (128,), (256,), (1, 8, 8)]
    conv = fit(load("digits"), latent_dim=3, overrides={"encoder": "conv", "training": {"epochs": 1}})
    shapes = [layer.shape for layer in layers(conv)]
    assert shapes == [(1, 8, 8), (32, 4, 4), (256,), (3,), (256,), (512,), (1, 8, 8)]
