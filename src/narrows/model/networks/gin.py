"""Message passing inside each graph, for examples that are graphs.

A graph is a flat row: its nodes' features, each feature of all nodes side by side; 1 for each node that is
there; 1 for each pair of nodes that an edge joins, (1, 0), (2, 0), (2, 1), (3, 0) and so on. Beside the
messages is a linear path from these values to the code, and another one back.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Batch, Context, Domain, Features
from narrows.core.registry import within
from narrows.model.networks.base import Decoder, Encoder

WALKS = 8
"""Steps of the random walks whose probabilities to return are features of a node."""


class GinEncoder(Encoder):
    """Layers h + f(h, Σ h of the neighbours), pooled over the nodes; beside them the values.

    Nodes begin with their features, their degree, and the probabilities that a random walk is back after 1 to
    8 steps, which tell cycles apart (Dwivedi et al. 2022, "Graph neural networks with learnable structural
    and positional representations", ICLR).

    Args:
        width: channels of a node.
        layers: their number, as far as messages pass.
        hidden: units of the dense layer after pooling.
        structure: principal axes of statistics of the edges, that the linear path has beside the values.
    """

    reference = "Xu, Hu, Leskovec & Jegelka 2019. How powerful are graph neural networks? ICLR."
    linear = True

    def __init__(
        self, domain: Domain, *, width: int = 32, layers: int = 3, hidden: int = 128, structure: int = 2
    ) -> None:
        super().__init__()
        check(width, layers, hidden)
        axes = int(within("structure", structure, 0, STATISTICS))
        self.slots, (self.nodes, values) = Slots(domain.slots), domain.slots
        self.centre = Centre(domain.slots)
        self.head = nn.Linear(values + 2 + WALKS, width)
        self.layers = nn.ModuleList(Messages(width) for _ in range(layers))
        self.dense = nn.Sequential(nn.Linear(2 * width + 1, hidden), nn.SiLU())
        self.structure = Structure(axes)
        self.out_shape = (prod(domain.shape) + axes + hidden,)

    def forward(self, x: Tensor, context: Context) -> Features:
        features, there, near = self.slots(x)
        walks = walks_of(near)
        h = self.head(torch.cat([features, there, walks], dim=2))
        hidden = []
        for layer in self.layers:
            h = layer(h, near, there)
            hidden.append(h)
        count = there.sum(dim=1)
        mean, most = (h * there).sum(dim=1) / count.clamp(min=1), (h * there).amax(dim=1)
        pooled = self.dense(torch.cat([mean, most, count / self.nodes], dim=1))
        structure = self.structure(near, there, walks)
        return Features(torch.cat([self.centre(x), structure, pooled], dim=1), tuple(hidden))

    def begin(self, batch: Batch) -> Tensor:
        values = self.centre.begin(batch)
        _, there, near = self.slots(batch.x)
        return torch.cat([values, self.structure.begin(near, there, walks_of(near), values)], dim=1)


class GinDecoder(Decoder):
    """Node slots mixed with the code, each with features and presence; inner products of pairs for edges.

    Args:
        width: as for the encoder.
        hidden: as for the encoder, between the code and the nodes.
    """

    signs: Tensor
    pairs: Tensor

    def __init__(
        self, code_shape: tuple[int, ...], domain: Domain, *, width: int = 32, hidden: int = 128
    ) -> None:
        super().__init__()
        check(width, 1, hidden)
        self.nodes, self.values = domain.slots
        self.linear = nn.Linear(prod(code_shape), prod(domain.shape))
        self.spread = nn.Sequential(
            nn.Linear(prod(code_shape), hidden), nn.SiLU(), nn.Linear(hidden, 16 * self.nodes), nn.SiLU()
        )
        self.slot = nn.Linear(16, width)
        self.places = nn.Parameter(0.1 * torch.randn(self.nodes, width))
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.out = nn.Linear(width, self.values + 1 + width, bias=False)
        self.register_buffer("signs", (-1.0) ** torch.arange(width) / width**0.5, persistent=False)
        self.register_buffer("pairs", torch.tril_indices(self.nodes, self.nodes, -1), persistent=False)

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        z = z.flatten(1)
        slots = self.slot(torch.unflatten(self.spread(z), 1, (self.nodes, -1))) + self.places
        out = self.out(self.mix(slots))
        values, ends = out[..., : self.values + 1], out[..., self.values + 1 :]
        products = (ends * self.signs) @ ends.transpose(1, 2)
        i, j = self.pairs
        made = torch.cat([values.transpose(1, 2).flatten(1), products[:, i, j]], dim=1)
        linear = self.linear(z)
        return linear + functional.pad(made, (0, linear.shape[1] - made.shape[1]))

    def begin(self, weight: Tensor, bias: Tensor) -> None:
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)
        self.out.weight.zero_()


class Centre(nn.Module):
    """The values of a flat graph without their mean, 0 for nodes that are not there, `(batch, values)`."""

    owner: Tensor

    def __init__(self, slots: tuple[int, int]) -> None:
        super().__init__()
        nodes, values = slots
        self.start, self.nodes = nodes * values, nodes
        each, ends = torch.arange(nodes), torch.tril_indices(nodes, nodes, -1)[0]
        # The node without which a value is not there; a smaller graph has the first nodes.
        owner = torch.cat([each.repeat(values), torch.zeros(nodes, dtype=torch.int64), ends])
        self.register_buffer("owner", owner, persistent=False)
        self.mean = nn.Parameter(torch.zeros(len(owner)))

    def forward(self, x: Tensor) -> Tensor:
        there = x[:, self.start : self.start + self.nodes]
        return (x - self.mean) * there.index_select(1, self.owner)

    def begin(self, batch: Batch) -> Tensor:
        """Take the mean of the values of `batch` that are there; what `forward` gives for it then."""
        self.mean.copy_(batch.x.sum(0) / batch.observed().sum(0).clamp(min=1))
        centred: Tensor = self(batch.x)
        return centred


class Slots(nn.Module):
    """The parts of flat graphs: features `(batch, nodes, values)`, presence `(batch, nodes, 1)`, edges.

    These are the adjacency `(batch, nodes, nodes)`; it and presence stay between 0 and 1, noisy or not.
    """

    places: Tensor

    def __init__(self, slots: tuple[int, int]) -> None:
        super().__init__()
        self.nodes, self.values = slots
        pairs = self.nodes * (self.nodes - 1) // 2
        places = torch.full((self.nodes, self.nodes), pairs)  # of the zero behind the pairs
        i, j = torch.tril_indices(self.nodes, self.nodes, -1)
        places[i, j] = places[j, i] = torch.arange(pairs)
        self.register_buffer("places", places.flatten(), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features, there, pairs = torch.split(
            x, [self.nodes * self.values, self.nodes, x.shape[1] - self.nodes * (self.values + 1)], dim=1
        )
        near = functional.pad(pairs.clamp(0, 1), (0, 1)).index_select(1, self.places)
        values = torch.unflatten(features, 1, (self.values, self.nodes)).transpose(1, 2)
        return values, there.clamp(0, 1)[..., None], torch.unflatten(near, 1, (self.nodes, self.nodes))


class Messages(nn.Module):
    """h + W₂ silu(W₁ [u(h), Σ u(h) of the neighbours, and their mean]), u the normalisation of a node."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Sequential(nn.Linear(3 * width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, h: Tensor, near: Tensor, there: Tensor) -> Tensor:
        seen = self.norm(h) * there
        around = near @ seen
        mean = around / near.sum(dim=2, keepdim=True).clamp(min=1)
        return h + self.mix(torch.cat([seen, around / 2, mean], dim=2))


DEGREES = 6
"""Degrees from 0 whose shares of the nodes are among the statistics of a graph."""

STATISTICS = 2 * (1 + WALKS) + DEGREES
"""How many statistics of a graph there are."""


class Structure(nn.Module):
    """The first principal axes of statistics of the edges of each graph, `(batch, axes)`.

    The statistics are the mean and the standard deviation over the nodes of the logarithm of their degree and
    of the probabilities that a random walk returns, and the shares of nodes of low degrees. A linear path
    that begins at principal components hardly keeps them, since they are the sums of many values; yet they
    tell families of graphs apart. The variance along an axis begins as large as that of the values along
    their first one.
    """

    shift: Tensor
    axes: Tensor

    def __init__(self, axes: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(STATISTICS))
        self.register_buffer("axes", torch.eye(STATISTICS, axes))

    def forward(self, near: Tensor, there: Tensor, walks: Tensor) -> Tensor:
        return (statistics(near, there, walks) - self.shift) @ self.axes

    def begin(self, near: Tensor, there: Tensor, walks: Tensor, values: Tensor) -> Tensor:
        """Take the axes of these graphs, scaled by `values (batch, values)`; what `forward` gives then."""
        found = statistics(near, there, walks)
        self.shift.copy_(found.mean(0))
        deviation = found.std(0, correction=0)
        scale = torch.where(deviation > 1e-4, 1 / deviation.clamp(min=1e-4), 0.0)
        centred = (found - self.shift) * scale
        _, lengths, axes = torch.linalg.svd(centred, full_matrices=False)
        used = min(self.axes.shape[1], int((lengths > 1e-3).sum()))
        self.axes.zero_()
        largest = torch.linalg.matrix_norm(values, 2)
        self.axes[:, :used] = scale[:, None] * axes[:used].T * largest / lengths[:used]
        return self(near, there, walks)


def statistics(near: Tensor, there: Tensor, walks: Tensor) -> Tensor:
    """The statistics of graphs, not scaled; see `Structure`."""
    count = there.sum(dim=1).clamp(min=1)
    mean = (walks * there).sum(dim=1) / count
    spread = (((walks - mean[:, None]) ** 2 * there).sum(dim=1) / count + 1e-6).sqrt()
    degrees = torch.arange(DEGREES, device=near.device, dtype=near.dtype)
    alike = torch.exp(-((near.sum(dim=2, keepdim=True) - degrees) ** 2))
    return torch.cat([mean, spread, (alike * there).sum(dim=1) / count], dim=1)


def walks_of(near: Tensor) -> Tensor:
    """Of each node the logarithm of its degree, and the probabilities that a random walk returns.

    Args:
        near: `(batch, nodes, nodes)`.

    Returns:
        `(batch, nodes, 1 + WALKS)`.
    """
    degree = near.sum(dim=2, keepdim=True)
    return torch.cat([torch.log1p(degree.clamp(min=0)), returns(near / degree.clamp(min=1))], dim=2)


def returns(steps: Tensor) -> Tensor:
    """The diagonals of the powers 1 to `WALKS` of `steps (batch, nodes, nodes)`, `(batch, nodes, WALKS)`."""
    power, found = steps, []
    for _ in range(WALKS):
        found.append(power.diagonal(dim1=1, dim2=2))
        power = power @ steps
    return torch.stack(found, dim=2)


def check(width: int, layers: int, hidden: int) -> None:
    """Refuse impossible sizes."""
    for name, value, most in (("width", width, 4096), ("layers", layers, 100), ("hidden", hidden, 65536)):
        within(name, value, 1, most)
