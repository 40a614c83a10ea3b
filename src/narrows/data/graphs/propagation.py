"""The matrix along which messages pass between the nodes of a graph, and the edges that training hides."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from narrows.core.records import Context
from narrows.data.columns import Array
from narrows.data.graphs.edges import Pairs

HIDDEN = 0.15
"""The share of the training edges that is hidden in an epoch, and predicted from the others."""

PREDICTED = 50_000
"""Hidden edges that are predicted in an epoch, at the most; for more, walks between their ends take long."""


def normalised_adjacency(edges: Pairs, n: int) -> sparse.csr_matrix:
    """S = D^(-1/2) (A + I) D^(-1/2) of `n` nodes, D the sums of the rows of A + I (Kipf & Welling 2017)."""
    near = adjacency(edges, n) + sparse.eye(n, format="csr")
    shares = sparse.diags(1 / np.sqrt(np.asarray(near.sum(axis=1)).ravel()))
    return (shares @ near @ shares).tocsr()


def adjacency(edges: Pairs, n: int) -> sparse.csr_matrix:
    """A, 1 at each of `edges (m, 2)` in both directions, of `n` nodes."""
    rows, columns = np.concatenate([edges, edges[:, ::-1]]).T
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))


def propagation(edges: Array, n: int, dtype: torch.dtype) -> Tensor:
    """S as a sparse tensor `(n, n)` of `dtype`."""
    s = normalised_adjacency(edges, n)
    starts, columns = (torch.as_tensor(each, dtype=torch.int64) for each in (s.indptr, s.indices))
    values = torch.as_tensor(s.data, dtype=dtype)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(starts, columns, values, size=(n, n), check_invariants=True)


def as_tensors(arrays: Mapping[str, Array], n: int, dtype: torch.dtype) -> Context:
    """The pairs of `n` nodes in a source as tensors, with S of the `edges`."""
    pairs = {name: torch.as_tensor(value) for name, value in arrays.items()}
    return {**pairs, "propagation": propagation(arrays["edges"], n, dtype)}


def hiding(edges: Pairs, n: int, dtype: torch.dtype) -> Callable[[], Context]:
    """A function that hides other `edges` at each call, by torch's global random numbers.

    An edge along which messages pass makes its ends alike, so that it is easy to predict; a model that was
    trained on such edges only does worse on others.

    Returns:
        Of the context: `positive`, the hidden edges or `PREDICTED` of them, S of the others, and all `known`
        edges.
    """

    def hide() -> Context:
        hidden = torch.rand(len(edges)) < HIDDEN
        hidden[torch.randint(len(edges), ())] = True
        positive = torch.as_tensor(edges[hidden.numpy()])
        if len(positive) > PREDICTED:
            positive = positive[torch.randperm(len(positive))[:PREDICTED]]
        s = propagation(edges[~hidden.numpy()], n, dtype)
        return {"known": torch.as_tensor(edges), "positive": positive, "propagation": s}

    return hide
