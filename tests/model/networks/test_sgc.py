from __future__ import annotations

import pytest
import torch

from narrows.core.records import Batch, Domain
from narrows.data.graphs.propagation import propagation
from narrows.model.build import build
from narrows.model.networks.sgc import SgcDecoder, SgcEncoder
from narrows.model.principal import begin
from narrows.model.spectrum import coordinates
from tests.samples import communities

GRAPH = communities(30)
CONTEXT = {"propagation": propagation(GRAPH["edges"], 30, torch.float32)}


def test_features_of_unit_length_are_smoothed() -> None:
    encoder, x = SgcEncoder(Domain((40,), linked=True), steps=2), torch.as_tensor(GRAPH["x"])
    s, unit = CONTEXT["propagation"].to_dense(), torch.nn.functional.normalize(x)
    h = encoder(x, CONTEXT).h
    assert torch.allclose(h, torch.nn.functional.normalize(s @ s @ unit), atol=1e-6)
    assert list(encoder.parameters()) == []
    assert torch.allclose(encoder(7 * x, CONTEXT).h, h, atol=1e-6)


def test_codes_are_compared_by_their_angle() -> None:
    decoder, z = SgcDecoder((3,), (40,)), torch.randn(5, 3)
    y = decoder(z, (), {})
    assert torch.allclose(y.norm(dim=1), decoder.log_length.exp().expand(5))
    assert torch.allclose(decoder(9 * z, (), {}), y, atol=1e-5)


def test_short_codes_stay_short() -> None:
    decoder, z = SgcDecoder((3,), (40,), radius=2.0), torch.tensor([[0.0, 0.0, 0.0], [0.0, 1.5, 0.0]])
    y = decoder(z.requires_grad_(), (), {})
    assert torch.allclose(y / decoder.log_length.exp(), torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.6, 0.0]]))
    y.sum().backward()
    assert z.grad is not None
    assert z.grad.isfinite().all()


def test_nodes_without_features_have_spectral_coordinates() -> None:
    encoder = SgcEncoder(Domain((1,), linked=True, nodes=30), components=3)
    h = encoder(torch.ones(30, 1), CONTEXT).h
    assert encoder.out_shape == (3,)
    assert torch.equal(h, coordinates(CONTEXT["propagation"], 3))
    assert list(encoder.state_dict()) == []  # so that it learns nothing of single nodes
    assert SgcEncoder(Domain((1,), linked=True, nodes=3)).out_shape == (2,)


def test_what_belongs_to_other_edges_is_computed_again() -> None:
    other = {"propagation": propagation(GRAPH["edges"][::2], 30, torch.float32)}
    encoder, x = SgcEncoder(Domain((40,), linked=True)), torch.as_tensor(GRAPH["x"])
    h = encoder(x, CONTEXT).h
    assert not torch.allclose(encoder(x, other).h, h)
    assert encoder(x, CONTEXT).h is h  # validation has the same edges in each epoch
    assert not torch.allclose(SgcEncoder(Domain((40,), linked=True), steps=1)(x, CONTEXT).h, h)
    assert not torch.allclose(encoder(x + 1, CONTEXT).h, h)


@pytest.mark.parametrize("bottleneck", ["plain", "gaussian"])
def test_codes_begin_with_the_principal_directions(bottleneck: str) -> None:
    spec = {
        "encoder": {"name": "sgc"},
        "bottleneck": {"name": bottleneck, "latent_dim": 4},
        "loss": {"name": "edges"},
    }
    torch.manual_seed(0)
    model = build(spec, Domain((40,), linked=True)).model
    batch = Batch(torch.as_tensor(GRAPH["x"]), context=CONTEXT)
    begin(model, batch)
    with torch.no_grad():
        h = model.encoder(batch.x, batch.context).h.double()
        z = model.encode(batch).double()
    u = torch.linalg.svd(h, full_matrices=False)[0][:, :4]
    assert torch.allclose(u @ (u.T @ z), z, atol=1e-3)
