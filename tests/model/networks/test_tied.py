from __future__ import annotations

import pytest
import torch
from torch import nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import Model, build


def mlp(**decoder: object) -> Model:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "mlp", "widths": [9, 5]},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "decoder": {"name": "mlp", **decoder},
        "loss": {"name": "squared"},
    }
    return build(spec, Domain((7,))).model


def test_tied_weights_are_the_encoders_transposed() -> None:
    model, free = mlp(tied=True), mlp()
    matrices = 7 * 9 + 9 * 5 + 5 * 2
    assert sum(p.numel() for p in model.parameters()) == sum(p.numel() for p in free.parameters()) - matrices
    assert not [name for name in model.state_dict() if name.startswith("decoder") and name.endswith("weight")]
    x = torch.randn(4, 7)
    first = model.reconstruct(Batch(x))
    with torch.no_grad():
        model.encoder.layers[0][0].weight.mul_(2)  # type: ignore[index, union-attr, operator]
    z = model.encode(Batch(x))
    w = [layer[0].weight for layer in model.encoder.layers]  # type: ignore[union-attr, index]
    act = nn.SiLU()
    by_hand = act(act(z @ model.bottleneck.project.weight) @ w[1]) @ w[0]  # type: ignore[operator]
    torch.testing.assert_close(model.reconstruct(Batch(x)), by_hand)
    assert not torch.allclose(first, by_hand)


def test_tied_weights_need_a_mirror() -> None:
    with pytest.raises(InputError, match="mirrors the encoder layer by layer"):
        mlp(tied=True, widths=[4])
