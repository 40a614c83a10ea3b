from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Features
from narrows.model.bottlenecks.topk import TopK


def test_topk_keeps_the_largest_and_nothing_else() -> None:
    torch.manual_seed(0)
    bottleneck, h = TopK((7,), 8, k=3), torch.randn(20, 7)
    code = bottleneck(Features(h), {}, sample=True)
    whole = bottleneck.project(h)
    assert ((code.z[0] != 0).sum(1) == 3).all()
    kept = code.z[0] != 0
    assert torch.equal(code.z[0][kept], whole[kept])
    smallest_kept = whole.abs().where(kept, torch.inf).amin(1)
    assert (smallest_kept >= whole.abs().where(~kept, 0).amax(1)).all()
    assert TopK((7,), 8).k == 2
    with pytest.raises(InputError, match="between 1 and 8"):
        TopK((7,), 8, k=9)
