"""A graph network beside an MLP: do messages along the edges of a graph help to predict others?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.readers import read
from narrows.fitting.fit import fit
from narrows.reproduce.findings import Check, at_least, mean_of
from narrows.reproduce.lab import Lab

NETWORKS = {
    "MLP": {"name": "mlp", "widths": [32], "activation": "relu"},
    "graph network": {"name": "gcn", "width": 32, "activation": "relu"},
}
"""They differ by the messages only: both have one hidden layer, and the angles of codes predict edges."""

ORDERS = ("true", "shuffled")

SEEDS = 5
"""Of the training and of which edges are held out; the interval is over these."""


class Links(NamedTuple):
    """The AUC of held-out edges over seeds, in a graph and in one with shuffled edges.

    Attributes:
        graph: its name and size.
        auc: by edges and network.
    """

    graph: str
    auc: Mapping[tuple[str, str], Sequence[float]]

    @property
    def medians(self) -> dict[str, float]:
        """By a name for tables."""
        return {
            f"AUC, {network}, {order} edges": float(np.median(found))
            for (order, network), found in self.auc.items()
        }

    def gains(self, order: str) -> list[float]:
        """The graph network's AUC less the MLP's, for each seed."""
        plain, own = (self.auc[order, network] for network in NETWORKS)
        return [b - a for a, b in zip(plain, own, strict=True)]

    def checks(self) -> tuple[Check, Check]:
        """That the graph network is better, and by less where the edges are shuffled."""
        ordered, shuffled = map(self.gains, ORDERS)
        name = "graph network's AUC of held-out edges less the MLP's"
        more = [a - b for a, b in zip(ordered, shuffled, strict=True)]
        return (
            at_least(name, mean_of(ordered), 0, "equal networks"),
            at_least(f"{name}, less that with shuffled edges", mean_of(more), 0, "no use of the edges"),
        )

    def told(self) -> str:
        """The AUC, for a sentence."""
        (a, b), (c, d) = (
            [float(np.mean(self.auc[order, network])) for network in NETWORKS] for order in ORDERS
        )
        return (
            f"in {self.graph}, the AUC of held-out edges is {b:.2f}, beside {a:.2f} of the MLP; with "
            f"shuffled edges {d:.2f} beside {c:.2f}"
        )


def compare_links(lab: Lab) -> Links:
    """The AUC of both networks in both graphs."""
    true = citations(lab)
    graphs = dict(zip(ORDERS, (true, shuffled(true)), strict=True))
    seeds = range(lab.seed, lab.seed + SEEDS)
    auc = {
        (order, network): [held_out_auc(lab, data, network, seed) for seed in seeds]
        for order, data in graphs.items()
        for network in NETWORKS
    }
    return Links(f"{true.name} of {len(true):,} nodes", auc)


def held_out_auc(lab: Lab, data: Data, network: str, seed: int) -> float:
    """The AUC of held-out edges by an autoencoder with this encoder; walks and degrees are left out."""
    overrides = {
        "encoder": NETWORKS[network],
        "decoder": "sgc",
        "loss": {"walks": 0},
        "training": {"epochs": lab.pick(100, 30), "learning_rate": 0.01},
    }
    run = fit(data, latent_dim=16, overrides=overrides, seed=seed)
    return float(run.metrics["held_out"]["auc"])


def citations(lab: Lab) -> Data:
    """Cora from the folder of data sets; in the quick table, or without it, a made graph."""
    file = Path(os.environ.get("NARROWS_DATA", "")).expanduser() / "graph" / "cora.npz"
    return made() if lab.quick or not file.exists() else read(file)


def made(n: int = 480) -> Data:
    """Four communities of `n` nodes, with 40 words of which few are those of a node's community."""
    rng = np.random.default_rng(0)
    group = np.arange(n) % 4
    alike = group[:, None] == group
    edges = np.argwhere(np.triu(rng.random((n, n)) < np.where(alike, 0.2, 0.01), 1))
    words = rng.random((n, 40)) < np.where(np.arange(40) % 4 == group[:, None], 0.2, 0.05)
    return as_graph(Graph(edges, words.astype(np.float32), labels=group, name="a made graph"))


def shuffled(data: Data) -> Data:
    """The same nodes with random edges; each node has about as many as before."""
    assert data.edges is not None
    ends = np.random.default_rng(0).permutation(data.edges.pairs.ravel())
    return as_graph(Graph(ends.reshape(-1, 2), data.array, name=f"{data.name}-shuffled"))
