from __future__ import annotations

import torch

from narrows.core.records import Batch, Domain
from narrows.model.build import build
from narrows.model.networks.linear import LinearDecoder, LinearEncoder

SPEC = {
    "encoder": {"name": "linear"},
    "bottleneck": {"name": "plain", "latent_dim": 2},
    "loss": {"name": "squared"},
}


def test_the_encoder_lays_values_in_a_row_and_has_no_weights() -> None:
    encoder, x = LinearEncoder((2, 3, 4)), torch.randn(5, 2, 3, 4)
    assert torch.equal(encoder(x, {}).h, x.flatten(1))
    assert encoder.out_shape == (24,)
    assert list(encoder.parameters()) == []


def test_the_decoder_is_one_affine_map() -> None:
    decoder, z = LinearDecoder((3,), (2, 3, 4)), torch.randn(5, 3)
    by_hand = z @ decoder.project.weight.T + decoder.project.bias
    torch.testing.assert_close(decoder(z, (), {}), by_hand.reshape(5, 2, 3, 4))


def test_the_whole_model_is_affine() -> None:
    model = build(SPEC, Domain((6,))).model
    a, b = torch.randn(2, 4, 6)
    middle = model.reconstruct(Batch((a + b) / 2))
    torch.testing.assert_close(middle, (model.reconstruct(Batch(a)) + model.reconstruct(Batch(b))) / 2)
    centred = model.reconstruct(Batch(torch.randn(50, 6))) - model.reconstruct(Batch(torch.zeros(1, 6)))
    assert torch.linalg.matrix_rank(centred, tol=1e-4) == 2


def test_tied_weights_are_those_of_the_projection_transposed() -> None:
    model = build({**SPEC, "decoder": {"name": "linear", "tied": True}}, Domain((6,))).model
    z = torch.randn(3, 2)
    w = model.bottleneck.project.weight  # type: ignore[union-attr]
    torch.testing.assert_close(model.decode(z) - model.decode(torch.zeros(1, 2)), z @ w)
