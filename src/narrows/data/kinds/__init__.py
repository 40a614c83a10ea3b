"""The kinds of data: one file per kind, which holds everything particular to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from narrows.core.errors import InputError, show
from narrows.core.registry import lookup
from narrows.data.columns import Column
from narrows.data.kinds.graphs import GraphSchema
from narrows.data.kinds.images import ImageSchema
from narrows.data.kinds.nodes import NodeSchema
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.kinds.spectra import SpectrumSchema
from narrows.data.kinds.table import TableSchema
from narrows.data.schema import Schema
from narrows.data.sources import Values

KINDS: dict[str, type[Schema]] = {
    "images": ImageSchema,
    "table": TableSchema,
    "sequences": SequenceSchema,
    "nodes": NodeSchema,
    "spectra": SpectrumSchema,
    "graphs": GraphSchema,
}


def describe(values: Values, kind: str | None = None, columns: Sequence[str | Column] = ()) -> Schema:
    """The schema of `values (n, …)`.

    Args:
        values: at least one example.
        kind: a name in `KINDS`; inferred from the number of axes when not given.
        columns: of a table; a name stands for a column of numbers with the dtype of `values`.

    Raises:
        InputError: when `values` have no examples, or are not of the kind.
    """
    if len(values.shape) < 2:
        raise InputError(wrong_shape(values))
    if 0 in values.shape:
        raise InputError(f"The data have shape {show(values.shape)}: there is nothing in them.")
    chosen = infer(values) if kind is None else lookup("kind of data", KINDS, kind)
    return chosen.of(tuple(values.shape[1:]), values.dtype.name, columns)


def infer(values: Values) -> type[Schema]:
    """The kind of `values (n, …)`, by their number of axes.

    Raises:
        InputError: when no kind has that number.
    """
    axes = len(values.shape)
    for kind in KINDS.values():
        if axes in kind.inferred_from:
            return kind
    raise InputError(wrong_shape(values))


def wrong_shape(values: Values) -> str:
    """The message for `values` that no kind describes."""
    wanted = " or ".join(f"{name} {kind.array_axes}" for name, kind in KINDS.items())
    return f"The data have shape {show(values.shape)}; wanted is one row per example: {wanted}."


def from_json(record: Mapping[str, Any]) -> Schema:
    """The schema that `Schema.to_json` described; `record["kind"]` names its class."""
    return lookup("kind of data", KINDS, record["kind"]).from_json(record)
