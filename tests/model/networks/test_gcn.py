from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Domain
from narrows.data.graphs.propagation import propagation
from narrows.model.build import build
from narrows.model.networks.gcn import GcnDecoder, GcnEncoder
from tests.samples import communities

GRAPH = communities(30)
CONTEXT = {"propagation": propagation(GRAPH["edges"], 30, torch.float32)}
S = CONTEXT["propagation"].to_dense()


def test_a_layer_is_a_product_with_the_adjacency() -> None:
    encoder, x = GcnEncoder(Domain((40,), linked=True), width=5), torch.as_tensor(GRAPH["x"])
    expected = S @ torch.relu(S @ encoder.project(x))
    assert torch.allclose(encoder(x, CONTEXT).h, expected, atol=1e-6)


def test_nodes_without_features_have_weights_of_their_own() -> None:
    encoder = GcnEncoder(Domain((1,), linked=True, nodes=30), width=5)
    assert sum(p.numel() for p in encoder.parameters()) == 150
    h = encoder(torch.ones(30, 1), CONTEXT).h
    assert len(torch.unique(h, dim=0)) > 20


def test_the_decoder_leaves_codes_as_they_are() -> None:
    z = torch.rand(4, 3)
    assert GcnDecoder((3,), (40,))(z, (), {}) is z
    with pytest.raises(InputError, match="flat codes"):
        GcnDecoder((3, 2), (40,))


def test_graphs_and_other_data_need_parts_of_their_own() -> None:
    spec = {
        "encoder": {"name": "gcn"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    with pytest.raises(InputError, match="The network 'gcn' is for graphs"):
        build(spec, Domain((40,)))
    with pytest.raises(InputError, match="A graph is learned by its edges, which the loss 'squared'"):
        build(spec, Domain((40,), linked=True))
    with pytest.raises(InputError, match="The loss 'edges' is for graphs"):
        build({**spec, "loss": {"name": "edges"}}, Domain((40,)))
