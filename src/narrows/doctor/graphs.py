"""Checks of one graph: its edges, the nodes without them, its components, and its features."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from narrows.core.errors import InputError, few
from narrows.core.findings import Finding, percent
from narrows.core.memory import free_memory, in_words, machine_memory
from narrows.data.columns import Array
from narrows.data.graphs.edges import Edges
from narrows.data.graphs.propagation import adjacency
from narrows.doctor import values
from narrows.doctor.case import DataCase
from narrows.doctor.rows import REPEATED
from narrows.evaluation.verdict import FEWEST
from narrows.fitting.memory import LIBRARIES

ALONE = 0.1
"""The share of nodes without edges from which on it is a warning."""

MAIN = 0.5
"""The share of the nodes with edges that the largest component has at the least, else it is a warning."""

REPEATS = 0.95
"""The rank correlation of a feature with the number of neighbours from which on it repeats it."""

COLUMNS = 256
"""Features that are compared at a time."""

OF_FEATURES, OF_EDGES = 40, 250
"""Bytes that a fit holds for a feature of a node, and for an edge: measured on citation and made graphs."""


def edges_of(case: DataCase) -> Edges:
    """The edges of the graph."""
    assert case.whole.edges is not None
    return case.whole.edges


def has_features(case: DataCase) -> bool:
    """Whether the nodes have features."""
    return not case.data.schema.domain(case.choice.scaling).nodes


def check_edges(case: DataCase) -> Finding:
    """Whether there are enough edges to train, choose and judge."""
    edges = edges_of(case)
    try:
        held_out = case.whole.parts(0).held_out
    except InputError as error:
        return Finding("number of edges", "error", str(error), "Gather more of them.")
    assert held_out is not None
    text = f"{len(held_out):,} edges of {len(edges.pairs):,} will be held out"
    if len(held_out) >= FEWEST:
        return Finding("number of edges", "info", f"{text} for the verdict.")
    advice = "A model can be fitted all the same, but the verdict needs more edges."
    return Finding("number of edges", "warning", f"{text}, but a verdict needs {FEWEST}.", advice)


def check_isolated(case: DataCase) -> Finding | None:
    """Whether nodes have no edge."""
    edges = edges_of(case)
    if not edges.isolated:
        return None
    share = edges.isolated / edges.n
    text = f"{edges.isolated:,} of {edges.n:,} nodes ({percent(share)}) have no edge"
    known = "their features alone give their codes" if has_features(case) else "nothing tells them apart"
    if share < ALONE:
        return Finding("isolated nodes", "info", f"{text}: {known}.")
    advice = "Leave them out if they are of no interest, and look whether their edges were read."
    return Finding("isolated nodes", "warning", f"{text}: {known}.", advice)


def check_components(case: DataCase) -> Finding | None:
    """Whether the nodes with edges fall into several components, none of which has most of them."""
    edges = edges_of(case)
    _, component = connected_components(adjacency(edges.pairs, edges.n), directed=False)
    sizes = np.bincount(component)
    sizes = sizes[sizes > 1]
    if len(sizes) == 1:
        return None
    share = float(sizes.max() / sizes.sum())
    text = (
        f"The nodes with edges fall into {len(sizes):,} components that no edge joins; the largest has "
        f"{percent(share)} of them."
    )
    if share >= MAIN:
        return Finding("components", "info", text)
    advice = "If each is a graph of its own, give them as several graphs; between them no edge can be judged."
    return Finding("components", "warning", text, advice)


def check_repeated(case: DataCase) -> Finding | None:
    """Whether nodes have the same features and the same neighbours as an earlier one."""
    pairs = list(repeated(case))
    if not pairs:
        return None
    n, (one, other) = len(case.data), pairs[0]
    text = (
        f"{percent(len(pairs) / n)} of the nodes ({len(pairs):,}) have the same neighbours and features as "
        f"an earlier one, as node {other} as node {one}, counted from 0."
    )
    if len(pairs) < REPEATED * n or not has_features(case):
        return Finding("repeated nodes", "info", text)
    advice = "Merge them if each pair is one node; an edge of one tells that of the other, which is held out."
    return Finding("repeated nodes", "warning", text, advice)


def repeated(case: DataCase) -> Iterator[tuple[int, int]]:
    """The numbers of each node with edges that equals an earlier one, the earlier one's first."""
    edges, first = edges_of(case), dict[bytes, int]()
    a = adjacency(edges.pairs, edges.n)
    a.sort_indices()
    for i, row in enumerate(case.data.array):
        neighbours = a.indices[a.indptr[i] : a.indptr[i + 1]]
        if len(neighbours):
            key = hashlib.blake2b(neighbours.tobytes() + b"|" + row.tobytes(), digest_size=16).digest()
            earlier = first.setdefault(key, i)
            if earlier != i:
                yield earlier, i


def check_constant(case: DataCase) -> Finding | None:
    """Whether features never change, of nodes that have them."""
    return values.check_constant(case) if has_features(case) else None


def check_degree(case: DataCase) -> Finding | None:
    """Whether features repeat the number of neighbours, which counts the held-out edges."""
    if not has_features(case):
        return None
    edges = edges_of(case)
    found = correlations(case.values, np.bincount(edges.pairs.ravel(), minlength=edges.n))
    telling = np.flatnonzero(np.abs(found) >= REPEATS)
    if not len(telling):
        return None
    names = case.data.schema.value_names or [str(k) for k in range(len(found))]
    text = (
        f"{few([f'{names[k]} ({found[k]:+.3f})' for k in telling])}: features that repeat the number of "
        f"neighbours of a node, with this rank correlation; they count the held-out edges, so that the "
        f"verdict is too good."
    )
    return Finding("features tell edges", "warning", text, "Leave them out of the features.")


def correlations(features: Array, degrees: Array) -> Array:
    """Spearman's correlation of each column of `features (n, k)` with `degrees (n,)`, `(k,)`.

    It is 0 for features that never change.
    """
    ranks = rankdata(degrees) - (len(degrees) + 1) / 2
    parts = [features[:, first : first + COLUMNS] for first in range(0, features.shape[1], COLUMNS)]
    found = []
    for part in parts:
        own = rankdata(part, axis=0) - (len(part) + 1) / 2
        scale = np.sqrt((own**2).sum(axis=0) * (ranks**2).sum())
        found.append(ranks @ own / np.maximum(scale, 1e-12))
    return np.concatenate(found)


def check_memory(case: DataCase) -> Finding:
    """Whether the graph and its training fit into the machine's memory."""
    numbers, edges = case.data.array.size, len(edges_of(case).pairs)
    weights = sum(each.numel() for each in case.objective.parameters())
    needed = LIBRARIES + OF_FEATURES * numbers + OF_EDGES * edges + 16 * weights
    text = (
        f"A fit takes about {in_words(needed)}: {in_words(LIBRARIES)} for libraries, {weights:,} weights, "
        f"{numbers:,} features in all, and {edges:,} edges."
    )
    there = machine_memory()
    if needed <= there / 2 and needed - LIBRARIES <= free_memory():
        return Finding("memory needed", "info", text)
    advice = "Take fewer features, or a part of the graph."
    return Finding("memory needed", "warning", f"{text} This machine has {in_words(there)}.", advice)
