from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.corruptions import CORRUPTIONS

COLOUR = Domain((3, 12, 10))


RGB = torch.rand(6, 3, 12, 10, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("grey", {}, "is for images"),
        ("downsample", {}, "is for images"),
        ("watermark", {}, "is for images"),
        ("mask", {"form": "rectangle"}, "is for images"),
        ("watermark", {"opacity": (0.9, 0.1)}, "'opacity'"),
        ("watermark", {"opacity": (0.9,)}, "a minimum and a maximum"),
        ("watermark", {"text": "  "}, "no visible letters"),
    ],
)
def test_what_a_corruption_cannot_do_is_said(name: str, options: dict[str, Any], message: str) -> None:
    domain = Domain((9,)) if "images" in message else Domain((1, 8, 8))
    with pytest.raises(InputError, match=message):
        CORRUPTIONS[name](domain, **options).corrupt(torch.zeros(1, *domain.shape))


def test_what_is_shown_has_the_shape_and_type_of_the_data() -> None:
    for corruption in CORRUPTIONS.values():
        for dtype in (torch.float32, torch.float64):
            x = RGB.to(dtype)
            seen = corruption(COLOUR).corrupt(x)
            assert (seen.shape, seen.dtype) == (x.shape, dtype), corruption
            agreed = corruption(COLOUR).agree(seen, seen)
            assert (agreed.shape, agreed.dtype) == (x.shape, dtype), corruption


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_was_not_observed_is_hidden_and_does_not_count(name: str) -> None:
    corruption = CORRUPTIONS[name](COLOUR)
    x = torch.rand(4, *COLOUR.shape)
    mask = torch.rand_like(x) < 0.5
    seen = corruption(Batch(x, mask))
    assert not seen.x[~mask].any()
    assert seen.counted is not None
    assert not (seen.counted & ~mask).any()
    assert corruption.blind or (torch.equal(seen.target, x) and seen.counted is mask)
    assert corruption.blind or corruption(Batch(x)).counted is None
