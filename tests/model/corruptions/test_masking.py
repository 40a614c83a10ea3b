from __future__ import annotations

import torch

from narrows.core.records import Domain
from narrows.model.corruptions import Mask

DOMAIN = Domain((1, 40, 40), -1.0, 2.0)


X = torch.rand(50, 1, 40, 40) - 0.2


def test_mask_hides_its_share() -> None:
    masked = Mask(DOMAIN, share=0.3).corrupt(X)
    hidden = masked != X
    assert abs(hidden.float().mean() - 0.3) < 0.01
    assert masked[hidden].abs().max() == 0


def test_a_rectangle_hides_its_share_in_all_channels() -> None:
    mask = Mask(Domain((3, 40, 32)), share=0.2, form="rectangle")
    x = torch.rand(300, 3, 40, 32) + 0.1
    seen = mask.corrupt(x)
    hidden = seen == 0
    assert (hidden == hidden[:, :1]).all()
    share = hidden.float().mean((1, 2, 3))
    assert (share - 0.2).abs().max() < 0.02
    rows, columns = hidden[:, 0].any(2).sum(1), hidden[:, 0].any(1).sum(1)
    assert torch.equal(rows * columns, hidden[:, 0].sum((1, 2)))
    assert hidden[:, 0].any((0, 1)).all()
    assert hidden[:, 0].any((0, 2)).all()
    assert (rows.float() / columns).min() < 0.7 < 1.5 < (rows.float() / columns).max()
    assert torch.equal(mask.agree(torch.zeros_like(x), seen), seen)
    assert torch.equal(mask.agree(x, seen), x)
