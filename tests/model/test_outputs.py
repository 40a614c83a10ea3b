from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Seen
from narrows.model.build import build
from tests.model.networks.test_unet import unet


def test_a_residual_output_is_what_was_seen_and_a_correction() -> None:
    model = unet((1, 16, 16), (4,), 1, 2)
    for parameter in model.decoder.parameters():
        parameter.data.zero_()
    x = torch.rand(3, 1, 16, 16)
    assert torch.equal(model.reconstruct(Batch(x)), x)
    noisy = x + 1
    assert torch.equal(model(Seen(noisy, x), {}).y[0], noisy)


@pytest.mark.parametrize("loss", ["bernoulli", "poisson"])
def test_a_residual_output_wants_a_loss_that_reads_it_as_values(loss: str) -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "output": {"name": "residual"},
        "loss": {"name": loss},
    }
    with pytest.raises(InputError, match=r"output\.name=direct"):
        build(spec, Domain((4,)))
