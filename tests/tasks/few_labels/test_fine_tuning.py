from __future__ import annotations

import numpy as np
import torch

from narrows.tasks.few_labels.fine_tuning import draw, moved

RNG = np.random.default_rng(0)


def test_images_move_by_whole_pixels_and_repeat_their_edge() -> None:
    x = torch.arange(36.0).reshape(1, 1, 6, 6).repeat(200, 1, 1, 1)
    torch.manual_seed(0)
    found = moved(x, 1)
    differences = {float((a - b)[0, 2, 2]) for a, b in zip(found, x, strict=True)}
    assert differences == {-7.0, -6.0, -5.0, -1.0, 0.0, 1.0, 5.0, 6.0, 7.0}
    assert set(found[:, 0, 0, 0].tolist()) <= {0.0, 1.0, 6.0, 7.0}


def test_draws_are_even() -> None:
    counts = torch.bincount(draw(torch.arange(7), 30), minlength=7)
    assert counts.sum() == 30
    assert counts.max() - counts.min() == 1
    assert len(draw(torch.arange(0), 0)) == 0
