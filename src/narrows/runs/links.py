"""The edges that a fitted model of a graph predicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Seen
from narrows.data.columns import Array
from narrows.data.graphs.edges import Pairs
from narrows.data.sources import Source
from narrows.model.build import Model
from narrows.model.losses.edges import Edges
from narrows.model.messages import as_matrix
from narrows.runs.inference import inference, precise
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

BLOCK = 2**24
"""Pairs of nodes that are scored at a time."""


class Likely(NamedTuple):
    """Pairs of nodes without an edge, the likeliest first.

    Attributes:
        pairs: `(m, 2)`.
        log_odds: of an edge, `(m,)`.
    """

    pairs: Pairs
    log_odds: NDArray[np.floating]


def log_odds(run: Run, values: Source | Scaled, pairs: Pairs) -> NDArray[np.float64]:
    """The predicted log-odds of an edge for each of the `pairs (m, 2)` of the nodes `values`, `(m,)`."""
    dtype = precise(values)
    with inference(run.model, dtype) as model:
        (batch,) = run.scaler.batches(values, getattr(torch, dtype))
        y = model(Seen.clean(run.scaler.without_constants(batch)), batch.context).y
        return edge_loss(model).log_odds(y, torch.as_tensor(pairs), batch.context)[0].double().numpy()


def edge_loss(model: Model) -> Edges:
    """The loss of a model of a graph."""
    assert isinstance(model.loss, Edges)
    return model.loss


def likeliest(run: Run, top: int) -> Likely:
    """The `top` likeliest edges that the graph of `run` does not have.

    All pairs of nodes are scored, a block of them at a time.

    Raises:
        InputError: for a run that was not fitted to a graph.
    """
    found = Likely(np.empty((0, 2), dtype=np.int64), np.empty(0))
    nodes = torch.arange(len(graph_of(run)[0]))
    for rows, odds in missing_odds(run, nodes):
        once = odds.masked_fill(nodes <= rows[:, None], -torch.inf)
        found = best_of(found, rows.numpy(), once.numpy(), top)
    return found


class Partners(NamedTuple):
    """For each of some nodes other nodes that no edge joins to it, the likeliest first.

    Attributes:
        nodes: `(k,)`.
        partners: `(k, top)`; -1 where there are fewer.
        log_odds: of an edge, `(k, top)`.
    """

    nodes: NDArray[np.int64]
    partners: NDArray[np.int64]
    log_odds: NDArray[np.floating]


def partners(run: Run, nodes: NDArray[np.int64], among: NDArray[np.int64], top: int) -> Partners:
    """The `top` likeliest partners of each of the `nodes (k,)` of the graph of `run`.

    Args:
        run: fitted to a graph.
        nodes: their numbers.
        among: the numbers of the nodes that may be partners.
        top: how many.

    Raises:
        InputError: for a run that was not fitted to a graph.
    """
    others = torch.as_tensor(among)
    best = [
        odds[:, others].topk(min(top, len(among))) for _, odds in missing_odds(run, torch.as_tensor(nodes))
    ]
    odds = torch.cat([values for values, _ in best])
    places = torch.cat([index for _, index in best])
    return Partners(nodes, torch.where(odds.isfinite(), others[places], -1).numpy(), odds.numpy())


def graph_of(run: Run) -> tuple[Array, Array]:
    """The codes of all nodes, `(n, code_size)`, and the edges, `(m, 2)`.

    Raises:
        InputError: for a run that was not fitted to a graph.
    """
    codes, edges = run.evidence.codes, run.evidence.edges
    if codes is None or edges is None:
        raise InputError(f"Likely edges are those of a graph, but this run was fitted to {run.schema.kind}.")
    return codes, edges


def missing_odds(run: Run, nodes: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Some of the `nodes (k,)` at a time, and their log-odds of an edge to all nodes, `(block, n)`.

    They are minus infinity where an edge is, and of a node with itself.
    """
    codes, edges = graph_of(run)
    n = len(codes)
    with inference(run.model) as model:
        context = run.schema.context_of({"edges": edges}, n, torch.float32)
        y = model.decoder(torch.as_tensor(codes, dtype=torch.float32), (), context).flatten(1)
        for rows in torch.split(nodes, max(1, BLOCK // n)):
            odds = edge_loss(model).all_odds(y, rows, context)
            odds[edges_of(context["propagation"], rows)] = -torch.inf
            yield rows, odds


def edges_of(s: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Where S has entries in its `rows`: at edges, and at a node with itself."""
    some = as_matrix(s)[rows.numpy()].tocoo()
    return torch.as_tensor(some.row, dtype=torch.int64), torch.as_tensor(some.col, dtype=torch.int64)


def best_of(found: Likely, rows: NDArray[np.intp], odds: NDArray[np.floating], top: int) -> Likely:
    """The `top` likeliest of those `found` and of the pairs of `rows` with all nodes, by their `odds`."""
    flat = odds.ravel()
    chosen = np.argpartition(-flat, min(top, flat.size) - 1)[:top]
    chosen = chosen[np.isfinite(flat[chosen])]
    i, j = np.unravel_index(chosen, odds.shape)
    pairs = np.concatenate([found.pairs, np.stack([rows[i], j], axis=1)])
    both = np.concatenate([found.log_odds, flat[chosen]])
    order = np.argsort(-both, kind="stable")[:top]
    return Likely(pairs[order], both[order])
