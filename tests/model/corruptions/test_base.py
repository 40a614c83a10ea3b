from __future__ import annotations

import torch

from narrows.core.records import Batch, Domain
from narrows.model.build import build

DOMAIN = Domain((1, 40, 40), -1.0, 2.0)


X = torch.rand(50, 1, 40, 40) - 0.2


def test_denoising_sees_noise_and_is_compared_with_the_clean_target() -> None:
    spec = {
        "corruption": {"name": "gaussian", "std": 0.5},
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    objective = build(spec, DOMAIN)
    for mode in (True, False):
        costs, trace = objective.train(mode).traced(Batch(X))
        assert torch.equal(trace.x, X)
        assert abs((trace.seen - X).std() - 0.5) < 0.01
        expected = (trace.y[0] - X).square().flatten(1).sum(1)
        torch.testing.assert_close(costs.parts["reconstruction"].value[0], expected)
