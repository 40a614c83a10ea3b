from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from narrows.core.errors import InputError
from narrows.model.marks import image_mark, text_mark


def test_a_text_has_no_margins_and_a_longer_one_is_wider() -> None:
    short, long = text_mark("I"), text_mark("III")
    assert long.shape[1] > short.shape[1]
    for mark in (short, long):
        assert 0 <= float(mark.min()) < 0.5 < float(mark.max()) <= 1
        assert all(line.max() > 0 for line in (mark[0], mark[-1], mark[:, 0], mark[:, -1]))


def test_a_text_without_letters_is_refused() -> None:
    with pytest.raises(InputError, match="no visible letters"):
        text_mark("  ")


def test_an_image_gives_its_alpha_channel_or_else_its_brightness(tmp_path: Path) -> None:
    pixels = np.zeros((2, 3, 4), dtype=np.uint8)
    pixels[..., 0], pixels[0, 0, 3] = 255, 255
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    Image.fromarray(pixels[..., :3]).save(tmp_path / "colour.png")
    alpha, brightness = image_mark(tmp_path / "alpha.png"), image_mark(tmp_path / "colour.png")
    assert torch.equal(alpha, torch.tensor([[1.0, 0, 0], [0, 0, 0]]))
    torch.testing.assert_close(brightness, torch.full((2, 3), 1 / 3))


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.png"):
        image_mark(tmp_path / "gone.png")
