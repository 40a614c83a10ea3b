from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.data.graphs.propagation import propagation
from narrows.model.build import build
from narrows.model.networks.sgc import SgcDecoder, SgcEncoder
from narrows.model.principal import begin
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


def test_nodes_without_features_are_refused() -> None:
    with pytest.raises(InputError, match="'sgc' is for nodes with features"):
        SgcEncoder(Domain((1,), linked=True, nodes=30))


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
