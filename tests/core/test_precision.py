from __future__ import annotations

import torch

from narrows.core.precision import unrounded


def test_products_are_not_rounded() -> None:
    a, b = torch.rand(8, 8), torch.rand(8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        assert (a @ b).dtype == torch.bfloat16
        with unrounded(a):
            assert (a @ b).dtype == torch.float32
        assert (a @ b).dtype == torch.bfloat16
    with unrounded(a):
        assert torch.equal(a @ b, a @ b)
