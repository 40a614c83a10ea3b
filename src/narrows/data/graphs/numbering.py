"""How the nodes of graphs were numbered and called as they came, and graphs with these numbers again.

A model has the nodes of a graph in canonical order. What it makes of them is written in the order in which
they came; nodes beyond those that came are behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.files import new_file
from narrows.data.columns import Array

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """The nodes of one graph as they came.

    Attributes:
        order: their numbers in canonical order.
        names: of the nodes, in the order of their numbers; empty if they have none.
    """

    order: Index
    names: tuple[str, ...] = ()

    def name(self, number: int) -> str:
        """The name of a node; one that did not come is called new."""
        if number >= len(self.order):
            return f"new {number - len(self.order)}"
        return self.names[number] if self.names else str(number)


class Found(NamedTuple):
    """A graph that a model made, its nodes in the order in which they came.

    Attributes:
        edges: pairs of nodes `(m, 2)`, by their places in `features`.
        features: `(n, features)`; no columns for nodes without.
        numbers: of the nodes as they came, `(n,)`; from their count on those of new nodes.
    """

    edges: Array
    features: Array
    numbers: Index


def found_graph(example: Array, features: int, order: Index | None = None) -> Found:
    """The graph in an example `(nodes, features + nodes)`.

    Args:
        example: in canonical order; NaN for nodes that are not there.
        features: their number.
        order: the numbers of its nodes as they came, in canonical order; None keeps the canonical one.
    """
    n = int((~np.isnan(example[:, features])).sum())
    came = np.arange(n) if order is None else np.concatenate([order, np.arange(len(order), n)])[:n]
    places = np.argsort(came, kind="stable")
    near = example[:n, features : features + n][np.ix_(places, places)]
    return Found(np.argwhere(np.triu(near, 1) > 0), example[:n, :features][places], came[places])


def as_arrays(found: Found, names: Numbering | None = None) -> dict[str, Array]:
    """A graph as arrays by name: `edges`, `num_nodes`, its features `x`, and `ids` of nodes that came."""
    arrays = {"edges": found.edges, "num_nodes": np.array(len(found.features))}
    if found.features.shape[1]:
        arrays["x"] = found.features
    if names is not None:
        arrays["ids"] = np.array([names.name(int(number)) for number in found.numbers])
    return arrays


def write_graphs(
    examples: Array,
    features: int,
    target: Path,
    numberings: Sequence[Numbering] = (),
    ids: Sequence[str] = (),
) -> None:
    """Write graphs as one `.npz` archive of arrays, which `narrows` reads.

    The arrays are `edges`, with nodes numbered over all graphs, `sizes`, the number of nodes of each graph,
    `x`, their features, and of nodes that came `ids`; `graphs` are the names of the graphs.
    """
    known: Sequence[Numbering | None] = numberings or [None] * len(examples)
    orders = [None if each is None else each.order for each in known]
    found = [found_graph(each, features, order) for each, order in zip(examples, orders, strict=True)]
    sizes = np.array([len(each.features) for each in found])
    starts = np.cumsum([0, *sizes[:-1]])
    parts = [as_arrays(each, names) for each, names in zip(found, known, strict=True)]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name in STACKED}
    arrays["edges"] = np.concatenate([each.edges + start for each, start in zip(found, starts, strict=True)])
    arrays |= {"sizes": sizes, **({"graphs": np.array(ids)} if ids else {})}
    with new_file(target) as part, part.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


STACKED = ("x", "ids")
"""Arrays of a graph that have a row for each node."""
