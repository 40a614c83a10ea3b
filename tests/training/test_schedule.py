from __future__ import annotations

import pytest
import torch

from narrows.training.schedule import OneCycle


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7, 100, 10_000])
def test_rate_and_momentum_are_those_of_torch(steps: int) -> None:
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, max(2, steps))
    ours = OneCycle(0.1, steps)
    for step in range(min(steps, 500)):
        group = optimizer.param_groups[0]
        assert ours.rate(step) == pytest.approx(group["lr"], rel=1e-9)
        assert ours.momentum(step) == pytest.approx(group["betas"][0], rel=1e-9)
        optimizer.step()
        theirs.step()
