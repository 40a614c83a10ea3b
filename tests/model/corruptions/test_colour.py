from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.model.corruptions import Grey

COLOUR = Domain((3, 12, 10))


RGB = torch.rand(6, 3, 12, 10, generator=torch.Generator().manual_seed(0))


def test_grey_is_the_luminance_of_image_files() -> None:
    pixels = (255 * RGB).byte()
    grey = Grey(COLOUR).corrupt(pixels / 255)
    files = [Image.fromarray(x.permute(1, 2, 0).contiguous().numpy()).convert("L") for x in pixels]
    exact = torch.stack([torch.as_tensor(np.array(file)) for file in files])
    assert (255 * grey - exact[:, None]).abs().max() < 1
    assert torch.equal(grey[:, 0], grey[:, 2])
    assert torch.allclose(Grey(COLOUR).corrupt(grey), grey)
    assert torch.allclose(Grey(Domain((2, 12, 10))).corrupt(RGB[:, :2])[:, 0], RGB[:, :2].mean(1))


def test_a_colouring_keeps_the_luminance_exactly() -> None:
    grey = Grey(COLOUR)
    seen, guess = grey.corrupt(RGB), torch.rand_like(RGB)
    coloured = grey.agree(guess, seen)
    torch.testing.assert_close(grey.corrupt(coloured), seen)
    torch.testing.assert_close(grey.agree(RGB, seen), RGB)
    assert not torch.allclose(coloured, seen)


def test_grey_takes_grey_images_of_one_channel_and_of_three() -> None:
    grey = Grey(COLOUR)
    assert torch.equal(grey.present(RGB[:, :1], RGB[:, :1]), RGB[:, :1].expand_as(RGB))
    assert torch.equal(grey.present(RGB, RGB), grey.corrupt(RGB))
    with pytest.raises(InputError, match="one channel"):
        Grey(Domain((1, 12, 10)))
