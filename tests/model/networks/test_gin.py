"""Message passing inside graphs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, ModelColumn
from narrows.model.build import build
from narrows.model.networks.gin import Centre, GinEncoder, Slots, returns

NODES, VALUES = 5, 2
SIZE = NODES * (VALUES + 1) + 10
DOMAIN = Domain(
    (SIZE,), slots=(NODES, VALUES), columns=(ModelColumn("number", 10), ModelColumn("boolean", 15))
)


def flat(near: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """A flat graph of the first nodes."""
    n = len(near)
    x = torch.zeros(SIZE)
    x[: NODES * VALUES].view(VALUES, NODES)[:, :n] = features.T
    x[NODES * VALUES :][:n] = 1
    i, j = torch.tril_indices(n, n, -1)
    x[NODES * (VALUES + 1) :][: len(i)] = near[i, j]
    return x[None]


def test_slots_are_the_parts_of_a_flat_graph() -> None:
    near = torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    features = torch.arange(6.0).view(3, 2)
    found, there, adjacency = Slots((NODES, VALUES))(flat(near, features))
    assert torch.equal(found[0, :3], features)
    assert there.flatten().tolist() == [1, 1, 1, 0, 0]
    assert torch.equal(adjacency[0, :3, :3], near)
    assert not adjacency[0, 3:].any()


def test_messages_do_not_depend_on_the_order_of_nodes() -> None:
    torch.manual_seed(0)
    encoder = GinEncoder(DOMAIN).double()
    near = torch.zeros(4, 4, dtype=torch.float64)
    near[[0, 1, 1, 2], [1, 0, 2, 1]] = 1
    features, order = torch.randn(4, 2, dtype=torch.float64), torch.tensor([2, 0, 3, 1])

    def pooled(near: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        return encoder(flat(near, features).double(), {}).h[:, SIZE:]

    torch.testing.assert_close(pooled(near, features), pooled(near[order][:, order], features[order]))


def test_walks_return_in_the_ring_of_three_but_not_of_four_after_three_steps() -> None:
    ring = [torch.roll(torch.eye(n), 1, 0) + torch.roll(torch.eye(n), -1, 0) for n in (3, 4)]
    three, four = (returns(near[None] / 2)[0, 0] for near in ring)
    torch.testing.assert_close(three[:3], torch.tensor([0, 0.5, 0.25]))
    torch.testing.assert_close(four[:3], torch.tensor([0, 0.5, 0]))


@pytest.mark.parametrize("n", [1, 2])
def test_a_graph_without_edges_and_one_of_a_single_node_have_codes(n: int) -> None:
    spec = {
        "encoder": {"name": "gin"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "mixed"},
    }
    model = build(spec, DOMAIN).model
    x = flat(torch.zeros(n, n), torch.ones(n, 2))
    h = model.encoder(x, {}).h
    assert h.isfinite().all()
    assert model.decoder(model.bottleneck.project(h), (), {}).isfinite().all()


def test_the_linear_path_has_0_for_nodes_that_are_not_there() -> None:
    centre = Centre((NODES, VALUES))
    torch.nn.init.constant_(centre.mean, 3.0)
    found = centre(flat(torch.zeros(2, 2), torch.ones(2, 2)))[0]
    assert found[: NODES * VALUES].view(VALUES, NODES)[:, 2:].abs().sum() == 0
    np.testing.assert_allclose(found[: NODES * VALUES].view(VALUES, NODES)[:, :2].detach(), -2)
    assert found[NODES * (VALUES + 1) + 1 :].abs().sum() == 0


def test_the_structure_of_graphs_tells_rings_from_paths() -> None:
    torch.manual_seed(0)
    encoder = GinEncoder(DOMAIN)
    graphs = []
    for k in (3, 4, 5) * 5:
        for ring in (True, False):
            near = torch.roll(torch.eye(k), 1, 0)
            near[0, -1] = near[0, -1] if ring else 0
            graphs.append(flat((near + near.T).clamp(max=1), torch.randn(k, 2)))
    with torch.no_grad():
        begun = encoder.begin(Batch(torch.cat(graphs)))[:, SIZE:]
    assert begun.shape == (30, 2)
    rings, paths = begun[::2, 0], begun[1::2, 0]
    assert rings.max() < paths.min() or paths.max() < rings.min()


def test_other_data_are_refused() -> None:
    spec = {
        "encoder": {"name": "gin"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    with pytest.raises(InputError, match="'gin' is for examples that are graphs, but these are none"):
        build(spec, Domain((9,)))
    with pytest.raises(InputError, match="'gin' is for examples that are graphs"):
        build({**spec, "encoder": {"name": "mlp"}, "decoder": {"name": "gin"}}, Domain((9,)))
