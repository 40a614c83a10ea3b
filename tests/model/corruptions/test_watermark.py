from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.model.corruptions import Watermark


def test_a_watermark_is_somewhere_and_lets_the_image_through() -> None:
    domain = Domain((3, 40, 60))
    mark = Watermark(domain, text="Ab", width=0.5, opacity=(0.4, 0.6))
    x = torch.full((200, 3, 40, 60), 0.25)
    marked = mark.corrupt(x)
    changed = marked != x
    alpha = (marked - x) / (1 - x)
    peaks = alpha.amax((1, 2, 3))
    assert ((peaks > 0.3) & (peaks < 0.6001)).all()
    assert peaks.std() > 0.03
    wide = changed[:, 0].any(1)
    assert (wide.sum(1) - 30).abs().max() <= 2
    first = wide.float().argmax(1)
    assert first.min() == 0
    assert first.max() >= 28
    torch.testing.assert_close(alpha[:, 0], alpha[:, 2])


def test_a_watermark_may_be_an_image_by_its_brightness_or_its_alpha(tmp_path: Path) -> None:
    cross = np.zeros((8, 8), np.uint8)
    cross[3:5] = cross[:, 3:5] = 255
    Image.fromarray(cross).save(tmp_path / "grey.png")
    clear = np.dstack([255 - cross, cross, cross, cross])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    x = torch.zeros(1, 1, 8, 8)
    for name in ("grey.png", "clear.png"):
        mark = Watermark(Domain((1, 8, 8)), image=str(tmp_path / name), width=1.0, opacity=(1.0, 1.0))
        torch.testing.assert_close(mark.corrupt(x)[0, 0], torch.as_tensor(cross / 255).float())
    with pytest.raises(InputError, match="does not exist"):
        Watermark(Domain((1, 8, 8)), image=str(tmp_path / "none.png")).corrupt(x)
