from __future__ import annotations

import torch

from narrows.model.networks.mlp import MlpEncoder


def test_residual_layers_add_to_their_input() -> None:
    encoder = MlpEncoder((4,), widths=(6, 6), residual=True)
    with torch.no_grad():
        for p in encoder.layers[1].parameters():
            p.zero_()
    features = encoder(torch.randn(3, 4), {})
    torch.testing.assert_close(features.hidden[0], features.h)
