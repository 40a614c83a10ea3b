"""The nodes of one graph, with features `(nodes, features)` or without, and its edges; judged by edges.

An example is a node, and all nodes are used at once, because messages pass along the edges. Nodes without
features are told apart by their place in the graph that a model was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.records import Context, Domain
from narrows.data.columns import Array
from narrows.data.graphs.feature_columns import FeatureColumns
from narrows.data.graphs.propagation import as_tensors, hiding
from narrows.data.kinds.node_scales import node_scaling
from narrows.data.scaling import Choice, Scaling
from narrows.data.schema import Schema


@dataclass(frozen=True)
class NodeSchema(Schema):
    """Nodes: `(features,)` in the model's layout; an offset and a scale for each feature.

    Attributes:
        nodes: of a graph without features the number of its nodes; else 0.
        feature_names: of each feature; empty if they have none.
        feature_columns: of a table, that the features are made of; None for other features.
    """

    kind: ClassVar[str] = "nodes"
    noun: ClassVar[str] = "node"
    value_noun: ClassVar[str] = "feature"
    array_axes: ClassVar[str] = "(nodes, features) beside their edges"
    judged_by: ClassVar[Literal["values", "edges"]] = "edges"
    of_graphs: ClassVar[bool] = True
    has_pca: ClassVar[bool] = False
    has_surrogate: ClassVar[bool] = False

    nodes: int = 0
    feature_names: tuple[str, ...] = ()
    feature_columns: FeatureColumns | None = None

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        # Runs of earlier versions have neither names nor columns of features.
        names, known = tuple(record.get("feature_names", ())), record.get("feature_columns")
        columns = None if known is None else FeatureColumns.from_json(known)
        return super().from_json({**record, "feature_names": names, "feature_columns": columns})

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 1:
            raise InputError(
                f"Each node has one row of features, but the features of one node here have shape "
                f"{show(shape)}."
            )
        return "F"

    def check_itself(self) -> None:
        super().check_itself()
        if type(self.nodes) is not int or not 0 <= self.nodes < 10**9:
            raise InputError(f"No graph has {self.nodes!r} nodes.")
        if len(self.feature_names) not in (0, *self.shape):
            raise InputError(
                f"{len(self.feature_names):,} names of features do not match the {self.shape[0]:,} features."
            )
        if self.feature_columns is not None and self.feature_columns.names != self.feature_names:
            raise InputError("The names of features are not those of the columns that they are made of.")

    @property
    def value_names(self) -> tuple[str, ...]:
        return self.feature_names

    def to_model(self, values: Tensor) -> Tensor:
        return values

    def from_model(self, values: Tensor) -> Tensor:
        return values

    def check(self, values: Array) -> None:
        if self.nodes and len(values) != self.nodes:
            raise InputError(
                f"The model was fitted to one graph of {self.nodes:,} nodes without features, which it tells "
                f"apart by their place; it cannot take another graph, here of {len(values):,} nodes."
            )
        super().check(values)

    def check_training(self, values: Array, name: str) -> None:
        """Nothing is refused: there are edges to learn from, whatever the features."""

    def network(self) -> dict[str, Any]:
        return {"name": "sgc", "radius": 1.0} if self.nodes else {"name": "sgc"}

    def usual_code_size(self, n: int, regularised: bool) -> int:
        """An eighth of the number of nodes, from 2 to 16: codes stand for edges, not for features."""
        return min(16, max(2, n // 8))

    def by_part(self, amounts: Array) -> Array:
        return amounts

    def scaling_for(self, values: Array) -> Choice:
        """By rarity for words, which most nodes have not; else by standard deviation."""
        return node_scaling(values.astype(np.float64), self.dtype, alone=bool(self.nodes))

    def context_of(self, arrays: Mapping[str, Array], n: int, dtype: torch.dtype) -> Context:
        if "edges" not in arrays:
            raise InputError(
                "The nodes of a graph come with its edges, not as an array of features; give the graph as it "
                "was given to fit."
            )
        return as_tensors(arrays, n, dtype)

    def training_context(
        self, arrays: Mapping[str, Array], n: int, dtype: torch.dtype
    ) -> Callable[[], Context]:
        """A function that hides other edges in each epoch; see `narrows.data.graphs.propagation.hiding`."""
        return hiding(arrays["edges"], n, dtype)

    def training(self, n: int) -> dict[str, Any]:
        """All nodes are one batch, so that an epoch is one step.

        With features steps are small, as larger ones overfit a projection of many features that begins with
        principal directions.
        """
        return {"epochs": 50, "learning_rate": 2e-2 if self.nodes else 2e-3, "batch_size": n, "patience": 50}

    def domain(self, scaling: Scaling) -> Domain:
        return replace(super().domain(scaling), linked=True, nodes=self.nodes)
