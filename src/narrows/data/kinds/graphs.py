"""Many small graphs, as lists of graphs or files of several, with features of their nodes or without.

The nodes of a graph are put in an order that does not depend on how they were numbered; see
`narrows.data.graphs.order`. A graph is then an array `(nodes, features + nodes)`: the features of each node,
and 1 where an edge joins it to another one. Rows of nodes that a smaller graph has not are NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot, pad

from narrows.core.errors import InputError, show
from narrows.core.records import Domain, ModelColumn
from narrows.data.columns import Array, Column
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.kinds.column_scales import bent, scale_columns
from narrows.data.kinds.statistics import heavy_tails
from narrows.data.scaling import NAMES, Choice, Scaling
from narrows.data.schema import Schema


class Feature(NamedTuple):
    """Features of a node that belong together.

    Attributes:
        nature: "number", "boolean", or "category" of several that are 1 for one of the levels and else 0.
        width: how many they are.
    """

    nature: str
    width: int


@dataclass(frozen=True)
class GraphSchema(Schema):
    """Graphs: in the model's layout flat, as `narrows.model.networks.gin` says.

    Attributes:
        features: what the features of a node are, in their order.
        feature_names: of each feature; empty if they have none.
        feature_columns: of a table, that the features are made of; None for other features.
    """

    kind: ClassVar[str] = "graphs"
    noun: ClassVar[str] = "graph"
    array_axes: ClassVar[str] = "as a list of graphs"
    holds_nan: ClassVar[bool] = True
    of_graphs: ClassVar[bool] = True

    features: tuple[Feature, ...] = ()
    feature_names: tuple[str, ...] = ()
    feature_columns: FeatureColumns | None = None

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        raise InputError(
            "Graphs have edges, which an array does not; give a list of graphs, or a file that holds several."
        )

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 2 or shape[0] > shape[1]:
            raise InputError(f"No graph is an array of shape {show(shape)}.")
        return "NV"

    def check_itself(self) -> None:
        super().check_itself()
        known = all(f.nature in NATURES and type(f.width) is int and f.width > 0 for f in self.features)
        if not known or sum(feature.width for feature in self.features) != self.values:
            raise InputError(f"The features of a node do not match the shape {self.shape}.")
        if len(self.feature_names) not in (0, self.values):
            raise InputError(
                f"{len(self.feature_names):,} names of features do not match the {self.values:,} features."
            )

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        known, names = record.get("feature_columns"), tuple(record.get("feature_names", ()))
        columns = None if known is None else FeatureColumns.from_json(known)
        features = tuple(Feature(*feature) for feature in record["features"])
        changed = {"features": features, "feature_names": names, "feature_columns": columns}
        return super().from_json({**record, **changed})

    @property
    def nodes(self) -> int:
        """How many nodes a graph has at the most."""
        return self.shape[0]

    @property
    def values(self) -> int:
        """How many features a node has."""
        return self.shape[1] - self.shape[0]

    @property
    def model_shape(self) -> tuple[int, ...]:
        return (self.nodes * (self.values + 1) + self.nodes * (self.nodes - 1) // 2,)

    @property
    def forms(self) -> tuple[str, ...]:
        return ("graphs",)

    @property
    def extent(self) -> str:
        return f"up to {self.nodes} nodes" + (f" with {self.values} features" if self.values else "")

    def to_model(self, values: Tensor) -> Tensor:
        """Features, each of all nodes; whether a node is there; whether an edge joins a pair."""
        near = values[:, :, self.values :]
        i, j = torch.tril_indices(self.nodes, self.nodes, -1, device=values.device)
        there = (~near[:, :, 0].isnan()).to(values.dtype)  # every graph has a first node
        return torch.cat(
            [values[:, :, : self.values].transpose(1, 2).flatten(1), there, near[:, i, j]], dim=1
        )

    def from_model(self, values: Tensor) -> Tensor:
        """Nodes that are likely there, their features, and as many edges as are likely, the likeliest ones.

        A boolean is rounded, and a category becomes its likeliest level.
        """
        n, size = self.nodes, self.nodes * self.values
        features = torch.unflatten(values[:, :size], 1, (self.values, n)).transpose(1, 2)
        count = (values[:, size : size + n] >= 0.5).sum(dim=1, keepdim=True).clamp(min=1)
        there = torch.arange(n, device=values.device) < count
        near = self._joined(values[:, size + n :], there)
        found = torch.cat([self._levels(features), near], dim=2)
        return torch.where(there[:, :, None], found, torch.nan)

    def _levels(self, features: Tensor) -> Tensor:
        """Features `(batch, nodes, values)` as they can be."""
        pieces = torch.split(features, [feature.width for feature in self.features], dim=2)
        made = [NATURES[f.nature](piece) for f, piece in zip(self.features, pieces, strict=True)]
        return torch.cat(made, dim=2) if made else features

    def _joined(self, pairs: Tensor, there: Tensor) -> Tensor:
        """The adjacency `(batch, nodes, nodes)` of the likeliest of `pairs (batch, pairs)` with both ends."""
        i, j = torch.tril_indices(self.nodes, self.nodes, -1, device=pairs.device)
        likely = torch.where(there[:, i], pairs, 0.0)  # j < i, and the nodes that are there come first
        rank = likely.sort(dim=1, descending=True).indices.sort(dim=1).indices
        kept = (rank < likely.sum(dim=1, keepdim=True).round()) & (likely > 0)
        places = torch.full((self.nodes, self.nodes), len(i), device=pairs.device)
        places[i, j] = places[j, i] = torch.arange(len(i), device=pairs.device)
        joined = pad(kept.to(pairs.dtype), (0, 1)).index_select(1, places.flatten())
        return torch.unflatten(joined, 1, (self.nodes, self.nodes))

    def check_training(self, values: Array, name: str) -> None:
        if len(values) > 1 and ((values == values[0]) | np.isnan(values)).all():
            raise InputError(f"All graphs of {name} are the same: there is nothing to learn.")

    def network(self) -> dict[str, Any]:
        return {"name": "gin"}

    def training(self, n: int) -> dict[str, Any]:
        """Fewer epochs than usual: the network begins below the error of principal components."""
        return {"epochs": max(10, min(40, 60_000 // n))}

    def by_part(self, amounts: Array) -> Array:
        """Amounts as examples have their values, `(n, nodes, features + nodes)`.

        Those of a pair are shared by its two places, and those of a node's presence are on the diagonal.
        """
        n, size = self.nodes, self.nodes * self.values
        near = np.zeros((len(amounts), n, n))
        i, j = np.tril_indices(n, -1)
        near[:, i, j] = near[:, j, i] = amounts[:, size + n :] / 2
        near[:, np.arange(n), np.arange(n)] = amounts[:, size : size + n]
        features = np.swapaxes(amounts[:, :size].reshape(len(amounts), self.values, n), 1, 2)
        return np.concatenate([features, near], axis=2)

    def missing(self, values: Array) -> tuple[NDArray[np.bool_], int]:
        """Nothing is missing: NaN is what a smaller graph has not."""
        return np.zeros(values.shape, dtype=np.bool_), values.size

    def scaling_for(self, values: Array) -> Choice:
        """An offset and a scale for each feature that is a number; the rest is 0 or 1."""
        why = ("Whether a node is there and whether an edge joins two: 0 and 1, Bernoulli loss.",)
        if not self.values:
            return Choice(for_slots([], values.shape[1], self.dtype), "none", why)
        size = self.nodes * self.values
        columns = np.moveaxis(values[:, :size].reshape(-1, self.values, self.nodes), 1, 2)
        x = columns.reshape(-1, self.values).astype(np.float64)
        x = x[~np.isnan(x).any(axis=1)]
        number = np.repeat([f.nature == "number" for f in self.features], [f.width for f in self.features])
        heavy = number & heavy_tails(x)
        scaling = scale_columns("mixed", x, bent(x, heavy), self.dtype, unscaled=~number)
        whole = for_slots([scaling] * self.nodes, values.shape[1] - size, self.dtype)
        return Choice(whole, "standard", (*self._why(number, heavy), *why))

    def _why(self, number: NDArray[np.bool_], heavy: NDArray[np.bool_]) -> list[str]:
        """The reasons for the scaling of the features."""
        why = []
        if number.any():
            tails = f", {heavy.sum()} of them after arsinh because of heavy tails" * bool(heavy.any())
            why.append(
                f"Features that are numbers ({number.sum()}): each is standardised to mean 0 and standard "
                f"deviation 1 over all nodes{tails}, squared loss."
            )
        booleans = sum(f.width for f in self.features if f.nature == "boolean")
        if booleans:
            why.append(f"Features that are 0 or 1 ({booleans}): left as they are, Bernoulli loss.")
        widths = [str(f.width) for f in self.features if f.nature == "category"]
        if widths:
            why.append(f"Features of which one is 1 ({', '.join(widths)}): a category, softmax loss.")
        return why

    def domain(self, scaling: Scaling) -> Domain:
        n = self.nodes
        each = [
            ModelColumn(f.nature, f.width, n)
            if f.nature == "category"
            else ModelColumn(f.nature, f.width * n)
            for f in self.features
        ]
        rest = ModelColumn("boolean", n + n * (n - 1) // 2)
        return replace(super().domain(scaling), columns=(*each, rest), slots=(n, self.values))


def for_slots(each: Sequence[Scaling], rest: int, dtype: str) -> Scaling:
    """The scaling of flat graphs: the features, each of all nodes, and `rest` values of 0 or 1.

    Args:
        each: the scaling of the features, once for each node; none for nodes without features.
        rest: how many values follow.
        dtype: of the values as they came.
    """
    usual = {"scale": 1.0, "ceiling": 1.0}
    arrays = {}
    for name in NAMES:
        features = [getattr(scaling, name).numpy() for scaling in each]
        beside = np.full(rest, usual.get(name, 0.0))
        arrays[name] = np.concatenate([np.stack(features, axis=1).ravel(), beside]) if each else beside
    low, high = min([0.0, *(s.low for s in each)]), max([1.0, *(s.high for s in each)])
    return Scaling("mixed", **arrays, low=low, high=high, dtype=dtype, unit=1.0)  # type: ignore[arg-type]


def likeliest(levels: Tensor) -> Tensor:
    """One-hot `levels (…, width)`: 1 for the greatest."""
    return one_hot(levels.argmax(dim=-1), levels.shape[-1]).to(levels.dtype)


NATURES = {
    "number": lambda x: x,
    "boolean": lambda x: (x >= 0.5).to(x.dtype),
    "category": likeliest,
}
"""By nature, the function from likely features `(…, width)` to possible ones."""


def natures(x: Array) -> tuple[Feature, ...]:
    """What the features `x (nodes, features)` are.

    Columns of 0 and 1 that follow each other are a category if exactly one of them is 1 in each row.
    """
    binary = ((x == 0) | (x == 1)).all(axis=0)
    found: list[Feature] = []
    start = 0
    while start < x.shape[1]:
        width = levels_from(x[:, start:], binary[start:]) if binary[start] else 0
        nature = "category" if width else "boolean" if binary[start] else "number"
        width = width or 1
        if found and nature != "category" and found[-1].nature == nature:
            found[-1] = Feature(nature, found[-1].width + width)
        else:
            found.append(Feature(nature, width))
        start += width
    return tuple(found)


def levels_from(x: Array, binary: Array) -> int:
    """How many of the first columns of `x` are a category together; 0 if they are none."""
    total = np.zeros(len(x))
    for width, column in enumerate(x.T[: len(binary) if binary.all() else int((~binary).argmax())], 1):
        total += column
        if total.max() > 1:
            return 0
        if total.min() == 1:
            return width if width > 1 else 0
    return 0
